"""What a simulator said, looked at: when it was heard, how old it was, who said it, and how long one was silent."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from city import catalogue
from city.event import encode
from city.instant import NS, nanoseconds
from producers.simulators import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from city.event import Event

Spoken = TypeVar("Spoken", bound="Event")

PACKS = catalogue.load()
SIMULATORS = find(PACKS.domains, PACKS.city)
MORNING = nanoseconds("2026-11-23T09:00:00+07:00")  # a Monday


def digests() -> dict[str, str]:
    """Domain → digest of what seed 2026 says in one minute, twenty events a second."""
    return {
        one.domain.name: digest(one.simulate(2026, MORNING, MORNING + 60 * NS, events_per_s=20)) for one in SIMULATORS
    }


def digest(events: Iterable[Event]) -> str:
    return hashlib.sha256(b"\n".join(map(encode, events))).hexdigest()


def heard(event: Event) -> int:
    """When it was heard, ns."""
    return nanoseconds(str(event.recordedtime))


def age_s(event: Event) -> float:
    """How long before it was heard it happened, by its source's clock."""
    return (heard(event) - nanoseconds(event.time)) / NS


def by_source(events: Iterable[Spoken]) -> dict[str, list[Spoken]]:
    grouped = defaultdict(list)
    for event in events:
        grouped[event.source].append(event)
    return grouped


def by_area(events: Iterable[Spoken]) -> dict[str, list[Spoken]]:
    grouped = defaultdict(list)
    for event in events:
        grouped[event.area].append(event)
    return grouped


def said_twice(events: Iterable[Spoken]) -> Iterator[tuple[Spoken, Spoken]]:
    """Each event whose identity was heard before, behind the first of that identity."""
    first: dict[tuple[str, str, str], Spoken] = {}
    for event in events:
        before = first.setdefault((event.source, event.id, event.time), event)
        if before is not event:
            yield before, event


def longest_gap_s(events: Sequence[Event]) -> float:
    """The longest silence between two events of a source."""
    return max(after - before for before, after in pairwise(map(heard, events))) / NS


def longest_stillness_s(events: Iterable[Event], alike: Iterable[str]) -> float:
    """For how long a source's attributes did not change."""
    names = tuple(alike)
    longest = start = 0
    said: tuple[object, ...] | None = None
    for event in events:
        now = tuple(getattr(event.data, name) for name in names)
        if now != said:
            said, start = now, heard(event)
        longest = max(longest, heard(event) - start)
    return longest / NS
