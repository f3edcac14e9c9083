from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from city import catalogue
from city.event import MAX_EVENT_BYTES, Reason, encode, tick
from city.instant import NS, nanoseconds
from city.lines import Line, Place, format_line
from city.partition import partition_of
from producers.files import Text
from producers.spoken import Reader, Spoken, again, restated
from tests.producers.doubles import START, event

CATALOGUE = catalogue.load()
HOUR = 3_600 * NS


def _read(*lines: bytes) -> list[Spoken]:
    reader = Reader(CATALOGUE)
    return [reader.read(Text(number, line, len(line))) for number, line in enumerate(lines, start=1)]


def _recorded(value: bytes, key: str | None = "00070", partition: int | None = None) -> bytes:
    home = partition_of(b"00070", 4) if partition is None else partition
    place = Place(
        topic="city.traffic",
        partition=home,
        partitions=4,
        offset=7,
        timestamp_ms=START // 1_000_000 + 500,
        key=key,
    )
    return format_line(Line(value, place))


def test_an_event_says_when_it_was_heard_and_where_it_belongs() -> None:
    (spoken,) = _read(encode(event(1, heard=START + NS)))
    assert (spoken.heard, spoken.topic, spoken.key, spoken.fault) == (START + NS, "city.traffic", b"00070", None)


def test_an_event_that_does_not_say_when_was_heard_as_the_greatest_time_so_far() -> None:
    times = [START, START + 5 * NS, START + 2 * NS, START + 9 * NS]
    assert [spoken.heard for spoken in _read(*(encode(event(at=time)) for time in times))] == [
        START,
        START + 5 * NS,
        START + 5 * NS,
        START + 9 * NS,
    ]


def test_an_unusable_event_moves_no_clock() -> None:
    future = encode(event(at=START + 1_000 * HOUR)).replace(b'"intensity":0', b'"intensity":-1')
    heard = [spoken.heard for spoken in _read(encode(event(at=START)), future, encode(event(at=START)))]
    assert heard == [START, None, START]


def test_a_recorded_event_without_recordedtime_was_heard_when_its_log_stamped_it() -> None:
    (spoken,) = _read(_recorded(encode(event(at=START))))
    assert spoken.heard == START + 500_000_000


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", Reason.NOT_JSON),
        (b'{"log":{"topic":1}}', Reason.NOT_JSON),
        (b"\xff", Reason.NOT_UTF8),
        (b'{"type":"vn.hanoi.nothing.v1"}', Reason.UNKNOWN_TYPE),
        (encode(event(area="99999")), Reason.UNKNOWN_AREA),
        (encode(event(at=START + 6 * NS, heard=START)), Reason.CLOCK_AHEAD),
        (_recorded(encode(event(heard=START)), key="00004"), Reason.WRONG_KEY),
        (_recorded(encode(event(heard=START)), partition=1 - partition_of(b"00070", 4) % 2), Reason.WRONG_PARTITION),
    ],
)
def test_an_unusable_line_says_why_and_stays_byte_for_byte(line: bytes, reason: Reason) -> None:
    (spoken,) = _read(line)
    assert spoken.fault is not None
    assert spoken.fault.reason == reason
    assert spoken.heard is None
    assert again(spoken, 0)[0] == spoken.line.value


def test_a_line_that_was_cut_is_too_large() -> None:
    spoken = Reader(CATALOGUE).read(Text(1, b"x" * MAX_EVENT_BYTES, 100_000_000))
    assert spoken.fault is not None
    assert (spoken.fault.reason, spoken.fault.detail) == (Reason.TOO_LARGE, "100000000 bytes, at most 65536")


def test_an_unusable_event_keeps_the_key_it_names_so_that_its_reason_stays() -> None:
    (spoken,) = _read(encode(event(heard=START)).replace(b"traffic/00070/001", b"two words"))
    assert (spoken.key, spoken.fault is not None) == (b"00070", True)


def test_a_tick_is_known() -> None:
    (spoken,) = _read(tick(START))
    assert (spoken.tick, spoken.heard) == (True, START)


def test_said_again_at_once_an_event_keeps_its_bytes() -> None:
    odd = b'{ "area":"00070", "recordedtime":"2026-11-18T18:06:40+07:00","time":"2026-11-18T11:06:40Z" }'
    (spoken,) = _read(odd)
    assert again(spoken, 0)[0] == odd


def test_said_again_later_only_the_two_times_change() -> None:
    value = (
        b'{"type":"vn.hanoi.traffic.flow.v1","specversion":"1.0","id":"7","source":"a","area":"00070",'
        b'"time":"2026-11-18T18:06:40.250+07:00","recordedtime":"2026-11-18T11:06:41Z","extra":1.50e3,'
        b'"data":{"averageVehicleSpeed":33.10,"refRoadSegment":"\\u0041"}}'
    )
    (spoken,) = _read(value)
    later, _ = again(spoken, HOUR)
    assert later == value.replace(b"2026-11-18T18:06:40.250+07:00", b"2026-11-18T12:06:40.250Z").replace(
        b"2026-11-18T11:06:41Z", b"2026-11-18T12:06:41.000Z"
    )


def test_an_event_that_does_not_say_when_it_was_heard_is_given_it() -> None:
    (spoken,) = _read(encode(event(at=START)))
    said = json.loads(again(spoken, 0)[0])
    assert nanoseconds(said["recordedtime"]) == START


def test_an_event_refused_for_its_clock_is_refused_for_it_when_said_again() -> None:
    (spoken,) = _read(encode(event(at=START + 6 * NS, heard=START)))
    (later,) = _read(again(spoken, HOUR)[0])
    assert later.fault is not None
    assert later.fault.reason == Reason.CLOCK_AHEAD


def test_binary_mode_is_shifted_in_its_headers() -> None:
    headers = (("ce_specversion", b"1.0"), ("ce_time", b"2026-11-18T11:06:40Z"), ("ce_id", b"1"))
    (template,) = _read(encode(event(at=START)))
    record = Line(b'{"intensity":1}', None)
    spoken = template._replace(line=_WithHeaders(record.value, headers))
    value, shifted = again(spoken, HOUR)
    assert value == record.value
    assert dict(shifted) == {
        "ce_specversion": b"1.0",
        "ce_id": b"1",
        "ce_time": b"2026-11-18T12:06:40.000Z",
        "ce_recordedtime": b"2026-11-18T12:06:40.000Z",
    }


def _WithHeaders(value: bytes, headers: tuple[tuple[str, bytes], ...]) -> Line:  # noqa: N802 - reads as a kind of Line
    import base64  # noqa: PLC0415 - one use

    place = Place(
        topic="city.traffic",
        partition=0,
        offset=0,
        timestamp_ms=0,
        key="00070",
        headers=tuple((name, base64.b64encode(raw).decode()) for name, raw in headers),
    )
    return Line(value, place)


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists), max_size=4))
def test_every_other_value_keeps_its_meaning(extra: dict[str, object]) -> None:
    extra.pop("time", None)
    value = msgspec.json.encode({**extra, "time": "2026-11-18T11:06:40Z"})
    said = json.loads(restated(value, {"time": START + HOUR}))
    assert said == {**extra, "time": "2026-11-18T12:06:40.000Z"}


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    (spoken,) = _read(data)
    again(spoken, HOUR)
