"""What a line of a file says about time, and saying it again at another time.

Of a line that is rewritten, only `time` and `recordedtime` change: every other value keeps its bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from city.errors import DataError
from city.event import MAX_EVENT_BYTES, Event, Reason, Tick, UnusableError, too_deep
from city.gate import Gate
from city.instant import nanoseconds, rfc3339
from city.lines import Line, parse_line
from city.partition import partition_of

if TYPE_CHECKING:
    from city.catalogue import Catalogue
    from city.lines import Place
    from producers.files import Text

_MS = 1_000_000
Headers = tuple[tuple[str, bytes], ...]


class Spoken(NamedTuple):
    """A line, and what it says.

    Attributes:
        number: of the line in its file.
        line: the record.
        topic: where it belongs; None when nothing tells.
        key: the record's key: the one it had in its log, else the area it names; None when nothing tells.
        heard: when it was heard (ns); None for a line that no reader can use.
        event: the event, decoded; None for ticks and unusable lines.
        tick: somebody's word that nothing earlier is in flight.
        fault: why no reader can use it.
    """

    number: int
    line: Line
    topic: str | None = None
    key: bytes | None = None
    heard: int | None = None
    event: Event | None = None
    tick: bool = False
    fault: UnusableError | None = None


class _Said(msgspec.Struct):
    type: str = ""
    area: str = ""


class Reader:
    """Reads the lines of one file in order; an event that does not say when it was heard was heard as it came.

    Args:
        catalogue: names the topics, and what an event of each may say.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        areas = catalogue.city.zone_of
        self._gates = {domain.topic: Gate(domain.events, areas) for domain in catalogue.domains}
        self._topics = {
            str(kind.__struct_config__.tag): domain.topic for domain in catalogue.domains for kind in domain.events
        }
        # For what names no type of any domain: only a reader of all types can say what is wrong with it.
        self._whole = Gate(tuple(kind for domain in catalogue.domains for kind in domain.events), areas)
        self._said = msgspec.json.Decoder(_Said)
        self._latest = 0

    def read(self, text: Text) -> Spoken:
        """What one line says."""
        try:
            line = parse_line(text.data)
        except DataError as error:
            return Spoken(text.number, Line(text.data), fault=UnusableError(Reason.NOT_JSON, str(error)))
        topic, key = self._address(line)
        spoken = Spoken(text.number, line, topic, key)
        if text.cut:
            return spoken._replace(
                fault=UnusableError(Reason.TOO_LARGE, f"{text.length} bytes, at most {MAX_EVENT_BYTES}")
            )
        try:
            return self._admit(spoken)
        except UnusableError as fault:
            return spoken._replace(fault=fault)

    def _admit(self, spoken: Spoken) -> Spoken:
        gate = self._whole if spoken.topic is None else self._gates.get(spoken.topic)
        if gate is None:
            raise UnusableError(Reason.UNKNOWN_TYPE, f"the topic {spoken.topic!r} is no domain's")
        line = spoken.line
        stamped = line.place.timestamp_ms * _MS if line.place else None
        event, _, heard = gate.admit(line.value, line.key, line.headers, stamped)
        if isinstance(event, Tick):
            return spoken._replace(heard=heard, tick=True)
        if line.place is not None and line.key != event.area.encode():
            raise UnusableError(Reason.WRONG_KEY, f"key {line.key!r} is not the area {event.area!r}")
        if line.place is not None and line.place.partition != _home(line.place, event.area):
            raise UnusableError(Reason.WRONG_PARTITION, f"area {event.area!r} does not live in {line.place.partition}")
        if event.recordedtime is None and line.place is None:
            heard = max(heard, self._latest)
        self._latest = max(heard, self._latest)
        return spoken._replace(heard=heard, event=event)

    def _address(self, line: Line) -> tuple[str | None, bytes | None]:
        """Topic and key."""
        if line.place is not None:
            return line.place.topic, line.key
        if too_deep(line.value):
            return None, None
        try:
            said = self._said.decode(line.value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None, None
        return self._topics.get(said.type), said.area.encode() or None


def _home(place: Place, area: str) -> int:
    return partition_of(area.encode(), place.partitions) if place.partitions else place.partition


# ----------------------------------------------------------------------------------------------------- rewriting


def again(spoken: Spoken, shift: int) -> tuple[bytes, Headers]:
    """The record's value and headers, said `shift` ns later, with the moment it was heard written into it.

    What is no event with two good times stays as it is, byte for byte; so does everything when there is nothing
    to change.
    """
    value, headers = spoken.line.value, spoken.line.headers
    unsaid = spoken.event is not None and spoken.event.recordedtime is None
    if shift == 0 and not unsaid:
        return value, headers
    if any(name == "ce_specversion" for name, _ in headers):
        return value, _headers_again(headers, spoken.heard, shift)
    times = times_of(value)
    if times is None:
        return value, headers
    if unsaid and spoken.heard is not None:
        times["recordedtime"] = spoken.heard
    return restated(value, {name: time + shift for name, time in times.items()}), headers


def times_of(value: bytes) -> dict[str, int] | None:
    """The times (ns) that an event states, by name; None when it is no event, or one of them is no time."""
    if too_deep(value):
        return None
    try:
        said = msgspec.json.decode(value, type=dict[str, msgspec.Raw])
        stated = [name for name in ("time", "recordedtime") if name in said and bytes(said[name]) != b"null"]
        return {name: nanoseconds(msgspec.json.decode(said[name], type=str)) for name in stated}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None


def restated(value: bytes, times: dict[str, int]) -> bytes:
    """An event with these times (ns) in place of its own; all its other values keep their bytes."""
    said = msgspec.json.decode(value, type=dict[str, msgspec.Raw])
    said |= {name: msgspec.Raw(msgspec.json.encode(rfc3339(time))) for name, time in times.items()}
    return msgspec.json.encode(said)


def _headers_again(headers: Headers, heard: int | None, shift: int) -> Headers:
    try:
        times = {name: nanoseconds(text.decode()) for name, text in headers if name in {"ce_time", "ce_recordedtime"}}
    except ValueError:
        return headers
    if heard is not None:
        times.setdefault("ce_recordedtime", heard)
    others = tuple((name, text) for name, text in headers if name not in times)
    return *others, *((name, rfc3339(time + shift).encode()) for name, time in times.items())
