"""What Hanoi's tourism would say: a pure function of seed, city and time.

Four crews of sources speak, each at its own pace (the pack's): registers at the gates, counters over the ways, lodging
desks, servers of the portal. Everything about a turn is drawn from (seed, source, turn), so that any piece of time
can be made alone and the pieces join exactly. Whatever is wrong with a report is known when it is made: `injected`
tells how many there are of each kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.domains.tourism.crews import crews
from city.domains.tourism.day import Day
from city.domains.tourism.scenarios import SCENARIOS, chosen
from city.geography import HANOI, City
from city.instant import NS
from city.shift import Shift, counts, period_ns, speaks, together

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Container, Iterator

    from city.domains.tourism.crews import Crew, Data
    from city.domains.tourism.events import TourismEvent
    from city.rota import Slot
    from city.shift import Said

__all__ = ["SCENARIOS", "injected", "simulate"]

_ALL_FROM: Final = 0.35  # of the full rate: from here on all sources speak, so that none seems to be silent


def simulate(
    seed: int,
    start_ns: int,
    end_ns: int,
    *,
    events_per_s: float,
    scenarios: tuple[str, ...] = (),
    city: City = HANOI,
    areas: Container[str] | None = None,
) -> Iterator[TourismEvent]:
    """The observations that are heard in `[start_ns, end_ns)`, by non-decreasing `recordedtime`.

    Args:
        seed: another seed, another city's day.
        start_ns: ns since 1970, UTC.
        end_ns: likewise; `simulate(a, b)` then `simulate(b, c)` is `simulate(a, c)`.
        events_per_s: at the full rate (about 14) every source speaks at its own pace, above it more often. From a
            third of it on all speak, less often; below it fewer do, but one of each crew at least.
        scenarios: names of `SCENARIOS`.
        city: whose areas, and whose clock.
        areas: whose events alone are asked for; None: those of all.

    Raises:
        UsageError: an unknown scenario, or a rate that is no rate.
    """
    return (said.event for said in _said(seed, start_ns, end_ns, events_per_s, scenarios, city, areas))


def injected(
    seed: int,
    start_ns: int,
    end_ns: int,
    *,
    events_per_s: float,
    scenarios: tuple[str, ...] = (),
    city: City,
) -> Counter[str]:
    """How many events of a piece of time are late, duplicate or unusable, by the names of the truth's counts.

    `in` counts those that are usable. Arguments and errors are those of `simulate`.
    """
    return counts(_said(seed, start_ns, end_ns, events_per_s, scenarios, city))


def _said(  # noqa: PLR0917 - the arguments of `simulate`
    seed: int,
    start: int,
    end: int,
    events_per_s: float,
    scenarios: tuple[str, ...],
    city: City,
    areas: Container[str] | None = None,
) -> Iterator[Said]:
    day = Day(seed, city, chosen(scenarios, city))
    if not speaks(events_per_s):
        return iter(())
    every = crews(seed, city)
    part = events_per_s / sum(len(crew.speakers) / crew.period_s for crew in every)
    return together(*(_shift(crew, day, part, areas).said(start, end) for crew in every))


def _shift(crew: Crew, day: Day, part: float, areas: Container[str] | None) -> Shift:
    """The speakers of a crew that speak at so much of the full rate."""
    everyone = crew.speakers
    speakers = everyone if part >= _ALL_FROM else everyone[: max(1, round(part * len(everyone)))]
    period = period_ns(len(speakers), part * len(everyone) / crew.period_s)

    def observe(slot: Slot) -> Data:
        return crew.observe(day, speakers[slot.number], slot, period / NS)

    return Shift(crew.event, [speaker.voice for speaker in speakers], period, observe, areas=areas)
