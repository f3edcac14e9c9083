"""`./cityops import`: what a person sees, and what stands on disk afterwards."""

import gzip
from pathlib import Path

import msgspec
import pytest

from cli.main import run
from tests.datasets import dataset

WEEK = "773869,767541\n64.375,0\n10,NaN\n"


def write(folder: Path, name: str, content: str) -> str:
    path = folder / name
    path.write_text(content, encoding="utf-8", newline="")
    return str(path)


def test_it_writes_events_and_says_what_was_assumed_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    week, out = write(tmp_path, "week.csv", WEEK), tmp_path / "events.jsonl.gz"
    assert run(["import", "metr-la", week, "-o", str(out)]) == 0
    sources = [msgspec.json.decode(line)["source"] for line in gzip.decompress(out.read_bytes()).splitlines()]
    assert sources == ["metr-la/773869"] * 2
    said = capsys.readouterr().err
    assert "4 readings: 2 events, 2 left out" in said
    assert "America/Los_Angeles" in said
    assert "mph" in said
    assert f"1 zero-is-missing (first: {week} line 2, metr-la/767541: '0')" in said
    assert "1 not-a-number" in said


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    week = write(tmp_path, "week.csv", WEEK)
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        assert run(["import", "metr-la", week, "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "content", "code", "complaint"),
    [
        (["nosuch"], WEEK, 2, "no feed 'nosuch'; there are: metr-la, nab"),
        (["metr-la"], "", 1, "is empty"),
        (["metr-la"], "timestamp,value\n", 1, "no sensor id"),
        (["metr-la"], "1,2\n0,NaN\n", 1, "nothing to import: 1 zero-is-missing, 1 not-a-number"),
        (["metr-la"], "1,2\n", 1, "nothing to import: the files hold no readings"),
        (["metr-la", "--unit", "knots"], WEEK, 2, "--unit 'knots'"),
        (["metr-la", "--length-m", "5"], WEEK, 2, "--length-m means nothing"),
        (["nab"], WEEK, 2, "file names say what they hold"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_no_file(
    *,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    content: str,
    code: int,
    complaint: str,
) -> None:
    week = write(tmp_path, "week.csv", content)
    assert run(["import", *arguments, week, "-o", str(tmp_path / "events.jsonl")]) == code
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["week.csv"]


def test_a_missing_file_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "metr-la", str(tmp_path / "none.csv"), "-o", str(tmp_path / "x.jsonl")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_truncated_gzip_is_one_line_and_leaves_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{value},{value}\n" for value in range(1, 60)) * 2_000
    (tmp_path / "week.csv.gz").write_bytes(gzip.compress(f"1,2\n{rows}".encode())[:2_000])
    assert run(["import", "metr-la", str(tmp_path / "week.csv.gz"), "-o", str(tmp_path / "x.jsonl")]) == 1
    assert "cut short" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["week.csv.gz"]


@pytest.mark.dataset
def test_the_real_week_is_imported_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    week = dataset("traffic", "metr_la_week_speed_mph.csv.gz")
    assert run(["import", "metr-la", str(week), "-o", str(tmp_path / "la.jsonl.gz")]) == 0
    assert "417,312 readings: 417,312 events, 0 left out" in capsys.readouterr().err
