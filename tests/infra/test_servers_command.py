from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cli.main import run
from infra.native.influxdb import InfluxDB
from infra.native.kafka import Kafka
from tests.servers import needs

if TYPE_CHECKING:
    from pathlib import Path


def test_status_names_what_is_not_installed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["servers", "status", "--data-dir", str(tmp_path), "--cache", str(tmp_path / "cache")]) == 0
    assert capsys.readouterr().out == "kafka     not installed\ninfluxdb  not installed\n"


def test_stopping_what_does_not_run_is_no_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["servers", "stop", "kafka", "--data-dir", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "kafka     was not running\n"


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["start", "kafka", "--cache", "CACHE"], 1, "run `./cityops servers install kafka`"),
        (["start", "--port", "9092"], 2, "--port needs the server it is for"),
        (["start", "kafka", "--port", "70000"], 2, "Invalid value for '--port'"),
        (["install", "nats"], 2, "'nats' is not one of"),
        (["paint"], 2, "No such command 'paint'"),
        ([], 2, "Missing command"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, complaint: str
) -> None:
    given = [str(tmp_path / "cache") if argument == "CACHE" else argument for argument in arguments]
    assert run(["servers", *given]) == code
    told = capsys.readouterr().err
    assert complaint in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("server", ["kafka", "influxdb"])
def test_a_missing_tool_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", "")
    assert run(["servers", "install", server, "--cache", str(tmp_path / "cache")]) == 1
    told = capsys.readouterr().err
    assert "apt-get install" in told
    assert told.count("\n") == 1
    assert not list((tmp_path / "cache").glob(".building-*"))


@pytest.mark.live
def test_a_server_is_started_shown_and_stopped_by_separate_commands(tmp_path: Path) -> None:
    needs(Kafka)
    needs(InfluxDB)

    def servers(*arguments: str) -> str:
        command = [sys.executable, "-m", "cli.main", "servers", *arguments, "--data-dir", str(tmp_path)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout

    home = tmp_path / "servers" / "influxdb"
    started = servers("start", "influxdb", "--port", "0")
    try:
        assert started.startswith("influxdb  running  pid ")
        assert started.endswith(f"  {InfluxDB(home).url}  org cityops  token in {home / 'token'}\n")
        assert servers("status") == f"kafka     stopped\n{started}"
        assert servers("start", "influxdb") == started
    finally:
        stopped = servers("stop")
    assert stopped == "kafka     was not running\ninfluxdb  stopped\n"
    assert servers("status") == "kafka     stopped\ninfluxdb  stopped\n"
