"""What sample files are made of, whatever the domain: events made worse, and the records nobody may count.

A pack's module beside this one has an `ORDINARY` (a function: about two dozen events as they are heard) and a `POISON`
(a function of them: its own bad records).
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

import tests.samples
from city import catalogue
from city.event import Reason, encode
from city.instant import NS, nanoseconds, rfc3339
from city.lines import Line, Place, format_line
from city.partition import partition_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from city.event import Event

DOMAINS: Final = Path(__file__).parents[2] / "city" / "domains"
PARTITIONS: Final = 4
_PLUMBING: Final = {"making", "test_samples", "__main__"}


class Bad(NamedTuple):
    """A record nobody may count, the reason, and what is wrong with it in words."""

    line: Line
    reason: Reason
    why: str


class Samples(NamedTuple):
    """What a pack's samples are made of."""

    domain: str
    ordinary: Callable[[], Sequence[Event]]
    poison: Callable[[Sequence[Event]], Sequence[Bad]]


def every() -> tuple[Samples, ...]:
    """The samples of every pack that has a module beside this one."""
    names = sorted(module.name for module in pkgutil.iter_modules(tests.samples.__path__))
    modules = {name: importlib.import_module(f"tests.samples.{name}") for name in names if name not in _PLUMBING}
    return tuple(Samples(name, module.ordinary, module.poison) for name, module in modules.items())


def files(samples: Samples) -> dict[str, bytes]:
    """File name → content."""
    ordinary = list(samples.ordinary())
    bad = list(samples.poison(ordinary))
    reasons = [{"line": at, "reason": str(one.reason), "why": one.why} for at, one in enumerate(bad, 1)]
    return {
        "ordinary.jsonl": b"".join(format_line(Line(encode(event))) for event in ordinary),
        "disorder.jsonl": b"".join(format_line(Line(encode(event))) for event in disorder(ordinary)),
        "poison.jsonl": b"".join(format_line(one.line) for one in bad),
        "poison.reasons.json": json.dumps(reasons, indent=2).encode() + b"\n",
    }


def folder(domain: str) -> Path:
    """Where a pack's samples lie."""
    return DOMAINS / domain / "samples"


def disorder(ordinary: Sequence[Event]) -> list[Event]:
    """The same events, worse: one 20 s old, one 3 minutes old, one said twice, one by a clock 3 s fast."""
    events = list(ordinary[:12])
    events[3] = aged(events[3], 20)
    events[5] = aged(events[5], 180)
    events[9] = aged(events[9], -3)
    again = msgspec.structs.replace(events[1], recordedtime=events[7].recordedtime)
    return [*events[:8], again, *events[8:]]


def edited(event: Event, old: str, new: str) -> Line:
    """The event with another text in it."""
    good = encode(event)
    changed = good.replace(old.encode(), new.encode(), 1)
    assert changed != good, old
    return Line(changed)


def without(event: Event, name: str) -> Line:
    """The event without an attribute of its envelope."""
    said = json.loads(encode(event))
    del said[name]
    return Line(json.dumps(said, separators=(",", ":")).encode())


def unreadable(event: Event) -> list[Bad]:
    """Records that hold no event at all."""
    good = encode(event)
    return [
        Bad(Line(b'{"specversion":"1.0","id":"1",'), Reason.NOT_JSON, "the text ends in the middle"),
        Bad(Line(b"[" * 1_100), Reason.NOT_JSON, "nested deeper than anything means"),
        Bad(Line(good.replace(b'"id":"', b'"id":"\xff', 1)), Reason.NOT_UTF8, "a byte that is no UTF-8"),
        Bad(without(event, "id"), Reason.WRONG_FIELD, "no id"),
        Bad(without(event, "area"), Reason.WRONG_FIELD, "no area"),
    ]


def misplaced(event: Event) -> list[Bad]:
    """Records whose place in the log is not that of their event."""
    stamp_ms = heard(event) // 1_000_000
    topic = next(
        domain.topic for domain in catalogue.load().domains for kind in domain.events if isinstance(event, kind)
    )
    home = partition_of(event.area.encode(), PARTITIONS)

    def at(partition: int, key: str, timestamp_ms: int = stamp_ms) -> Line:
        place = Place(
            topic=topic, partition=partition, partitions=PARTITIONS, offset=7, timestamp_ms=timestamp_ms, key=key
        )
        return Line(encode(event), place)

    elsewhere = (home + 1) % PARTITIONS
    return [
        Bad(at(home, "00001"), Reason.WRONG_KEY, "the key is another area"),
        Bad(at(elsewhere, event.area), Reason.WRONG_PARTITION, "murmur2 puts this key elsewhere"),
        Bad(at(home, event.area, stamp_ms - 60_000), Reason.RECORDED_AHEAD, "heard a minute after it was written"),
    ]


def aged(event: Event, age_s: int) -> Event:
    """The event as if it had happened `age_s` before it was heard."""
    return msgspec.structs.replace(event, time=rfc3339(heard(event) - age_s * NS))


def heard(event: Event) -> int:
    """When the event was heard (ns)."""
    return nanoseconds(event.recordedtime or event.time)


def heard_after_s(event: Event) -> float:
    """How old it was then."""
    return (heard(event) - nanoseconds(event.time)) / NS
