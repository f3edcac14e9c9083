"""Finds the packs' simulators and joins what they say into one stream, in the order it is heard."""

from __future__ import annotations

import heapq
import importlib
import importlib.util
from collections import Counter
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from city.catalogue import scenarios_of
from city.errors import UsageError
from city.instant import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from city.domain import Domain
    from city.event import Event
    from city.geography import City

__all__ = [
    "Heard",
    "Simulate",
    "Simulator",
    "find",
    "injected",
    "loads",
    "refuse_unknown",
    "scenarios_of",
    "shares",
    "together",
]

_UNKNOWN_RATE = 1.0
"""Events/s of a pack that knows no source beforehand."""

FOR_EVER_NS = 9_000_000_000 * 1_000_000_000
"""The end of a simulation that has none (the year 2255)."""


class Simulate(Protocol):
    """A pack's simulator: pure, the same arguments give the same events.

    It yields what is heard in `[start_ns, end_ns)`, by non-decreasing `recordedtime`, so that consecutive pieces
    join exactly.
    """

    def __call__(
        self,
        seed: int,
        start_ns: int,
        end_ns: int,
        *,
        events_per_s: float,
        scenarios: tuple[str, ...] = (),
        areas: Container[str] | None = None,
    ) -> Iterator[Event]:
        """Simulate one piece of time: what these areas' sources say of what all say; None: everything.

        `areas` may be missing from a pack's simulator, which then makes events that are left out when it is shared.
        """
        ...


class Injected(Protocol):
    """What a simulator that can tell says of a piece of time, beside saying it."""

    def __call__(
        self, seed: int, start_ns: int, end_ns: int, *, events_per_s: float, scenarios: tuple[str, ...] = ()
    ) -> Counter[str]:
        """How many of its events are late, duplicate or unusable, by the names of the truth's counts."""
        ...


class Simulator(NamedTuple):
    """A pack that can speak by itself.

    Attributes:
        full_rate: events/s at which all of the city's known sources speak at their own pace.
        injected: None where the pack does not tell what is wrong with its events.
    """

    domain: Domain
    simulate: Simulate
    scenarios: frozenset[str]
    full_rate: float
    injected: Injected | None


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
            over: City = city or signature(module.simulate).parameters["city"].default
            simulate = cast("Simulate", partial(_able_to_share(module.simulate), city=over))
            injected = partial(module.injected, city=over) if hasattr(module, "injected") else None
            found.append(
                Simulator(domain, simulate, frozenset(scenarios_of(domain)), _full_rate(domain, over), injected)
            )
    return tuple(found)


def _able_to_share(simulate: Callable[..., Iterator[Event]]) -> Callable[..., Iterator[Event]]:
    """A pack's simulator that can be asked for some areas; of one that cannot, everything comes all the same."""
    if "areas" in signature(simulate).parameters:
        return simulate

    def of_areas(*when: int, areas: Container[str] | None = None, **how: Any) -> Iterator[Event]:
        _ = areas  # to look ahead for one of theirs would take for ever where there is none
        return simulate(*when, **how)

    return of_areas


def loads(domains: Iterable[Domain], city: City) -> dict[str, float]:
    """Area → events/s of its known sources at their own pace, silent areas too."""
    found = dict.fromkeys(city.zone_of, 0.0)
    for domain in domains:
        for site in domain.sites_in(city):
            found[site.area] += 1 / domain.freshness_of(site.event or domain.events[0]).period_s
    return found


def _full_rate(domain: Domain, city: City) -> float:
    kinds = Counter(site.event or domain.events[0] for site in domain.sites_in(city))
    return sum(count / domain.freshness_of(kind).period_s for kind, count in kinds.items()) or _UNKNOWN_RATE


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
    areas: Container[str] | None = None,
) -> Iterator[Heard]:
    """What all simulators say in `[start_ns, end_ns)`, `events_per_s` shared among them as in the real city.

    With `areas`, what of it is about these, and others' where a pack's simulator cannot leave them out.

    Raises:
        UsageError: a scenario that none of them knows, or a rate that is no rate.
    """
    speaking = tuple(simulators)
    refuse_unknown(scenarios, speaking)
    if not speaking or events_per_s == 0:
        return iter(())
    streams = []
    for simulator, share in shares(speaking, events_per_s):
        chosen = tuple(name for name in scenarios if name in simulator.scenarios)
        said = simulator.simulate(seed, start_ns, end_ns, events_per_s=share, scenarios=chosen, areas=areas)
        streams.append(_heard(simulator.domain.topic, said))
    return heapq.merge(*streams, key=lambda heard: heard.at)


def shares(simulators: Iterable[Simulator], events_per_s: float) -> tuple[tuple[Simulator, float], ...]:
    """Each simulator with its part of the rate: the one it has of the whole city's when all speak at their own pace."""
    speaking = tuple(simulators)
    whole = sum(simulator.full_rate for simulator in speaking)
    return tuple((simulator, events_per_s * simulator.full_rate / whole) for simulator in speaking)


def injected(
    simulators: Iterable[Simulator],
    seed: int,
    start_ns: int,
    end_ns: int,
    *,
    events_per_s: float,
    scenarios: tuple[str, ...] = (),
) -> dict[str, Counter[str]]:
    """Domain → what `together` says of it that is late, duplicate or unusable; of the domains that can tell."""
    return {
        simulator.domain.name: simulator.injected(
            seed,
            start_ns,
            end_ns,
            events_per_s=share,
            scenarios=tuple(name for name in scenarios if name in simulator.scenarios),
        )
        for simulator, share in shares(simulators, events_per_s)
        if simulator.injected is not None
    }


def _heard(topic: str, said: Iterable[Event]) -> Iterator[Heard]:
    for event in said:
        assert event.recordedtime is not None, "a simulator says when its events are heard"
        yield Heard(nanoseconds(event.recordedtime), topic, event)
