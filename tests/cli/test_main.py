from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cli import main
from tests.cli.conftest import ROOT, cityops, fails, own_environment

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {
    "aiohttp",
    "aiokafka",
    "city.catalogue",
    "confluent_kafka",
    "duckdb",
    "embedded",
    "faust",
    "grafana_foundation_sdk",
    "influxdb_client",
    "kafka",
    "lark",
    "msgspec",
    "pydantic",
    "rich",
    "stream_app",
    "typer",
}


def loaded_after(script: str) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", f"import sys\n{script}\nprint(*sys.modules, file=sys.stderr)"],
        env=own_environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(result.stderr.split())


def test_help_imports_nothing_heavy() -> None:
    loaded = loaded_after("from cli.main import run\nassert run(['--help']) == 0")
    assert "cli.main" in loaded
    assert not loaded & HEAVY


def test_help_of_one_command_does_not_import_what_the_command_needs() -> None:
    loaded = loaded_after("from cli.main import run\nassert run(['up', '--help']) == 0")
    assert "cli.up" in loaded
    assert not loaded & (HEAVY - {"typer", "rich", "pydantic"})


def test_help_names_every_command_there_is(tmp_path: Path) -> None:
    result = cityops("--help", cwd=tmp_path)
    assert result.returncode == 0
    listed = {line.split()[0] for line in result.stdout.splitlines() if line.startswith("  ")}
    files = {path.stem.removesuffix("_").replace("_", "-") for path in (ROOT / "cli").glob("[a-z]*.py")}
    there = {name for name in main.COMMANDS if name in files}
    assert listed == there
    assert {"up", "test", "settings", "query", "reset"} <= listed


@pytest.mark.parametrize("name", ["up", "settings", "query", "reset"])
def test_each_command_has_help(name: str, tmp_path: Path) -> None:
    result = cityops(name, "--help", cwd=tmp_path, environment={"NO_COLOR": "1"})
    assert result.returncode == 0
    assert f"cityops {name}" in result.stdout
    assert "--data-dir" in result.stdout


def test_no_command_is_a_usage_error_that_shows_the_commands(tmp_path: Path) -> None:
    result = cityops(cwd=tmp_path)
    assert result.returncode == 2
    assert "Commands:" in result.stdout


def test_the_version_is_that_of_the_project(tmp_path: Path) -> None:
    assert cityops("--version", cwd=tmp_path).stdout == "cityops 0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("qurey",), ["no command 'qurey'", "did you mean 'query'"]),
        (("xyz",), ["no command 'xyz'", "--help"]),
        (("query",), ["INFLUXQL", "cityops query --help"]),
        (("query", "x", "--from"), ["--from"]),
        (("query", "x", "--format", "xml"), ["xml", "table"]),
        (("up", "--rate", "fast"), ["--rate", "valid number"]),
        (("up", "--rate", "-1"), ["rate = -1.0", "greater than or equal to 0"]),
        (("up", "--rate", "nan"), ["rate = nan"]),
        (("up", "--rate", "1e9"), ["the embedded broker's log holds", "--broker"]),
        (("up", "--for", "ever"), ["'ever' is no duration"]),
        (("up", "--broker", "localhost"), ["no address; write HOST:PORT"]),
        (("up", "--store-port", "0"), ["store_port = 0"]),
        (("reset",), ["say --yes"]),
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_2(
    arguments: tuple[str, ...], words: list[str], tmp_path: Path
) -> None:
    fails(cityops(*arguments, cwd=tmp_path), 2, *words)
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_a_setting_nobody_knows_is_one_line_and_exit_2(tmp_path: Path) -> None:
    fails(cityops("settings", cwd=tmp_path, environment={"CITYOPS_RAET": "1"}), 2, "CITYOPS_RAET", "CITYOPS_RATE")


def test_settings_are_plain_lines_where_there_is_no_terminal(tmp_path: Path) -> None:
    result = cityops("settings", cwd=tmp_path, environment={"CITYOPS_RATE": "7"})
    assert result.returncode == 0
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert ["rate", "7.0", "CITYOPS_RATE"] in [row[:3] for row in rows]
    assert all(len(row) == 4 and row[3] for row in rows)


def test_a_fault_of_ours_is_one_line_and_the_traceback_is_in_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(_: object) -> int:
        raise ZeroDivisionError("by\nnought")

    monkeypatch.setattr(main, "_dispatch", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main.run(["up"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("cityops: a fault of cityops itself: ZeroDivisionError: by nought (traceback: ")
    assert said.count("\n") == 1
    (kept,) = tmp_path.iterdir()
    assert str(kept) in said
    assert "Traceback" in kept.read_text()


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OSError(28, "No space left on device", "out.jsonl"), 1, "cityops: out.jsonl: No space left on device\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_a_full_disk_is_one_line_and_an_interrupt_none(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> int:
        raise error

    monkeypatch.setattr(main, "_dispatch", broken)
    assert main.run(["up"]) == code
    assert capsys.readouterr().err == said


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "settings"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **own_environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == 1
    assert said == b""


def test_an_interrupt_ends_a_command_quietly_with_130(tmp_path: Path) -> None:
    script = (
        "import os, signal, typer, cli.main as main\n"
        "app = typer.Typer()\n"
        "@app.command()\n"
        f"def wait() -> None: os.kill(os.getpid(), {int(signal.SIGINT)})\n"
        "main.load_app = lambda name: app\n"
        "raise SystemExit(main.run(['query']))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=own_environment(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (result.returncode, result.stderr) == (130, b"")


@pytest.mark.parametrize(
    ("redirection", "code", "said"), [(">/dev/full", 1, "cityops: No space left on device\n"), (">&-", 0, "")]
)
def test_a_full_or_closed_output_is_no_traceback(redirection: str, code: int, said: str, tmp_path: Path) -> None:
    result = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m cli.main settings {redirection}'],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **own_environment()},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (result.returncode, result.stderr) == (code, said)
