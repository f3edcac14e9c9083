"""Files of events: a line is an event, or a record as a log held it. Nothing here opens a file.

A plain line is the record's value, byte for byte, garbage included. What `record` writes keeps where it stood:

    {"log":{"topic":…,"partition":0,"offset":7,"timestamp_ms":…,"key":"00070"},"value":{…}}

with `value64` (base64) in place of `value` where the bytes are not one line of JSON.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

import msgspec

from city.errors import DataError

_LOG: Final = b'{"log":'
_BOM: Final = b"\xef\xbb\xbf"


class Place(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where a record stood in a log of so many partitions (0: not known).

    The key is Latin-1 text and headers are base64 pairs, for they are bytes.
    """

    topic: str
    partition: int
    partitions: int = 0
    offset: int
    timestamp_ms: int
    key: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line of a file: the record's value, and its place where the file tells it."""

    value: bytes
    place: Place | None = None

    @property
    def key(self) -> bytes | None:
        """The record's key, where the file tells it."""
        return None if self.place is None or self.place.key is None else self.place.key.encode("latin-1")

    @property
    def headers(self) -> tuple[tuple[str, bytes], ...]:
        """The record's headers, where the file tells them."""
        return () if self.place is None else _headers(self.place)


class _Logged(msgspec.Struct, omit_defaults=True):
    log: Place
    value: msgspec.Raw = msgspec.Raw()
    value64: str | None = None


_decoder = msgspec.json.Decoder(_Logged)


def parse_line(line: bytes) -> Line:
    """A line of a file, with or without its end; a BOM before it is ignored.

    Raises:
        DataError: the line begins as a log record and is none.
    """
    text = line.removeprefix(_BOM).rstrip(b"\r\n")
    if not text.startswith(_LOG):
        return Line(text)
    try:
        logged = _decoder.decode(text)
        value = bytes(logged.value) if logged.value64 is None else base64.b64decode(logged.value64, validate=True)
        (logged.log.key or "").encode("latin-1")
        _headers(logged.log)
    except (msgspec.DecodeError, UnicodeError, binascii.Error, RecursionError) as error:
        raise DataError(f"not a recorded line: {error}") from None
    return Line(value, logged.log)


def _headers(place: Place) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, base64.b64decode(raw, validate=True)) for name, raw in place.headers)


def format_line(line: Line) -> bytes:
    """The line, ended by a newline; `parse_line` gives it back."""
    if line.place is None:
        return line.value + b"\n"
    if _is_one_line_of_json(line.value):
        return msgspec.json.encode(_Logged(line.place, value=msgspec.Raw(line.value))) + b"\n"
    return msgspec.json.encode(_Logged(line.place, value64=base64.b64encode(line.value).decode())) + b"\n"


def _is_one_line_of_json(value: bytes) -> bool:
    if b"\n" in value or b"\r" in value or value != value.strip():
        return False
    try:
        value.decode("utf-8")
        msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
