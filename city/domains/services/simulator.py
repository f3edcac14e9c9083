"""What Hanoi's one-stop counters and portals would say: a pure function of seed, city and time.

Counters report in turns, closed ones too. Applications take their steps as `lives` finds them, each said by the office
that has it in hand. Faults and delays are drawn for each, so any piece of time can be made alone and the pieces join
exactly; and what is wrong with an event is known when it is made: `injected` tells how many there are of each kind.
"""

from __future__ import annotations

import heapq
from bisect import bisect
from collections import Counter as Tally
from functools import lru_cache
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec

from city.domains.services.counters import Counters, Desk
from city.domains.services.events import Application, Counter, QueueMonitor
from city.domains.services.lives import Happening, Lives
from city.domains.services.office import Practice
from city.domains.services.scenarios import SCENARIOS, Events, chosen
from city.domains.services.sites import sites
from city.domains.services.steps import Teller
from city.draw import Draw
from city.errors import UsageError
from city.faults import HOUR_NS, Fault, age_ms, fault_in
from city.geography import HANOI, City
from city.instant import NS, rfc3339
from city.rota import Rota, Slot
from city.weather import Weather

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.event import Event

__all__ = ["SCENARIOS", "injected", "simulate"]

Flaw = Literal["", "late", "duplicate", "rejected:clock-ahead"]
"""What a reader of the log is to count an event as, beside counting it in; by the names of the truth's counts."""

_MS: Final = 1_000_000
_TURN_S: Final = 60
_LEAST_PART: Final = 0.35  # of the full rate: from here on everybody speaks, so that none seems to be silent
_COUNTERS_OF_HANOI: Final = 480
_STEPS_PER_S: Final = 0.45  # of Hanoi's applications, the mean of a working day
_CHUNK_NS: Final = 600 * NS

_AGAIN_NS: Final = 1_500 * _MS
"""When something is said twice, the second time comes this much later: no window of the first has closed by then."""

_YOUNG_MS: Final = 3_000
_LATE_MS: Final = 100_000
_AHEAD_NS: Final = 5 * NS


