"""Finds the packs' simulators and joins what they say into one stream, in the order it is heard."""

from __future__ import annotations

import heapq
import importlib
import importlib.util
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from city.errors import UsageError
from city.instant import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from city.domain import Domain, Text
    from city.event import Event
    from city.geography import City

FOR_EVER_NS = 9_000_000_000 * 1_000_000_000
"""The end of a simulation that has none (the year 2255)."""


class Simulate(Protocol):
    """A pack's simulator: pure, the same arguments give the same events.

    It yields what is heard in `[start_ns, end_ns)`, by non-decreasing `recordedtime`, so that consecutive pieces
    join exactly.
    """

    def __call__(
        self, seed: int, start_ns: int, end_ns: int, *, events_per_s: float, scenarios: tuple[str, ...] = ()
    ) -> Iterator[Event]:
        """Simulate one piece of time."""
        ...


class Simulator(NamedTuple):
    """A pack that can speak by itself."""

    domain: Domain
    simulate: Simulate
    scenarios: frozenset[str]


class Heard(NamedTuple):
    """An event of a simulator, when it is heard (ns), and where it goes."""

    at: int
    topic: str
    event: Event


def find(domains: Iterable[Domain], city: City | None = None) -> tuple[Simulator, ...]:
    """The packs that have a simulator, over the table of a city (without one: over the simulators' own)."""
    found = []
    for domain in domains:
        name = f"city.domains.{domain.name}.simulator"
        if importlib.util.find_spec(name) is not None:
            module = importlib.import_module(name)
            simulate = module.simulate if city is None else partial(module.simulate, city=city)
            found.append(Simulator(domain, cast("Simulate", simulate), frozenset(scenarios_of(domain))))
    return tuple(found)


def scenarios_of(domain: Domain) -> Mapping[str, Text]:
    """The scenarios that the domain's simulator plays, each with what happens in it."""
    name = f"city.domains.{domain.name}.simulator"
    if importlib.util.find_spec(name) is None:
        return {}
    found: Mapping[str, Text] = getattr(importlib.import_module(name), "SCENARIOS", {})
    return found


def refuse_unknown(scenarios: Iterable[str], simulators: Iterable[Simulator]) -> None:
    """Refuse a scenario that no simulator plays.

    Raises:
        UsageError: there is one; names those that there are.
    """
    known = sorted({name for simulator in simulators for name in simulator.scenarios})
    for name in scenarios:
        if name not in known:
            raise UsageError(f"no scenario {name!r}; there are: {', '.join(known) or 'none'}")


def together(
    simulators: Iterable[Simulator],
    seed: int,
    start_ns: int,
    end_ns: int = FOR_EVER_NS,
    *,
    events_per_s: float,
    scenarios: tuple[str, ...] = (),
) -> Iterator[Heard]:
    """What all simulators say in `[start_ns, end_ns)`, `events_per_s` shared equally among them.

    Raises:
        UsageError: a scenario that none of them knows, or a rate that is no rate.
    """
    speaking = tuple(simulators)
    refuse_unknown(scenarios, speaking)
    if not speaking or events_per_s == 0:
        return iter(())
    share = events_per_s / len(speaking)
    streams = []
    for simulator in speaking:
        chosen = tuple(name for name in scenarios if name in simulator.scenarios)
        said = simulator.simulate(seed, start_ns, end_ns, events_per_s=share, scenarios=chosen)
        streams.append(_heard(simulator.domain.topic, said))
    return heapq.merge(*streams, key=lambda heard: heard.at)


def _heard(topic: str, said: Iterable[Event]) -> Iterator[Heard]:
    for event in said:
        assert event.recordedtime is not None, "a simulator says when its events are heard"
        yield Heard(nanoseconds(event.recordedtime), topic, event)
