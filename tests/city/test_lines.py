"""Lines of event files: what is written is read back, byte for byte."""

import base64
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from city.errors import DataError
from city.lines import Line, Place, format_line, parse_line

latin = st.text(st.characters(max_codepoint=255), max_size=12)
coded = st.binary(max_size=12).map(lambda raw: base64.b64encode(raw).decode())
places = st.builds(
    Place,
    topic=st.text(max_size=20),
    partition=st.integers(0, 63),
    partitions=st.integers(0, 64),
    offset=st.integers(0, 2**62),
    timestamp_ms=st.integers(-1, 2**53),
    key=st.none() | latin,
    headers=st.lists(st.tuples(st.text(max_size=12), coded), max_size=3).map(tuple),
)
HERE = Place(topic="city.traffic", partition=1, partitions=4, offset=7, timestamp_ms=1_795_429_800_000, key="00070")


@given(st.binary(max_size=80) | st.text(max_size=40).map(lambda text: json.dumps(text).encode()), places)
@example(b"", HERE)
@example(b"null", HERE)
@example(b' {"a":1}', HERE)
@example(b'{"a":1}\n', HERE)
@example(b'{"a":\n1}', HERE)
@example(b'{"a": 1,  "a":2.50}', HERE)
@example(b'{"log":{}}', HERE)
@example(b"[" * 5_000 + b"]" * 5_000, HERE)
@example(b'"\xff"', HERE)
def test_a_record_of_any_bytes_survives_its_line(value: bytes, place: Place) -> None:
    text = format_line(Line(value, place))
    assert text.endswith(b"\n")
    assert text.count(b"\n") == 1
    assert parse_line(text) == Line(value, place)


@given(st.binary(max_size=80))
def test_a_plain_line_is_its_value(value: bytes) -> None:
    plain = value.replace(b"\n", b"").rstrip(b"\r").removeprefix(b"\xef\xbb\xbf")
    if not plain.startswith((b'{"log":', b"\xef\xbb\xbf")):
        assert parse_line(format_line(Line(plain))) == Line(plain)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\r"])
def test_a_bom_and_the_lines_end_are_no_part_of_it(end: bytes) -> None:
    assert parse_line(b'\xef\xbb\xbf{"a":1}' + end) == Line(b'{"a":1}')


def test_a_recorded_value_stays_readable_in_its_line() -> None:
    assert b'"value":{"a":1}' in format_line(Line(b'{"a":1}', HERE))
    assert b'"value64":' in format_line(Line(b"\x00\xff", HERE))


def test_key_and_headers_come_back_as_bytes() -> None:
    line = Line(b"1", Place(topic="t", partition=0, offset=0, timestamp_ms=0, key="\xff", headers=(("a", "/w=="),)))
    assert (line.key, line.headers) == (b"\xff", (("a", b"\xff"),))
    assert (Line(b"1").key, Line(b"1").headers) == (None, ())
    assert Line(b"1", Place(topic="t", partition=0, offset=0, timestamp_ms=0)).key is None


@pytest.mark.parametrize(
    "line",
    [
        b'{"log":',
        b'{"log":{}}',
        b'{"log":{"topic":"t","partition":0,"offset":"7","timestamp_ms":0},"value":1}',
        b'{"log":{"topic":"t","partition":0,"offset":7,"timestamp_ms":0},"value":}',
        b'{"log":{"topic":"t","partition":0,"offset":7,"timestamp_ms":0},"value64":"="}',
        b'{"log":{"topic":"\xff","partition":0,"offset":7,"timestamp_ms":0},"value":1}',
        '{"log":{"topic":"t","partition":0,"offset":7,"timestamp_ms":0,"key":"Đ"},"value":1}'.encode(),
        b'{"log":{"topic":"t","partition":0,"offset":7,"timestamp_ms":0,"headers":[["a","abc"]]},"value":1}',
        b'{"log":{"topic":"t","partition":0,"offset":7,"timestamp_ms":0},"value":' + b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_a_line_that_begins_as_a_record_and_is_none_is_refused(line: bytes) -> None:
    with pytest.raises(DataError, match="not a recorded line"):
        parse_line(line)


@given(st.binary(max_size=60))
def test_no_line_does_worse_than_being_refused(rest: bytes) -> None:
    try:
        line = parse_line(b'{"log":' + rest)
    except DataError:
        return
    assert line.place is not None
    assert line.headers is not None
