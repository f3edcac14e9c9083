from __future__ import annotations

from collections import Counter

import pytest
from msgspec.structs import replace

from city import catalogue
from city.errors import DataError, UsageError
from city.event import encode
from city.instant import NS, nanoseconds
from city.lines import Line, Place, format_line
from city.partition import partition_of
from cli._options import seconds
from producers.files import Text
from producers.inject import Faults, inject, parse
from producers.spoken import Reader, Spoken
from tests.producers.doubles import START, event

CATALOGUE = catalogue.load()
LINES = [
    encode(
        replace(
            event(n, at=START + n * NS // 10 - NS, heard=START + n * NS // 10), source=f"traffic/00070/{n % 20:03d}"
        )
    )
    for n in range(4_000)
]


def _read(lines: list[bytes]) -> list[Spoken]:
    reader = Reader(CATALOGUE)
    return [reader.read(Text(number, line, len(line))) for number, line in enumerate(lines, start=1)]


def _worse(faults: str, seed: int = 1, lines: list[bytes] | None = None) -> list[bytes]:
    return list(inject(_read(LINES if lines is None else lines), parse(faults, seconds), seed))


def _ages(lines: list[bytes]) -> dict[str, list[float]]:
    """Event id → how many seconds after its time it was heard, once for each copy."""
    found: dict[str, list[float]] = {}
    for spoken in _read(lines):
        if spoken.event is not None and spoken.heard is not None:
            age = (spoken.heard - nanoseconds(spoken.event.time)) / NS
            found.setdefault(spoken.event.id, []).append(age)
    return found


def test_faults_are_read_as_people_write_them() -> None:
    assert parse("late=0.02:90s, duplicate=0.01,gap=0.1:2m,skew=20s,poison=0", seconds) == Faults(
        late=0.02, late_ns=90 * NS, duplicate=0.01, gap=0.1, gap_ns=120 * NS, skew=1.0, skew_ns=20 * NS
    )
    assert parse("", seconds) == Faults()


@pytest.mark.parametrize(
    "text", ["later=1", "late", "late=", "late=2", "late=-1", "late=nan", "late=0.1:x", "gap=60s", "poison=1:2s",
             "late=1,late=1", "late=0.1:0s"]
)  # fmt: skip
def test_what_is_no_fault_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text, seconds)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    faults = "late=0.05,duplicate=0.05,gap=0.1,skew=0.3:3s,poison=0.01"
    assert _worse(faults) == _worse(faults)
    assert _worse(faults) != _worse(faults, seed=2)


def test_no_fault_changes_nothing() -> None:
    assert _worse("") == LINES


@pytest.mark.parametrize(
    "faults", ["late=0.3:40s", "duplicate=0.5", "gap=0.3:5s", "skew=0.5:4s", "poison=0.2", "late=1:3s,duplicate=1"]
)
def test_what_is_heard_never_decreases(faults: str) -> None:
    heard = [spoken.heard for spoken in _read(_worse(faults)) if spoken.heard is not None]
    assert heard == sorted(heard)


def test_late_events_are_heard_later_and_keep_their_time() -> None:
    ages = _ages(_worse("late=0.1:90s"))
    assert set(ages) == {str(n) for n in range(4_000)}
    late = [age for (age,) in ages.values() if age > 1.0]
    assert 300 < len(late) < 500
    assert 60 < max(late) <= 91


def test_duplicates_are_the_same_event_heard_again_within_five_seconds() -> None:
    copies = [ages for ages in _ages(_worse("duplicate=0.1")).values() if len(ages) > 1]
    assert 300 < len(copies) < 500
    assert all(len(ages) == 2 and 0 < ages[1] - ages[0] <= 5 for ages in copies)


def test_in_a_gap_a_source_is_silent_for_whole_spans() -> None:
    left = [spoken.event for spoken in _read(_worse("gap=0.2:10s")) if spoken.event is not None]
    spans = Counter((one.source, nanoseconds(one.recordedtime or "") // (10 * NS)) for one in left)
    assert set(spans.values()) <= {1, 2, 3, 4, 5}
    whole = Counter(
        (one.source, nanoseconds(one.recordedtime or "") // (10 * NS)) for one in (s.event for s in _read(LINES)) if one
    )
    assert all(count == whole[span] for span, count in spans.items())
    assert 0.7 < len(spans) / len(whole) < 0.9


def test_a_skewed_sources_clock_is_wrong_by_one_amount() -> None:
    by_source: dict[str, set[float]] = {}
    before = {s.event.id: nanoseconds(s.event.time) for s in _read(LINES) if s.event}
    for spoken in _read(_worse("skew=0.5:4s")):
        assert spoken.event is not None
        by_source.setdefault(spoken.event.source, set()).add(nanoseconds(spoken.event.time) - before[spoken.event.id])
    assert all(len(offsets) == 1 and abs(offset) <= 4 * NS for offsets in by_source.values() for offset in offsets)
    wrong = [source for source, (offset,) in by_source.items() if offset]
    assert 4 <= len(wrong) <= 16


def test_poison_adds_lines_that_are_no_events_and_harms_no_other() -> None:
    spoken = _read(_worse("poison=0.1"))
    assert [s.line.value for s in spoken if s.fault is None] == LINES
    reasons = {str(s.fault.reason) for s in spoken if s.fault is not None}
    assert {"not-json", "not-utf8", "unknown-area"} <= reasons


def test_one_kind_of_fault_does_not_move_another() -> None:
    late = {spoken.line.value for spoken in _read(_worse("late=0.1"))}
    both = {spoken.line.value for spoken in _read(_worse("late=0.1,poison=0.1")) if spoken.fault is None}
    assert late == both


def test_recorded_lines_become_plain_ones_without_ticks() -> None:
    place = Place(topic="city.traffic", partition=partition_of(b"00070", 4), partitions=4, offset=3,
                  timestamp_ms=START // 1_000_000, key="00070")  # fmt: skip
    assert _worse("", lines=[format_line(Line(LINES[0], place))]) == [LINES[0]]


def test_a_file_whose_hearing_goes_back_is_refused() -> None:
    with pytest.raises(DataError, match=r"line 2 was heard at .* earlier than a line before it"):
        _worse("late=0.1", lines=[LINES[1], LINES[0]])
