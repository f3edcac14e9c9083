"""A small city and a small domain: three series of different size and lateness, two of one event type."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
from hypothesis import settings
from msgspec import Meta

from city.domain import Domain, Freshness, Measure, Series, Tag, Text
from city.event import Event, encode, tick
from city.geography import City, Unit, Zone
from city.instant import NS, rfc3339
from city.partition import partition_of

if TYPE_CHECKING:
    from collections.abc import Sequence

T0: Final = 1_767_225_600 * NS
"""Second 0 of every schedule: midnight, so that windows of any size here begin at it."""

PARTITION: Final = 1
PARTITIONS: Final = 4
_CODES: Final = tuple(f"{code:05d}" for code in range(24))
AREAS: Final = tuple(code for code in _CODES if partition_of(code.encode(), PARTITIONS) == PARTITION)[:2]
"""Areas that live in the partition under test."""

ELSEWHERE: Final = next(code for code in _CODES if partition_of(code.encode(), PARTITIONS) != PARTITION)
"""An area that does not."""

_UNITS: Final = tuple(Unit(code, code, "ward", 1.0, 21.0, 105.8) for code in (*AREAS, ELSEWHERE))
CITY: Final = City("small", "Small", "Asia/Ho_Chi_Minh", (Zone("East", _UNITS[:1]), Zone("West", _UNITS[1:])))

KINDS: Final = ("x", "y")


class ReadingData(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    level: Annotated[float, Meta(ge=-1000, le=1000)] | None = None
    people: Annotated[int, Meta(ge=0, le=1000)] | None = None
    kind: Literal["x", "y"] | None = None


class Reading(Event, frozen=True, tag="vn.test.reading.v1"):
    data: ReadingData


class PulseData(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    beats: Annotated[int, Meta(ge=0, le=1000)] | None = None


class Pulse(Event, frozen=True, tag="vn.test.pulse.v1"):
    data: PulseData


LEVEL: Final = Measure(
    "level", "level", "1", scale=10, keep=("sum", "min", "max"), weight="people", bounds=(-10.0, 0.05, 10.0)
)
PEOPLE: Final = Measure("people", "people", "1", keep=("sum", "max"))
BEATS: Final = Measure("beats", "beats", "1")

A: Final = Series("a", Reading, 4, 2, (LEVEL,), (Tag("kind", "data.kind", KINDS),))
B: Final = Series("b", Reading, 6, 5, (LEVEL, PEOPLE), (Tag("source", "source"),))
C: Final = Series("c", Pulse, 15, 3, (BEATS,))

DOMAIN: Final = Domain(
    name="test",
    title=Text("Thử", "Test"),
    events=(Reading, Pulse),
    series=(A, B, C),
    kpis=(),
    freshness=Freshness(1, 1, 1, 1, ()),
    sites=(),
)

DEPLOYED: Final = (
    DOMAIN,
    replace(DOMAIN, series=(A, replace(B, measures=(LEVEL,)), C)),
    replace(DOMAIN, series=(A, replace(B, window_s=9), replace(C, lateness_s=4))),
)
"""Versions of the domain that follow each other: `b` changes its fields, then its windows."""


quick: Final = settings(deadline=None, derandomize=True, database=None, max_examples=50)
"""For properties of pure functions: the same examples each time, and enough of them."""


def at(second: float) -> int:
    """An instant of the schedule, ns."""
    return T0 + round(second * NS)


@dataclass(slots=True)
class Entry:
    """A Kafka record; `timestamp` in ms."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int


@dataclass(frozen=True, slots=True)
class Said:
    """What a producer appends, and what the definition says of it: its `reason` if it is unusable."""

    value: bytes | None
    key: bytes | None
    stamped: int
    heard: int
    time: int | None = None
    kind: type[Event] | None = None
    begin: bool = False
    reason: str = ""


def reading(time: int, heard: int | None = None, ident: object = None, **said: Any) -> Said:
    """A reading at `time` (ns), heard then or at `heard`; unnamed, its identity is new for each time and hearing."""
    heard = time if heard is None else heard
    ident = f"{time}-{heard}" if ident is None else str(ident)
    source, area = said.pop("source", "test/1"), said.pop("area", AREAS[0])
    event = Reading(
        id=ident, source=source, time=rfc3339(time), recordedtime=rfc3339(heard), area=area, data=ReadingData(**said)
    )
    return _said(event, time, heard)


def pulse(time: int, heard: int, ident: object, **said: Any) -> Said:
    """The other event type."""
    source, area = said.pop("source", "test/1"), said.pop("area", AREAS[0])
    event = Pulse(
        id=str(ident), source=source, time=rfc3339(time), recordedtime=rfc3339(heard), area=area, data=PulseData(**said)
    )
    return _said(event, time, heard)


def _said(event: Reading | Pulse, time: int, heard: int) -> Said:
    reason = "clock-ahead" if time > heard + 5 * NS else ""
    return Said(encode(event), event.area.encode(), heard, heard, time, type(event), reason=reason)


def ticked(heard: int, *, begin: bool = False) -> Said:
    """A tick; with `begin` the one that opens a new log."""
    return Said(tick(heard, begin=begin), None, heard, heard, begin=begin)


def unstamped(said: Said) -> Said:
    """The same event without `recordedtime`: the log's own timestamp stands for it, in whole milliseconds."""
    assert said.value is not None
    fields = msgspec.json.decode(said.value)
    del fields["recordedtime"]
    return replace(said, value=msgspec.json.encode(fields))


def heard_again(said: Said, heard: int) -> Said:
    """The same event, accepted by a publisher once more."""
    assert said.value is not None
    assert said.time is not None
    value = msgspec.json.encode({**msgspec.json.decode(said.value), "recordedtime": rfc3339(heard)})
    reason = "clock-ahead" if said.time > heard + 5 * NS else ""
    return replace(said, value=value, stamped=heard, heard=heard, reason=reason)


def poisons(heard: int) -> tuple[Said, ...]:
    """One of each kind of unusable record."""
    good = reading(heard, heard, "poison")
    assert good.value is not None
    return (
        replace(good, value=b"{", reason="not-json"),
        replace(good, value=None, reason="not-json"),
        replace(good, value=good.value.replace(b"test/1", b"\xff"), reason="not-utf8"),
        replace(good, value=good.value.replace(b"vn.test.reading", b"vn.test.nothing"), reason="unknown-type"),
        replace(good, value=good.value.replace(b'"data":{}', b'"data":{"level":2000}'), reason="out-of-bounds"),
        replace(good, value=good.value.replace(b"test/1", b"test 1"), reason="wrong-field"),
        replace(good, key=AREAS[1].encode(), reason="wrong-key"),
        replace(reading(heard, heard, "poison", area=ELSEWHERE), reason="wrong-partition"),
        replace(reading(heard, heard, "poison", area="nowhere"), reason="unknown-area"),
        replace(good, stamped=heard - 6 * NS, reason="recorded-ahead"),
    )
