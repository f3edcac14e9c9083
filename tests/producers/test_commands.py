from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from city.event import encode
from city.instant import NS
from cli.main import run
from producers.files import read
from tests.producers.doubles import START, event

if TYPE_CHECKING:
    from pathlib import Path

MORNING = ("--from", "2026-11-20T07:00:00+07:00", "--for", "30s", "--rate", "20")


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No city runs here."""
    monkeypatch.setenv("CITYOPS_DATA_DIR", str(tmp_path / "nobody"))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.jsonl"
    path.write_bytes(b"".join(encode(event(n, heard=START + n * NS)) + b"\n" for n in range(50)))
    return path


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    one, two, other = (tmp_path / f"{name}.jsonl.gz" for name in ("one", "two", "other"))
    assert run(["simulate", *MORNING, "--seed", "5", "-o", str(one)]) == 0
    assert run(["simulate", *MORNING, "--seed", "5", "-o", str(two)]) == 0
    assert run(["simulate", *MORNING, "--seed", "6", "-o", str(other)]) == 0
    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes() != other.read_bytes()
    assert 400 < len(list(read(one))) < 800


def test_a_scenario_changes_what_is_said(tmp_path: Path) -> None:
    plain, flood = tmp_path / "plain.jsonl", tmp_path / "flood.jsonl"
    assert run(["simulate", *MORNING, "-o", str(plain)]) == 0
    assert run(["simulate", *MORNING, "--scenario", "flood-rush-hour", "-o", str(flood)]) == 0
    assert plain.read_bytes() != flood.read_bytes()


def test_check_is_silent_about_a_good_file_but_for_its_counts(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(good)]) == 0
    assert capsys.readouterr().out == "lines=50 events=50 ticks=0 wrong=0\n"


def test_check_shows_at_most_so_many_faults_and_counts_all(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with good.open("ab") as file:
        file.write(b"{\n" * 9)
    assert run(["check", str(good), "--limit", "2"]) == 1
    out = capsys.readouterr().out.splitlines()
    assert [line.startswith(f"{good}:5{n}: not-json: ") for n, line in enumerate(out[:2], start=1)] == [True, True]
    assert out[2:] == ["… and 7 more (--limit)", "lines=59 events=50 ticks=0 wrong=9 not-json=9"]


def test_inject_writes_the_worse_file_and_never_touches_the_first(good: Path, tmp_path: Path) -> None:
    before = good.read_bytes()
    worse = tmp_path / "worse.jsonl"
    assert run(["inject", str(good), "duplicate=1", "--seed", "4", "-o", str(worse)]) == 0
    assert good.read_bytes() == before
    assert len(worse.read_bytes().splitlines()) == 100


def test_a_file_can_be_made_worse_in_its_own_place(good: Path) -> None:
    assert run(["inject", str(good), "poison=1", "-o", str(good)]) == 0
    assert len(list(read(good))) == 100


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["check", "{tmp}/nope"], 2, "there is no such file"),
        (["check", "{tmp}"], 2, "is a folder"),
        (["check", "{tmp}/empty"], 1, "is empty"),
        (["check", "{tmp}/cut.gz"], 1, "is cut short"),
        (["check", "{tmp}/good.jsonl", "--limit", "-1"], 2, "--limit"),
        (["inject", "{tmp}/good.jsonl", "late=2", "-o", "{tmp}/x"], 2, "a rate is a number from 0 to 1"),
        (["inject", "{tmp}/good.jsonl", "late=1", "-o", "{tmp}/no/x"], 2, "there is no folder"),
        (["inject", "{tmp}/good.jsonl", "late=1", "-o", "{tmp}/empty/x"], 2, "is a file, not a folder"),
        (["inject", "{tmp}/good.jsonl", "gap=1", "-o", "{tmp}/x"], 1, "good.jsonl: no event of it is left"),
        (["inject", "{tmp}/empty", "late=1", "-o", "{tmp}/x"], 1, "empty: no event of it is left, or there was none"),
        (["inject", "{tmp}/back.jsonl", "late=1", "-o", "{tmp}/x"], 1, "back.jsonl: line 2 was heard at"),
        (["truth", "{tmp}/empty"], 1, "empty: is empty"),
        (["truth", "{tmp}/back.jsonl"], 1, "back.jsonl: line 2"),
        (["truth", "{tmp}/poison", "--compare"], 1, "there is nothing to compare (rejected:"),
        (["truth", "-"], 2, "cannot read standard input"),
        (["inject", "{tmp}/cut.gz", "late=0.5", "-o", "{tmp}/x"], 1, "is cut short"),
        (["simulate", "weather"], 2, "no domain 'weather'"),
        (["simulate", "--from", "yesterday"], 2, "not an RFC 3339 time"),
        (["simulate", "--for", "long"], 2, "is no duration"),
        (["simulate", "--rate", "nan", "-o", "{tmp}/x"], 2, "rate"),
        (["simulate", "--from", "2250-01-01T00:00:00Z", "--for", "9999d", "-o", "{tmp}/x"], 2, "time ends"),
        (["simulate", "--scenario", "nope", "-o", "{tmp}/x"], 2, "no scenario 'nope'"),
        (["simulate", "--live", "-o", "{tmp}/x"], 2, "leave --from and -o away"),
        (["simulate", "--live", "--broker", "127.0.0.1:9"], 1, "no Kafka answers at 127.0.0.1:9"),
        (["replay", "{tmp}/good.jsonl"], 1, "no city runs on"),
        (["replay", "{tmp}/good.jsonl", "--broker", "127.0.0.1:9"], 1, "no Kafka answers at 127.0.0.1:9"),
        (["replay", "{tmp}/good.jsonl", "--speed", "fast"], 2, "--speed fast"),
        (["replay", "{tmp}/good.jsonl", "--speed", "-1"], 2, "--speed -1"),
        (["replay", "-", "--broker", "127.0.0.1:9"], 2, "cannot read standard input"),
        (["replay", "{tmp}/cut.gz", "--broker", "127.0.0.1:9"], 1, "is cut short"),
        (["replay", "{tmp}/nope", "--broker", "127.0.0.1:9"], 2, "there is no such file"),
        (["replay", "{tmp}/good.jsonl", "{tmp}/nope"], 2, "there is no such file"),
        (["replay", "{tmp}/empty", "--broker", "127.0.0.1:9"], 1, "there is nothing to replay"),
        (["record", "{tmp}/x", "--for", "1s"], 1, "no city runs on"),
        (["record", "{tmp}/x", "--for", "-1"], 2, "is no duration"),
    ],
)
def test_a_mistake_is_one_clear_line_and_leaves_nothing_behind(
    good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, arguments: list[str], code: int, says: str
) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "poison").write_bytes(b'{"log": 1}\n\xff\n')
    (tmp_path / "back.jsonl").write_bytes(b"".join(encode(event(n, heard=START - n * NS)) + b"\n" for n in range(2)))
    whole = gzip.compress(b"".join(encode(event(n, heard=START + n * NS)) + b"\n" for n in range(2_000)))
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) // 2])
    before = sorted(tmp_path.iterdir())
    assert run([argument.format(tmp=tmp_path) for argument in arguments]) == code
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert said.startswith("cityops: ")
    assert sorted(tmp_path.iterdir()) == before
    assert good.exists()


@pytest.mark.parametrize("part", ["producers", "producers-2"])
def test_keeping_times_needs_a_city_without_simulators(
    part: str, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import psutil  # noqa: PLC0415 - to look like a supervisor

    folder = tmp_path / "city"
    folder.mkdir()
    mine = psutil.Process()
    city = {
        "pid": mine.pid,
        "started": mine.create_time(),
        "broker": {"address": "127.0.0.1:9", "embedded": True},
        part: {"pid": 1},
    }
    (folder / "city.json").write_text(json.dumps(city))
    monkeypatch.setenv("CITYOPS_DATA_DIR", str(folder))
    assert run(["replay", str(good), "--keep-time"]) == 1
    assert "simulators run in the city" in capsys.readouterr().err
