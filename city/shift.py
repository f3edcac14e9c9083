"""Sources at work: they report in turns, they fail, and whatever is wrong with a report is known when it is made.

A domain's simulator says who speaks and what they observe; when reports are made, how old they are when they are
heard, which sources are silent, frozen, fast or say everything twice is decided here, for every domain alike.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from city.event import AHEAD_NS
from city.faults import HOUR_NS, Fault, age_ms, fault_in
from city.instant import NS, rfc3339
from city.rota import Rota

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from city.draw import Draw
    from city.event import Event
    from city.rota import Slot

Flaw = Literal["", "late", "duplicate", "rejected:clock-ahead"]
"""What a reader of the log is to count an event as, beside counting it in; by the names of the truth's counts."""

_MS: Final = 1_000_000
_AGAIN_NS: Final = 1_500 * _MS
"""When a report is said twice, the second time comes this much later: no window of the first has closed by then."""

_YOUNG_MS: Final = 3_000
_LATE_MS: Final = 100_000
"""A report is heard while all its windows are open, or after the last one has closed: nothing lies between."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A source: its name, where it stands, the chance of its turns and of its faults."""

    source: str
    area: str
    chance: Draw
    ill: Draw


class Said(NamedTuple):
    """An event, when it is heard (ns), and what is wrong with it."""

    heard: int
    event: Any
    flaw: Flaw


class Shift:
    """Sources of one kind that take turns. What it keeps are caches: every answer follows from the arguments.

    Args:
        event: the type of what they say.
        voices: who they are.
        period_ns: between two turns of one of them.
        observe: a slot → the `data` of its event; `slot.number` is the place among the voices.
        is_off: whether a source has no power: area and ns.
    """

    def __init__(
        self,
        event: Callable[..., Event],
        voices: Sequence[Voice],
        period_ns: int,
        observe: Callable[[Slot], Any],
        is_off: Callable[[str, int], bool] = lambda _area, _ns: False,
    ) -> None:
        self._event = event
        self._voices = voices
        self._rota = Rota(period_ns, tuple(voice.chance for voice in voices))
        self._observe = observe
        self._is_off = is_off
        self._faults: dict[int, tuple[int, Fault | None]] = {}
        self._stuck: dict[int, tuple[int, Any]] = {}

    def said(self, start: int, end: int) -> Iterator[Said]:
        """What is heard in `[start, end)`: each turn's report, and those of the young that are said once more."""
        waiting: deque[Said] = deque()
        for slot in self._rota.slots(start - _AGAIN_NS, end):
            while waiting and waiting[0].heard <= slot.now:
                yield waiting.popleft()
            fault = self._fault(slot.number, slot.now)
            if start <= slot.now and (said := self._report(slot, fault, slot.now)):
                yield said
            if fault is None or fault.kind != "twice" or _age_ms(slot) >= _YOUNG_MS:
                continue
            later = slot.now + _AGAIN_NS
            if start <= later < end and (said := self._report(slot, fault, later)):
                # Whoever begins to listen between the two hears the second for the first time.
                waiting.append(said._replace(flaw="duplicate" if start <= slot.now else ""))
        yield from waiting

    def _report(self, slot: Slot, fault: Fault | None, heard: int) -> Said | None:
        voice = self._voices[slot.number]
        if (fault is not None and fault.kind == "silent") or self._is_off(voice.area, slot.now):
            return None
        data = self._frozen(slot.number, fault) if fault is not None and fault.kind == "frozen" else self._observe(slot)
        age = _age_ms(slot)
        time = slot.now - age * _MS
        flaw: Flaw = "late" if age >= _LATE_MS else ""
        if fault is not None and fault.kind == "fast":
            time = slot.now + fault.ahead_ns
            flaw = "rejected:clock-ahead" if fault.ahead_ns > AHEAD_NS else ""
        event = self._event(
            id=str(slot.turn),
            source=voice.source,
            time=rfc3339(time),
            recordedtime=rfc3339(heard),
            area=voice.area,
            data=data,
        )
        return Said(heard, event, flaw)

    def _fault(self, number: int, now: int) -> Fault | None:
        hour = now // HOUR_NS
        known = self._faults.get(number)
        if known is None or known[0] != hour:
            known = self._faults[number] = (hour, fault_in(self._voices[number].ill, hour))
        fault = known[1]
        return fault if fault is not None and fault.start <= now < fault.end else None

    def _frozen(self, number: int, fault: Fault) -> Any:
        """What a frozen source goes on saying: its first report after it froze."""
        known = self._stuck.get(number)
        if known is None or known[0] != fault.start:
            slot = self._rota.slot(fault.start // self._rota.period + 1, number)
            known = self._stuck[number] = (fault.start, self._observe(slot))
        return known[1]


def period_ns(count: int, events_per_s: float) -> int:
    """Between two turns of each of `count` sources that together say so much."""
    return max(1, round(count * NS / events_per_s))


def together(shifts: Sequence[Shift], start: int, end: int) -> Iterator[Said]:
    """What all of them say in `[start, end)`, by the moment it is heard."""
    if len(shifts) == 1:
        return shifts[0].said(start, end)
    return heapq.merge(*(shift.said(start, end) for shift in shifts), key=lambda said: said.heard)


def counts(said: Iterable[Said]) -> Counter[str]:
    """How many events are late, duplicate or unusable, by the names of the truth's counts; `in`: the usable ones."""
    found: Counter[str] = Counter()
    for one in said:
        found["in"] += not one.flaw.startswith("rejected:")
        if one.flaw:
            found[one.flaw] += 1
    return found


def _age_ms(slot: Slot) -> int:
    """How old a report is when it is heard first."""
    return age_ms(slot.chance[1], slot.chance[2])
