"""Line protocol to points, by the rules of InfluxDB's parser (`models/points.go`, 2.7). Pure.

    measurement[,tag=value…] field=value[,field=value…] [time]

Most lines hold plain names and decimal numbers: one regular expression proves that of a line, which then only has
to be split. Every other line (escapes, strings, booleans, exponents, errors) takes the careful way.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from city.remembered import Remembered
from embedded.store.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

MIN_TIME = -(2**63) + 2
MAX_TIME = 2**63 - 2
MAX_KEY_BYTES = 65_535
_SHORT = 4_096  # characters of a line in which no key is too long
_MOST_SERIES = 16_384  # whose soundness is remembered
RESERVED_TAGS = {"time", "_field", "_measurement"}
PRECISION_NS = {"ns": 1, "n": 1, "us": 1_000, "u": 1_000, "µ": 1_000, "ms": 1_000_000, "s": 1_000_000_000}


class Unsigned(int):
    """An unsigned 64-bit integer (`1u`): a type of its own in InfluxDB."""

    __slots__ = ()


Value = float | int | bool | str


class Point(NamedTuple):
    """One line: the series it belongs to (as written), field names, their values, time in ns."""

    series: str
    names: tuple[str, ...]
    values: tuple[Value, ...]
    time: int


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """A measurement and its tags, sorted by name, unescaped."""

    measurement: str
    tags: tuple[tuple[str, str], ...]


_PLAIN = re.compile(
    r"([^\s,=\\\"#][^\s,=\\\"]*(?:,[^\s,=\\\"]+=[^\s,=\\\"]+)*)"
    r" ((?:[^\s,=\\\"]+=-?(?:[0-9]{1,18}i|[0-9]{1,300}(?:\.[0-9]{1,300})?)(?:,(?=[^ ])|(?= |\Z)))+)"
    r"(?: (-?[0-9]{1,19}))?"
)
_LINE = re.compile(
    r"(?P<key>[^,](?:[^, ]|(?<=\\)[, ])*(?:,(?:[^ ]|(?<=\\) )*)?)"
    r" [ \t\0]*(?P<fields>(?:\\.|\"(?:\\.|[^\"\\])*\"|[^\\ \"])+)"
    r"(?:[ \t\0]+(?P<time>[^ ]*) *)?",
    re.DOTALL,
)
_MEASUREMENT = re.compile(r"[^,](?:[^, ]|(?<=\\)[, ])*")
# An = behind a backslash never ends a name, whatever stands before the two.
_TAG = re.compile(r",(?P<name>[^ ,=](?:[^ ,=]|(?<=\\)[ ,=])*)(?<!\\)=(?P<value>[^, ](?:[^ ,=]|(?<=\\)[ ,=])*)")
_FIELD = re.compile(
    r"(?P<name>(?:\\.|[^\\=, ])+)(?<!\\)="
    r"(?:(?P<integer>-?[0-9]+)(?P<kind>[iu])|(?P<number>-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<true>t|T|true|True|TRUE)|(?P<false>f|F|false|False|FALSE)"
    r"|\"(?P<text>(?:\\.|[^\"\\])*)\")(?:,(?=.)|\Z)",
    re.DOTALL,
)
_MARK = re.compile(r"\\.|[ =,\"\n]", re.DOTALL)


def parse(body: bytes, precision_ns: int, now_ns: int) -> list[Point]:
    """The points of a request body, in its order; a line without time gets `now_ns`, cut to the precision.

    Raises:
        MalformedError: a line is malformed; every such line is named, none of the body may be written.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(f"unable to parse the body: not UTF-8 at byte {error.start}") from error
    default = now_ns // precision_ns * precision_ns
    points: list[Point] = []
    faults: list[str] = []
    add = points.append
    for line in _lines(text):
        if plain := _PLAIN.fullmatch(line):
            series, fields, time = plain.groups()
            when = int(time) * precision_ns if time else default
            if MIN_TIME <= when <= MAX_TIME and len(line) <= _SHORT and _SOUND[series]:
                names, texts = zip(*[field.split("=") for field in fields.split(",")], strict=True)
                add(Point(series, names, tuple([int(v[:-1]) if v[-1] == "i" else float(v) for v in texts]), when))
                continue
        stripped = line.lstrip(" \t\0")
        if not stripped or stripped[0] == "#":
            continue
        try:
            add(_careful(stripped, precision_ns, default))
        except ValueError as error:
            faults.append(f"unable to parse '{_shown(stripped)}': {error}")
    if faults:
        raise MalformedError("\n".join(faults))
    return points


def series_key(text: str) -> SeriesKey:
    """The identity that the first part of a line names; it has passed `parse`."""
    if "\\" not in text:
        name, *pairs = text.split(",")
        tags = [(pair.partition("=")[0], pair.partition("=")[2]) for pair in pairs]
    else:
        match = _MEASUREMENT.match(text)
        assert match is not None
        name = _unescape(match.group(), ", ")
        tags = [(_unescape(m["name"], ",= "), _unescape(m["value"], ",= ")) for m in _TAG.finditer(text, match.end())]
    return SeriesKey(name, tuple(sorted(tags)))


