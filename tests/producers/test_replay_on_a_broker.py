"""A file through the command line into a log, and the log's own truth against the file's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from city import catalogue
from city.event import encode
from city.instant import NS
from city.lines import parse_line
from cli._options import seconds
from cli.main import run
from embedded.broker import Broker as Embedded
from producers.files import read
from producers.inject import inject, parse
from producers.log import Log
from producers.simulators import find, together
from producers.spoken import Reader
from runtime.connect import Broker
from stream_app.truth import Key, Truth, Value, compute
from tests.producers.doubles import START

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from city.lines import Line

CATALOGUE = catalogue.load()
TRAFFIC = CATALOGUE.domain("traffic")
KEEP = ("--keep-time", "--speed", "max")

Points = dict[Key, dict[str, Value]]


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], Broker]:
    """Makes embedded brokers with empty logs; commands take the last one for theirs."""
    monkeypatch.setenv("CITYOPS_BROKER_EMBEDDED", "true")
    monkeypatch.setenv("CITYOPS_DATA_DIR", str(tmp_path / "nobody"))
    kept: list[Embedded] = []

    def make() -> Broker:
        cluster = Embedded()
        cluster.make([domain.topic for domain in CATALOGUE.domains])
        kept.append(cluster)
        monkeypatch.setenv("CITYOPS_BROKER", cluster.address)
        return Broker(cluster.address, embedded=True)

    return make


@pytest.fixture(scope="module")
def fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three minutes with everything in them that can go wrong."""
    said = together(find([TRAFFIC]), 11, START, START + 180 * NS, events_per_s=20)
    plain = tmp_path_factory.mktemp("fixture") / "plain.jsonl"
    plain.write_bytes(b"".join(encode(heard.event) + b"\n" for heard in said))
    faults = parse("late=0.1:2m,duplicate=0.05,gap=0.1:20s,skew=0.2:20s,poison=0.05", seconds)
    worse = plain.with_name("worse.jsonl")
    reader = Reader(CATALOGUE)
    worse.write_bytes(b"".join(line + b"\n" for line in inject(map(reader.read, read(plain)), faults, 3)))
    return worse


def _lines(path: Path) -> Iterator[Line]:
    return (parse_line(text.data) for text in read(path))


def _logged(broker: Broker) -> Truth:
    log = Log(broker, [TRAFFIC.topic])
    try:
        return compute(log.tails(1_000_000), TRAFFIC, CATALOGUE.city)
    finally:
        log.close()


def _moved(points: Points) -> tuple[int, Points]:
    """The points as if the first window began at zero, and when it began."""
    first = min(key.start for key in points)
    return first, {Key(key.measurement, key.tags, key.start - first): fields for key, fields in points.items()}


def test_a_replay_with_kept_times_is_the_files_truth_and_so_is_the_next_one(
    fresh: Callable[[], Broker], fixture: Path
) -> None:
    expected = compute(_lines(fixture), TRAFFIC, CATALOGUE.city)
    assert len(expected.points) > 1_000
    assert {"late", "duplicate", "rejected:clock-ahead", "rejected:not-json"} <= set(expected.counts)
    for _ in range(2):
        broker = fresh()
        assert run(["replay", str(fixture), *KEEP]) == 0
        logged = _logged(broker)
        assert logged.points == expected.points
        assert logged.counts == expected.counts


@pytest.mark.parametrize("speed", ["60", "max"])
def test_a_replay_shifted_to_now_gives_the_same_series_each_time(
    fresh: Callable[[], Broker], fixture: Path, speed: str
) -> None:
    first, expected = _moved(compute(_lines(fixture), TRAFFIC, CATALOGUE.city).points)
    for _ in range(2):
        broker = fresh()
        assert run(["replay", str(fixture), "--speed", speed]) == 0
        begin, points = _moved(_logged(broker).points)
        assert points == expected
        assert (begin - first) % (60 * NS) == 0
        assert begin > first


def test_a_recording_is_replayed_to_the_same_series_in_the_same_order(
    fresh: Callable[[], Broker], fixture: Path, tmp_path: Path
) -> None:
    one = fresh()
    assert run(["replay", str(fixture), *KEEP]) == 0
    recording = tmp_path / "recording.jsonl.gz"
    assert run(["record", str(recording), "--from-start", "--for", "0s"]) == 0
    assert run(["check", str(recording), "--limit", "0"]) == 1  # the poison is in it
    other = fresh()
    assert run(["replay", str(recording), *KEEP]) == 0
    assert _logged(other).points == _logged(one).points
    assert _logged(other).counts == _logged(one).counts


def test_times_are_not_kept_twice_in_one_city(
    fresh: Callable[[], Broker], fixture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh()
    assert run(["replay", str(fixture), *KEEP]) == 0
    capsys.readouterr()
    assert run(["replay", str(fixture), *KEEP]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "the city's clock stands at 2026-11-18T11:1" in said
    assert "the file begins at 2026-11-18T11:06:40" in said
