"""Sources at work: they report in turns, they fail, and whatever is wrong with a report is known when it is made.

A domain's simulator says who speaks and what they observe; when reports are made, how old they are when they are
heard, which sources are silent, frozen, fast or say everything twice is decided here, for every domain alike.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from city.errors import UsageError
from city.event import AHEAD_NS
from city.faults import Fault, Faults, age_ms
from city.instant import NS, rfc3339
from city.rota import Rota

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from city.draw import Draw
    from city.event import Event
    from city.rota import Slot

Flaw = Literal["", "late", "duplicate", "rejected:clock-ahead"]
"""What a reader of the log is to count an event as, beside counting it in; by the names of the truth's counts."""

_MS: Final = 1_000_000
AGAIN_NS: Final = 1_500 * _MS
"""When something is said twice, the second time comes this much later: no window of the first has closed by then."""

_MOST_PER_S: Final = 1_000_000
_YOUNG_MS: Final = 3_000
_LATE_MS: Final = 100_000


def stated(heard: int, fault: Fault | None, age: int) -> tuple[int, Flaw]:
    """The time (ns) that a source states for what is heard at an instant (ns), and what is wrong with that.

    It is heard either while all its windows are open or after the last one has closed: nothing lies between.

    Args:
        heard: when it is heard first.
        fault: what its source has then.
        age: how old (ms) it is then, unless its source's clock is fast.
    """
    if fault is not None and fault.kind == "fast":
        return heard + fault.ahead_ns, "rejected:clock-ahead" if fault.ahead_ns > AHEAD_NS else ""
    return heard - age * _MS, "late" if age >= _LATE_MS else ""


def comes_again(fault: Fault | None, age: int) -> bool:
    """Whether it is said once more, `AGAIN_NS` later: by who says everything twice, while it is young."""
    return fault is not None and fault.kind == "twice" and age < _YOUNG_MS


def again(first: int, start: int) -> Flaw:
    """What is wrong with the second of two: who begins to listen between them hears it for the first time."""
    return "duplicate" if first >= start else ""


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
        areas: of whose sources alone it is said what they say; all of them go on taking turns. None: of every one.
    """

    def __init__(
        self,
        event: Callable[..., Event],
        voices: Sequence[Voice],
        period_ns: int,
        observe: Callable[[Slot], Any],
        is_off: Callable[[str, int], bool] = lambda _area, _ns: False,
        *,
        areas: Container[str] | None = None,
    ) -> None:
        self._event = event
        self._voices = voices
        self._rota = Rota(period_ns, tuple(voice.chance for voice in voices))
        self._asked = None if areas is None else {at for at, voice in enumerate(voices) if voice.area in areas}
        self._observe = observe
        self._is_off = is_off
        self._faults = Faults({voice.source: voice.ill for voice in voices})
        self._stuck: dict[int, tuple[int, Any]] = {}

    def said(self, start: int, end: int, *, again_last: bool = False) -> Iterator[Said]:
        """What is heard in `[start, end)`: each turn's report, and those of the young that are said once more.

        Of the same instant, what is said again comes first, or with `again_last` after the reports.
        """
        waiting: deque[Said] = deque()
        behind = 1 if again_last else 0
        for slot in self._rota.slots(start - AGAIN_NS, end, self._asked):
            while waiting and waiting[0].heard + behind <= slot.now:
                yield waiting.popleft()
            fault = self._faults.at(self._voices[slot.number].source, slot.now)
            if start <= slot.now and (said := self._report(slot, fault, slot.now)):
                yield said
            later = slot.now + AGAIN_NS
            if not comes_again(fault, _age_ms(slot)) or not start <= later < end:
                continue
            if said := self._report(slot, fault, later):
                waiting.append(said._replace(flaw=again(slot.now, start)))
        yield from waiting

    def before(self, slot: Slot) -> int:
        """When the turn before is heard (ns), of the same source."""
        return self._rota.slot(slot.turn - 1, slot.number).now

    def _report(self, slot: Slot, fault: Fault | None, heard: int) -> Said | None:
        voice = self._voices[slot.number]
        if (fault is not None and fault.kind == "silent") or self._is_off(voice.area, slot.now):
            return None
        data = self._frozen(slot.number, fault) if fault is not None and fault.kind == "frozen" else self._observe(slot)
        time, flaw = stated(slot.now, fault, _age_ms(slot))
        event = self._event(
            id=str(slot.turn),
            source=voice.source,
            time=rfc3339(time),
            recordedtime=rfc3339(heard),
            area=voice.area,
            data=data,
        )
        return Said(heard, event, flaw)

    def _frozen(self, number: int, fault: Fault) -> Any:
        """What a frozen source goes on saying: its first report after it froze."""
        known = self._stuck.get(number)
        if known is None or known[0] != fault.start:
            slot = self._rota.slot(fault.start // self._rota.period + 1, number)
            known = self._stuck[number] = (fault.start, self._observe(slot))
        return known[1]


def speaks(events_per_s: float) -> bool:
    """Whether at this rate anything is said at all.

    Raises:
        UsageError: it is no rate.
    """
    if not 0 <= events_per_s <= _MOST_PER_S:  # also refuses NaN
        raise UsageError(f"events per second must be from 0 to {_MOST_PER_S:,}, not {events_per_s}")
    return events_per_s > 0


def period_ns(count: int, events_per_s: float) -> int:
    """Between two turns of each of `count` sources that together say so much."""
    return max(1, round(count * NS / events_per_s))


def together(*streams: Iterable[Said]) -> Iterator[Said]:
    """What all of them say, by the moment it is heard; of the same instant, in the order of the streams."""
    return heapq.merge(*streams, key=attrgetter("heard"))


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
