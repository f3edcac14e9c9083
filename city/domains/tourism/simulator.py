"""What Hanoi's tourism would say: a pure function of seed, city and time.

Four crews of sources speak, each at its own pace (the pack's): registers at the gates, counters over the ways, lodging
desks, servers of the portal. Everything about a turn is drawn from (seed, source, turn), so that any piece of time
can be made alone and the pieces join exactly. Whatever is wrong with a report is known when it is made: `injected`
tells how many there are of each kind.
"""

from __future__ import annotations

import heapq
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from city.domains.tourism.crews import crews
from city.domains.tourism.day import Day
from city.domains.tourism.scenarios import SCENARIOS, chosen
from city.errors import UsageError
from city.faults import HOUR_NS, Fault, age_ms, fault_in
from city.geography import HANOI, City
from city.instant import NS, rfc3339
from city.rota import Rota

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.domains.tourism.crews import Crew, Data, Speaker
    from city.domains.tourism.events import TourismEvent
    from city.rota import Slot

__all__ = ["SCENARIOS", "injected", "simulate"]

Flaw = Literal["", "late", "duplicate", "rejected:clock-ahead"]
"""What a reader of the log is to count an event as, beside counting it in; by the names of the truth's counts."""

_MS: Final = 1_000_000
_AGAIN_NS: Final = 1_500 * _MS
"""When a report is said twice, the second time comes this much later: no window of the first has closed by then."""

_YOUNG_MS: Final = 3_000
_LATE_MS: Final = 100_000
_AHEAD_NS: Final = 5 * NS
_ALL_FROM: Final = 0.35  # of the full rate: from here on all sources speak, so that none seems to be silent


def simulate(
    seed: int,
    start_ns: int,
    end_ns: int,
    *,
    events_per_s: float,
    scenarios: tuple[str, ...] = (),
    city: City = HANOI,
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
) -> Counter[str]:
    """How many events of a piece of time are late, duplicate or unusable, by the names of the truth's counts.

    `in` counts those that are usable. Arguments and errors are those of `simulate`.
    """
    counts: Counter[str] = Counter()
    for said in _said(seed, start_ns, end_ns, events_per_s, scenarios, city):
        counts["in"] += not said.flaw.startswith("rejected:")
        if said.flaw:
            counts[said.flaw] += 1
    return counts


class _Said(NamedTuple):
    """An event, when it is heard (ns), and what is wrong with it."""

    heard: int
    event: TourismEvent
    flaw: Flaw


def _said(  # noqa: PLR0917 - the arguments of `simulate`
    seed: int, start: int, end: int, events_per_s: float, scenarios: tuple[str, ...], city: City
) -> Iterator[_Said]:
    if not 0 <= events_per_s <= 1_000_000:  # also refuses NaN
        raise UsageError(f"events per second must be from 0 to 1,000,000, not {events_per_s}")
    day = Day(seed, city, chosen(scenarios, city))
    if events_per_s == 0:
        return iter(())
    every = crews(seed, city)
    part = events_per_s / sum(len(crew.speakers) / crew.period_s for crew in every)
    shifts = [_Shift(crew, day, part) for crew in every]
    streams = chain.from_iterable((shift.first(start, end), shift.again(start, end)) for shift in shifts)
    return heapq.merge(*streams, key=lambda said: said.heard)


class _Shift:
    """The speakers of one crew that speak at some rate. What it keeps are caches.

    Args:
        crew: whose.
        day: what they observe.
        part: the rate, beside the full one.
    """

    def __init__(self, crew: Crew, day: Day, part: float) -> None:
        count = len(crew.speakers)
        self._speakers = crew.speakers if part >= _ALL_FROM else crew.speakers[: max(1, round(part * count))]
        self._crew = crew
        self._day = day
        period = crew.period_s * len(self._speakers) / (count * part)
        self._rota = Rota(max(1, round(period * NS)), tuple(speaker.chance for speaker in self._speakers))
        self._faults: dict[int, tuple[int, Fault | None]] = {}
        self._stuck: dict[int, tuple[int, Data]] = {}

    def first(self, start: int, end: int) -> Iterator[_Said]:
        """Each turn's report."""
        for slot in self._rota.slots(start, end):
            if said := self._report(slot, heard=slot.now):
                yield said

    def again(self, start: int, end: int) -> Iterator[_Said]:
        """The reports that are said once more: those of a source that says everything twice, as long as it is young."""
        for slot in self._rota.slots(start - _AGAIN_NS, end - _AGAIN_NS):
            fault = self._fault(slot.number, slot.now)
            if fault is None or fault.kind != "twice" or _age_ms(slot) >= _YOUNG_MS:
                continue
            if said := self._report(slot, heard=slot.now + _AGAIN_NS):
                # Whoever begins to listen between the two hears the second for the first time.
                yield said._replace(flaw="duplicate" if slot.now >= start else "")

    def _report(self, slot: Slot, heard: int) -> _Said | None:
        speaker = self._speakers[slot.number]
        fault = self._fault(slot.number, slot.now)
        if fault is not None and fault.kind == "silent":
            return None
        data = self._frozen(slot.number, fault) if fault is not None and fault.kind == "frozen" else self._observe(slot)
        age = _age_ms(slot)
        time, flaw = slot.now - age * _MS, _flaw(age)
        if fault is not None and fault.kind == "fast":
            time = slot.now + fault.ahead_ns
            flaw = "rejected:clock-ahead" if fault.ahead_ns > _AHEAD_NS else ""
        event = self._crew.event(
            id=str(slot.turn),
            source=speaker.source,
            time=rfc3339(time),
            recordedtime=rfc3339(heard),
            area=speaker.area,
            data=data,
        )
        return _Said(heard, event, flaw)

    def _observe(self, slot: Slot) -> Data:
        speaker: Speaker = self._speakers[slot.number]
        return self._crew.observe(self._day, speaker, slot, self._rota.period / NS)

    def _fault(self, number: int, now: int) -> Fault | None:
        hour = now // HOUR_NS
        known = self._faults.get(number)
        if known is None or known[0] != hour:
            known = self._faults[number] = (hour, fault_in(self._speakers[number].ill, hour))
        fault = known[1]
        return fault if fault is not None and fault.start <= now < fault.end else None

    def _frozen(self, number: int, fault: Fault) -> Data:
        """What a frozen source goes on saying: its first report after it froze."""
        known = self._stuck.get(number)
        if known is None or known[0] != fault.start:
            slot = self._rota.slot(fault.start // self._rota.period + 1, number)
            known = self._stuck[number] = (fault.start, self._observe(slot))
        return known[1]


def _age_ms(slot: Slot) -> int:
    """How old a report is when it is heard first."""
    return age_ms(slot.chance[1], slot.chance[2])


def _flaw(age: int) -> Flaw:
    """A report is either heard while all its windows are open, or after the last one has closed: nothing between."""
    return "late" if age >= _LATE_MS else ""