def simulate(
    seed: int,
    start_ns: int,
    end_ns: int,
    *,
    events_per_s: float,
    scenarios: tuple[str, ...] = (),
    city: City = HANOI,
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

    Raises:
        UsageError: an unknown scenario, or a rate that is no rate.
    """
    return (said.event for said in _said(seed, start_ns, end_ns, events_per_s, scenarios, city))


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
    counts: Tally[str] = Tally()
    for said in _said(seed, start_ns, end_ns, events_per_s, scenarios, city):
        counts["in"] += not said.flaw.startswith("rejected:")
        if said.flaw:
            counts[said.flaw] += 1
    return counts


def _said(  # noqa: PLR0917 - the arguments of `simulate`
    seed: int, start: int, end: int, events_per_s: float, scenarios: tuple[str, ...], city: City
) -> Iterator[_Said]:
    if not 0 <= events_per_s <= 1_000_000:  # also refuses NaN
        raise UsageError(f"events per second must be from 0 to 1,000,000, not {events_per_s}")
    events = chosen(scenarios, city)
    if events_per_s == 0:
        return iter(())
    return _City(seed, city, events, events_per_s).heard(start, end)


class _Said(NamedTuple):
    """An event, when it is heard (ns), and what is wrong with it."""

    at: int
    event: Event
    flaw: Flaw


@lru_cache(maxsize=4)
def _desks(seed: int, city: City) -> tuple[Desk, ...]:
    """All counters of the city, in the order in which a low rate picks them: any first n lie all over the city."""
    placed = []
    for site in sites(city):
        order, pace, *_ = Draw(seed, "desk", site.source).at(0)
        desk = Desk(
            source=site.source,
            area=site.area,
            pace=0.8 + 0.4 * pace,
            chance=Draw(seed, "turn", site.source),
            ill=Draw(seed, "fault", site.source),
        )
        placed.append((order, site.source, desk))
    placed.sort(key=lambda entry: entry[:2])
    return tuple(desk for _, _, desk in placed)


class _Office(NamedTuple):
    """What keeps the applications of an area: a source of its own, with faults of its own."""

    source: str
    area: str
    ill: Draw

    @classmethod
    def of(cls, seed: int, area: str) -> _Office:
        source = f"services/{area}/office"
        return cls(source, area, Draw(seed, "fault", source))


class _City:
    """One simulation. What it keeps are caches: every answer follows from the arguments alone."""

    def __init__(self, seed: int, city: City, events: Events, events_per_s: float) -> None:
        everyone = _desks(seed, city)
        size = len(everyone) / _COUNTERS_OF_HANOI
        least = _LEAST_PART * len(everyone) / _TURN_S + _STEPS_PER_S * size
        scale = min(1.0, events_per_s / least)
        reports_per_s = events_per_s - _STEPS_PER_S * size * scale
        self._desks = everyone[: max(1, round(len(everyone) * scale))]
        self._period = max(1, round(len(self._desks) * NS / reports_per_s))
        self._rota = Rota(self._period, tuple(desk.chance for desk in self._desks))
        practice = Practice(events.rush)
        weather = Weather(seed, city)
        self._counters = Counters(seed, city, practice, events, weather)
        self._lives = Lives(seed, city, practice, events, scale * size)
        self._teller = Teller(seed, self._lives, self._counters)
        self._weights = tuple(accumulate(desk.pace for desk in self._desks))
        self._offices = {desk.area: _Office.of(seed, desk.area) for desk in self._desks}
        self._faults: dict[str, tuple[int, Fault | None]] = {}
        self._stuck: dict[int, tuple[int, QueueMonitor]] = {}

    def heard(self, start: int, end: int) -> Iterator[_Said]:
        """What is heard in `[start, end)`: of the same instant, reports first, and then what is said again."""
        streams = (self._reports(start, end), self._reports_again(start, end), self._steps(start, end))
        return heapq.merge(*streams, key=attrgetter("at"))

    def _fault(self, source: Desk | _Office, now: int) -> Fault | None:
        hour = now // HOUR_NS
        known = self._faults.get(source.source)
        if known is None or known[0] != hour:
            known = self._faults[source.source] = (hour, fault_in(source.ill, hour))
        fault = known[1]
        return fault if fault is not None and fault.start <= now < fault.end else None

    # ---------------------------------------------------------------------------------------------- counters

    def _reports(self, start: int, end: int) -> Iterator[_Said]:
        """Each turn's report."""
        for slot in self._rota.slots(start, end):
            fault = self._fault(self._desks[slot.number], slot.now)
            if fault is None or fault.kind != "silent":
                yield self._report(slot, fault, heard=slot.now)

    def _reports_again(self, start: int, end: int) -> Iterator[_Said]:
        """The reports that are said once more: those of a counter that says everything twice, while they are young."""
        for slot in self._rota.slots(start - _AGAIN_NS, end - _AGAIN_NS):
            fault = self._fault(self._desks[slot.number], slot.now)
            if fault is not None and fault.kind == "twice" and age_ms(*slot.chance[1:3]) < _YOUNG_MS:
                said = self._report(slot, fault, heard=slot.now + _AGAIN_NS)
                yield said._replace(flaw=_again(slot.now, start))

    def _report(self, slot: Slot, fault: Fault | None, heard: int) -> _Said:
        desk = self._desks[slot.number]
        frozen = fault is not None and fault.kind == "frozen"
        data = self._frozen(desk, slot.number, fault) if fault is not None and frozen else self._observe(desk, slot)
        time, flaw = _stated(slot.now, fault, age_ms(*slot.chance[1:3]))
        event = Counter(
            id=str(slot.turn),
            source=desk.source,
            time=rfc3339(time),
            recordedtime=rfc3339(heard),
            area=desk.area,
            data=data,
        )
        return _Said(heard, event, flaw)

    def _observe(self, desk: Desk, slot: Slot) -> QueueMonitor:
        before = self._rota.slot(slot.turn - 1, slot.number).now
        return self._counters.report(desk, slot.now, before, slot.chance)

    def _frozen(self, desk: Desk, number: int, fault: Fault) -> QueueMonitor:
        """What a frozen counter goes on saying: its first report after it froze."""
        known = self._stuck.get(number)
        if known is None or known[0] != fault.start:
            said = self._observe(desk, self._rota.slot(fault.start // self._period + 1, number))
            known = self._stuck[number] = (fault.start, said)
        return known[1]

    # ---------------------------------------------------------------------------------------------- applications

    def _steps(self, start: int, end: int) -> Iterator[_Said]:
        """The steps, chunk by chunk of a fixed grid: how time is cut by whoever asks decides nothing."""
        for chunk in range(start // _CHUNK_NS * _CHUNK_NS, end, _CHUNK_NS):
            after = chunk + _CHUNK_NS
            said = [
                one
                for happening in self._lives.happenings(chunk - _AGAIN_NS, after)
                for one in self._told(happening, start)
                if chunk <= one.at < after
            ]
            said.sort(key=attrgetter("at"))
            yield from (one for one in said if start <= one.at < end)

    def _told(self, happening: Happening, start: int) -> Iterator[_Said]:
        """A step as its office says it: not at all, once, or twice."""
        place = happening.life.chance[1] * self._weights[-1]
        desk = self._desks[min(bisect(self._weights, place), len(self._desks) - 1)]
        office = self._offices[desk.area]
        fault = self._fault(office, happening.at)
        if fault is not None and fault.kind == "silent":
            return
        chance = self._teller.chance(happening)
        age = age_ms(chance[0], chance[1])
        time, flaw = _stated(happening.at, fault, age)
        data = self._teller.tell(happening, office.area, chance)
        event = Application(
            id=f"{data.service_request_id}-{data.step}",
            source=office.source,
            time=rfc3339(time),
            recordedtime=rfc3339(happening.at),
            area=office.area,
            data=data,
        )
        yield _Said(happening.at, event, flaw)
        if fault is not None and fault.kind == "twice" and age < _YOUNG_MS:
            heard = happening.at + _AGAIN_NS
            again = msgspec.structs.replace(event, recordedtime=rfc3339(heard))
            yield _Said(heard, again, _again(happening.at, start))


def _stated(heard: int, fault: Fault | None, age: int) -> tuple[int, Flaw]:
    """The time (ns) that a source states for what is heard at an instant, and what is wrong with that.

    It is heard either while its window is open or after that has closed: nothing lies between.
    """
    if fault is not None and fault.kind == "fast":
        return heard + fault.ahead_ns, "rejected:clock-ahead" if fault.ahead_ns > _AHEAD_NS else ""
    return heard - age * _MS, "late" if age >= _LATE_MS else ""


def _again(first: int, start: int) -> Flaw:
    """Whoever begins to listen between the two hears the second for the first time."""
    return "duplicate" if first >= start else ""
