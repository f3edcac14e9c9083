"""What Hanoi's one-stop counters and portals would say: a pure function of seed, city and time.

Counters report in turns, closed ones too. Applications take their steps as `lives` finds them, each said by the office
that has it in hand. Faults and delays are drawn for each, so any piece of time can be made alone and the pieces join
exactly; and what is wrong with an event is known when it is made: `injected` tells how many there are of each kind.
"""

from __future__ import annotations

from bisect import bisect
from functools import lru_cache
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import msgspec

from city.domains.services.counters import Counters, Desk
from city.domains.services.events import Application, Counter
from city.domains.services.lives import Happening, Lives
from city.domains.services.office import Practice
from city.domains.services.scenarios import SCENARIOS, Events, chosen
from city.domains.services.sites import sites
from city.domains.services.steps import Teller
from city.draw import Draw
from city.faults import Faults, age_ms
from city.geography import HANOI, City
from city.instant import NS, rfc3339
from city.shift import AGAIN_NS, Said, Shift, Voice, again, comes_again, counts, period_ns, speaks, stated, together
from city.weather import Weather

if TYPE_CHECKING:
    from collections import Counter as Tally
    from collections.abc import Container, Iterator

    from city.domains.services.events import QueueMonitor
    from city.event import Event
    from city.rota import Slot

__all__ = ["SCENARIOS", "injected", "simulate"]

_TURN_S: Final = 60
_LEAST_PART: Final = 0.35  # of the full rate: from here on everybody speaks, so that none seems to be silent
_COUNTERS_OF_HANOI: Final = 480
_STEPS_PER_S: Final = 0.45  # of Hanoi's applications, the mean of a working day
_CHUNK_NS: Final = 600 * NS


def simulate(
    seed: int,
    start_ns: int,
    end_ns: int,
    *,
    events_per_s: float,
    scenarios: tuple[str, ...] = (),
    city: City = HANOI,
    areas: Container[str] | None = None,
) -> Iterator[Event]:
    """The observations that are heard in `[start_ns, end_ns)`, by non-decreasing `recordedtime`.

    Args:
        seed: another seed, another city's day.
        start_ns: ns since 1970, UTC.
        end_ns: likewise; `simulate(a, b)` then `simulate(b, c)` is `simulate(a, c)`.
        events_per_s: the mean of a working day; where it is low, its busiest hours have half more. From about 3
            on, every counter speaks and as many apply as in the city itself; above it the counters report more
            often. Below it a part of the city speaks: so much of its counters, and as much of its applications.
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
) -> Tally[str]:
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
    events = chosen(scenarios, city)
    if not speaks(events_per_s):
        return iter(())
    return _City(seed, city, events, events_per_s, areas).said(start, end)


@lru_cache(maxsize=4)
def _desks(seed: int, city: City) -> tuple[Desk, ...]:
    """All counters of the city, in the order in which a low rate picks them: any first n lie all over the city."""
    placed = []
    for site in sites(city):
        order, pace, *_ = Draw(seed, "desk", site.source).at(0)
        desk = Desk(
            Voice(site.source, site.area, Draw(seed, "turn", site.source), Draw(seed, "fault", site.source)),
            pace=0.8 + 0.4 * pace,
        )
        placed.append((order, site.source, desk))
    placed.sort(key=lambda entry: entry[:2])
    return tuple(desk for _, _, desk in placed)


class _City:
    """One simulation. What it keeps are caches: every answer follows from the arguments alone."""

    def __init__(
        self, seed: int, city: City, events: Events, events_per_s: float, areas: Container[str] | None
    ) -> None:
        everyone = _desks(seed, city)
        size = len(everyone) / _COUNTERS_OF_HANOI
        least = _LEAST_PART * len(everyone) / _TURN_S + _STEPS_PER_S * size
        scale = min(1.0, events_per_s / least)
        reports_per_s = events_per_s - _STEPS_PER_S * size * scale
        self._desks = everyone[: max(1, round(len(everyone) * scale))]
        voices = [desk.voice for desk in self._desks]
        self._shift = Shift(Counter, voices, period_ns(len(voices), reports_per_s), self._observe, areas=areas)
        self._areas = areas
        practice = Practice(events.rush)
        weather = Weather(seed, city)
        self._counters = Counters(seed, city, practice, events, weather)
        self._lives = Lives(seed, city, practice, events, scale * size)
        self._teller = Teller(seed, self._lives, self._counters)
        self._weights = tuple(accumulate(desk.pace for desk in self._desks))
        self._offices = {voice.area: f"services/{voice.area}/office" for voice in voices}
        self._faults = Faults({source: Draw(seed, "fault", source) for source in self._offices.values()})

    def said(self, start: int, end: int) -> Iterator[Said]:
        """What is heard in `[start, end)`: of the same instant, reports first, and then what is said again."""
        asked = self._areas is None or any(area in self._areas for area in self._offices)
        return together(self._shift.said(start, end, again_last=True), self._steps(start, end) if asked else ())

    def _observe(self, slot: Slot) -> QueueMonitor:
        return self._counters.report(self._desks[slot.number], slot.now, self._shift.before(slot), slot.chance)

    # ---------------------------------------------------------------------------------------------- applications

    def _steps(self, start: int, end: int) -> Iterator[Said]:
        """The steps, chunk by chunk of a fixed grid: how time is cut by whoever asks decides nothing."""
        for chunk in range(start // _CHUNK_NS * _CHUNK_NS, end, _CHUNK_NS):
            after = chunk + _CHUNK_NS
            said = [
                one
                for happening in self._lives.happenings(chunk - AGAIN_NS, after)
                for one in self._told(happening, start)
                if chunk <= one.heard < after
            ]
            said.sort(key=attrgetter("heard"))
            yield from (one for one in said if start <= one.heard < end)

    def _told(self, happening: Happening, start: int) -> Iterator[Said]:
        """A step as its office says it: not at all, once, or twice."""
        place = happening.life.chance[1] * self._weights[-1]
        area = self._desks[min(bisect(self._weights, place), len(self._desks) - 1)].voice.area
        if self._areas is not None and area not in self._areas:
            return
        source = self._offices[area]
        fault = self._faults.at(source, happening.at)
        if fault is not None and fault.kind == "silent":
            return
        chance = self._teller.chance(happening)
        age = age_ms(chance[0], chance[1])
        time, flaw = stated(happening.at, fault, age)
        data = self._teller.tell(happening, area, chance)
        event = Application(
            id=f"{data.service_request_id}-{data.step}",
            source=source,
            time=rfc3339(time),
            recordedtime=rfc3339(happening.at),
            area=area,
            data=data,
        )
        yield Said(happening.at, event, flaw)
        if comes_again(fault, age):
            heard = happening.at + AGAIN_NS
            event = msgspec.structs.replace(event, recordedtime=rfc3339(heard))
            yield Said(heard, event, again(happening.at, start))