def _is_sound(series: str) -> bool:
    """Whether the careful way would take the series part of a plain line."""
    try:
        _check_key(series)
    except ValueError:
        return False
    return True


_SOUND = Remembered(_is_sound, _MOST_SERIES)
"""The same few are written again and again."""


def _lines(text: str) -> Iterator[str]:
    """The lines of a body; a newline within a quoted string value does not end one."""
    if '"' not in text:
        yield from text.split("\n")
        return
    # As `scanLine` of InfluxDB's models/points.go: a quote opens a value only behind the = of a field.
    start, quoted, fields, open_pairs = 0, False, False, 0
    for match in _MARK.finditer(text):
        mark = match.group()
        if mark == "\n" and not quoted:
            yield text[start : match.start()]
            start, fields, open_pairs = match.end(), False, 0
        elif mark == " ":
            fields = True
        elif mark == '"' and fields and open_pairs > 0:
            quoted = not quoted
        elif fields and not quoted:
            open_pairs += {"=": 1, ",": -1}.get(mark, 0)
    yield text[start:]


def _careful(line: str, precision_ns: int, default: int) -> Point:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(_why(line))
    key, fields, time = match.group("key", "fields", "time")
    _check_key(key)
    names, values = _fields(fields)
    if any(len(key.encode()) + 4 + len(name.encode()) > MAX_KEY_BYTES for name in names):
        raise ValueError(f"max key length exceeded: a series key is at most {MAX_KEY_BYTES} bytes")
    return Point(key, names, values, _time(time, precision_ns) if time else default)


def _check_key(key: str) -> None:
    match = _MEASUREMENT.match(key)
    assert match is not None
    position, names = match.end(), []
    while position < len(key):
        tag = _TAG.match(key, position)
        if tag is None:
            raise ValueError(_why_tag(key[position:]))
        names.append(_unescape(tag["name"], ",= "))
        position = tag.end()
    for reserved in RESERVED_TAGS.intersection(names):
        raise ValueError(f'cannot use reserved tag key "{reserved}"')
    if len(set(names)) < len(names):
        raise ValueError("duplicate tags")


def _why_tag(rest: str) -> str:
    name, equals, value = rest[1:].partition("=")
    if not name or name[0] == ",":
        return "missing tag key"
    if not equals or "," in name or not value or value[0] == ",":
        return "missing tag value"
    return "invalid tag format"


def _fields(text: str) -> tuple[tuple[str, ...], tuple[Value, ...]]:
    names: list[str] = []
    values: list[Value] = []
    position = 0
    while position < len(text):
        match = _FIELD.match(text, position)
        if match is None:
            raise ValueError(_why_field(text[position:]))
        names.append(_unescape(match["name"], ",= "))
        values.append(_value(match))
        position = match.end()
    return tuple(names), tuple(values)


def _value(match: re.Match[str]) -> Value:
    kind = match.lastgroup
    if kind == "number":
        number = float(match["number"])
        if math.isinf(number):
            raise ValueError("invalid float")
        return number
    if kind == "kind":
        integer = int(match["integer"]) if len(match["integer"]) < 30 else 2**99
        low, high = (-(2**63), 2**63) if match["kind"] == "i" else (0, 2**64)
        if not low <= integer < high:
            raise ValueError(f"unable to parse integer {match['integer'][:40]}: value out of range")
        return integer if match["kind"] == "i" else Unsigned(integer)
    if kind == "text":
        return re.sub(r"\\([\"\\])", r"\1", match["text"])
    return kind == "true"


def _why_field(rest: str) -> str:
    name, equals, value = rest.partition("=")
    if not equals:
        return "invalid field format"
    if not name or name[0] == ",":
        return "missing field key"
    if not value or value[0] in ", ":
        return "missing field value"
    if value[0] == '"':
        return "unbalanced quotes" if value.count('"') < 2 else "invalid field format"
    return "invalid number" if value[0] in "0123456789.-Nn" else "invalid boolean"


def _why(line: str) -> str:
    if line[0] == ",":
        return "missing measurement"
    return "unbalanced quotes" if line.count('"') % 2 else "missing fields"


def _time(text: str, precision_ns: int) -> int:
    if not re.fullmatch(r"-?[0-9]{1,30}", text):
        raise ValueError("bad timestamp")
    time = int(text) * precision_ns
    if not MIN_TIME <= time <= MAX_TIME:
        raise ValueError(f"time outside range {MIN_TIME} - {MAX_TIME}")
    return time


def _unescape(text: str, special: str) -> str:
    return re.sub(rf"\\([{special}])", r"\1", text) if "\\" in text else text


def _shown(line: str) -> str:
    return line if len(line) <= 200 else line[:200] + "…"
