"""What a pack's files must be beside the pack itself: runbooks, rule tests, samples, a simulator that can be used."""

from __future__ import annotations

from collections import Counter
from importlib import resources
from typing import TYPE_CHECKING, Final

from city.event import Reason, UnusableError, encode
from city.gate import Gate
from city.geography import CITY_AREA
from city.instant import NS, nanoseconds
from city.lines import parse_line
from producers.simulators import find, together

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from city.domain import Domain
    from city.geography import City

ORDINARY: Final = "ordinary.jsonl"
"""The sample of which every line must be usable; `poison.jsonl` and others may hold anything."""

_NOON: Final = nanoseconds("2026-06-10T12:00:00+07:00")  # a Wednesday: offices and sights are open
_LISTENED_S: Final = 60
_EVENTS_PER_S: Final = 20.0
_USABLE: Final = 0.8
"""At least this share of what a simulator says: faults it plays, as fast clocks, are rejected as they should be."""


def faults_of(domain: Domain, city: City) -> Iterator[str]:
    """All that is wrong with the files of a pack: a line each, the pack's name first."""
    folder = resources.files(f"city.domains.{domain.name}")
    for fault in (*_texts(domain, folder), *_sample(domain, city, folder), *_simulator(domain, city)):
        yield f"{domain.name}: {fault}"


def _texts(domain: Domain, folder: Traversable) -> Iterator[str]:
    if not domain.rules:
        return
    for name in ("runbook.vi.md", "runbook.en.md", "alerts_test.yaml"):
        if not (folder / name).is_file():
            yield f"has alert rules and no {name}"


def _sample(domain: Domain, city: City, folder: Traversable) -> Iterator[str]:
    file = folder / "samples" / ORDINARY
    if not file.is_file():
        yield f"has no samples/{ORDINARY}: a few events as they are when all is well"
        return
    gate = Gate(domain.events, city.zone_of)
    faults: dict[int, UnusableError] = {}
    placed = False
    for number, text in enumerate(file.read_bytes().splitlines(), start=1):
        line = parse_line(text)
        try:
            event = gate.admit(line.value, line.key, line.headers, None)[0]
        except UnusableError as error:
            faults[number] = error
        else:
            placed |= getattr(event, "area", CITY_AREA) != CITY_AREA
    if not placed and {error.reason for error in faults.values()} == {Reason.UNKNOWN_AREA}:
        return  # a sample of another city
    yield from (f"samples/{ORDINARY}:{number}: {error}" for number, error in faults.items())


def _simulator(domain: Domain, city: City) -> Iterator[str]:
    found = find([domain], city)
    if not found:
        yield "has no simulator.py: nobody can see it run"
        return
    gate = Gate(domain.events, city.zone_of)
    said, heard, wrong = 0, 0, Counter[str]()
    for at, _, event in together(found, 1, _NOON, _NOON + _LISTENED_S * NS, events_per_s=_EVENTS_PER_S):
        said += 1
        if at < heard:
            yield f"its simulator goes back in time: {event.source} {event.id} is heard at {event.recordedtime}"
            return
        heard = at
        try:
            gate.admit(encode(event), None, (), None)
        except UnusableError as error:
            wrong[str(error)] += 1
    if not said:
        yield f"its simulator says nothing in {_LISTENED_S} s of a working day's noon"
    elif said - wrong.total() < _USABLE * said:
        reasons = "; ".join(reason for reason, _ in wrong.most_common(3))
        yield f"its simulator says {wrong.total()} of {said} events that cannot be used: {reasons}"
