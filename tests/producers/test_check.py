from __future__ import annotations

import pytest

from city import catalogue
from city.event import encode, tick
from city.geography import HANOI
from city.instant import NS
from city.lines import Line, Place, format_line
from city.partition import partition_of
from producers.check import Counts, Fault, check
from producers.files import Text
from producers.spoken import Reader
from tests.producers.doubles import START, event

CATALOGUE = catalogue.load()
GOOD = encode(event(1, heard=START))


def _check(*lines: bytes) -> tuple[list[Fault], Counts]:
    reader, counts = Reader(CATALOGUE), Counts()
    texts = (Text(number, line, len(line)) for number, line in enumerate(lines, start=1))
    return list(check(map(reader.read, texts), counts)), counts


def _recorded(area: str, seconds: int) -> bytes:
    place = Place(
        topic="city.traffic",
        partition=partition_of(area.encode(), 4),
        partitions=4,
        offset=0,
        timestamp_ms=(START + seconds * NS) // 1_000_000,
        key=area,
    )
    return format_line(Line(encode(event(heard=START + seconds * NS, area=area)), place))


def test_a_good_file_has_no_fault_and_is_counted() -> None:
    faults, counts = _check(GOOD, tick(START + NS), encode(event(2, heard=START + NS)))
    assert faults == []
    assert (counts.lines, counts.events, counts.ticks, counts.wrong.total()) == (3, 2, 1, 0)


@pytest.mark.parametrize(
    ("line", "reason", "names"),
    [
        (GOOD.replace(b'"intensity":1', b'"intensity":-1'), "out-of-bounds", "$.data.intensity"),
        (GOOD.replace(b'"intensity":1', b'"intensity":"1"'), "wrong-field", "$.data.intensity"),
        (GOOD.replace(b'"intensity":1', b'"intensity":NaN'), "not-json", "byte"),
        (GOOD.replace(b',"area":"00070"', b""), "wrong-field", "area"),
        (GOOD.replace(b'"area":"00070"', b'"area":"70"'), "unknown-area", "'70'"),
        (GOOD.replace(b"11:06:40.000Z", b"11:06:40"), "wrong-field", "2026-11-18T11:06:40"),
        (GOOD.replace(b"traffic.flow", b"traffic.flew"), "unknown-type", "vn.hanoi.traffic.flew.v1"),
        (b"\xff" + GOOD, "not-utf8", ""),
        (GOOD[:-9], "not-json", ""),
    ],
)
def test_a_wrong_line_is_told_with_its_number_its_reason_and_its_field(line: bytes, reason: str, names: str) -> None:
    faults, counts = _check(GOOD, line, GOOD)
    assert [(fault.number, fault.reason) for fault in faults] == [(2, reason)]
    assert names in faults[0].detail
    assert (counts.lines, counts.wrong.total()) == (3, 1)


def test_a_plain_file_in_which_hearing_goes_back_is_wrong_there() -> None:
    faults, _ = _check(*(encode(event(n, heard=START + s * NS)) for n, s in enumerate([0, 5, 3, 4, 5, 6])))
    assert [(fault.number, fault.reason) for fault in faults] == [(3, "order"), (4, "order")]
    assert "earlier than 2026-11-18T11:06:45.000Z, heard at line 2" in faults[0].detail


def test_a_recording_is_ordered_in_each_partition_by_itself() -> None:
    one, other = (next(area for area in sorted(HANOI.zone_of) if partition_of(area.encode(), 4) == n) for n in (1, 2))
    assert _check(_recorded(one, 5), _recorded(other, 3), _recorded(one, 6))[0] == []
    assert [fault.number for fault in _check(_recorded(one, 5), _recorded(other, 3), _recorded(one, 4))[0]] == [3]
