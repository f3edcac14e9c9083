"""When a file is said again: how far its times move, and when the first line goes out. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from city.errors import CityopsError
from city.event import AHEAD_NS
from city.instant import NS, rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable

    from city.domain import Series
    from producers.spoken import Spoken

NOTHING: Final = "there is nothing to replay: no line of it can be used (`./cityops check` says why)"

FASTEST: Final = math.inf
"""The speed `max`: as fast as the broker takes it."""


@dataclass(slots=True)
class Survey:
    """What stands in the files, told by one reading of them. Instants are ns, of usable lines."""

    lines: int = 0
    events: int = 0
    unusable: int = 0
    bytes: int = 0
    disordered: int = 0
    first: int | None = None
    last: int | None = None
    topics: set[str] = field(default_factory=set)

    def add(self, spoken: Spoken) -> None:
        """Count one line."""
        self.lines += 1
        self.bytes += len(spoken.line.value)
        self.unusable += spoken.fault is not None
        if spoken.heard is None:
            return
        self.events += not spoken.tick
        self.disordered += self.last is not None and spoken.heard < self.last
        self.first = spoken.heard if self.first is None else min(self.first, spoken.heard)
        self.last = spoken.heard if self.last is None else max(self.last, spoken.heard)
        if spoken.topic is not None:
            self.topics.add(spoken.topic)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is said again.

    Attributes:
        shift: what is added to `time` and `recordedtime`, ns.
        begin: the moment the first line goes out, ns.
        first, last: when the first and the last line are heard, shifted.
        end: what the last tick says: past the last window.
        speed: heard seconds in a second.
    """

    shift: int
    begin: int
    first: int
    last: int
    end: int
    speed: float

    def due(self, heard: int) -> int:
        """The moment something heard at `heard` goes out: never before it says it was heard."""
        return max(heard, self.begin + round((heard - self.first) / self.speed))

    def position(self, now: int) -> int:
        """How far the file's own time has come by `now`."""
        if math.isinf(self.speed):
            return now
        return min(now, self.first + round((now - self.begin) * self.speed))


def closing_ns(series: Iterable[Series]) -> int:
    """How far the clock must pass the last thing heard, so that every window closes."""
    return AHEAD_NS + max((one.window_s + one.lateness_s for one in series), default=0) * NS


def alignment_ns(series: Iterable[Series]) -> int:
    """What a shift must be a multiple of: then an event keeps its place in its window, and a window its events."""
    return math.lcm(*(one.window_s for one in series)) * NS


def keep_time(survey: Survey, now: int, clock: int | None, *, closing: int, speed: float) -> Plan:
    """Say it again with the times it has.

    Args:
        survey: of the files, not empty.
        now: the wall clock.
        clock: the greatest instant the city's log has heard; None for an empty log.
        closing: as `closing_ns` gives it.
        speed: heard seconds in a second.

    Raises:
        CityopsError: the city's clock has passed the first event, or the last one is yet to come; names both times.
    """
    first, last = _span(survey)
    if clock is not None and clock >= first:
        raise CityopsError(
            f"the city's clock stands at {rfc3339(clock)} and the file begins at {rfc3339(first)}: all of it before "
            "that would be late. `./cityops reset` empties the city; without --keep-time it is shifted to now"
        )
    if last > now + AHEAD_NS:
        raise CityopsError(
            f"the file ends at {rfc3339(last)} and it is {rfc3339(now)}: what was heard in the future is refused. "
            "Leave --keep-time away, and it is shifted to now"
        )
    return Plan(0, now, first, last, last + closing, speed)


def shift_to_now(
    survey: Survey, now: int, clock: int | None, *, closing: int, speed: float, aligned: int, moving: bool = False
) -> Plan:
    """Say it again so that it ends as its last window closes: at speed 1 it begins now.

    The shift is a multiple of `aligned`, so that whole windows stay whole and a shifted replay gives the same
    series; where it must be rounded up, the replay begins that much later.

    Args:
        survey: of the files, not empty.
        now: the wall clock.
        clock: the greatest instant the city's log has heard; None for an empty log.
        closing: as `closing_ns` gives it.
        speed: heard seconds in a second.
        aligned: as `alignment_ns` gives it.
        moving: whether somebody else goes on moving the clock, as simulators do: then nothing may be heard earlier
            than it is said, and only speed 1 does that.

    Raises:
        CityopsError: the city's clock has passed where it would begin; names both times.
    """
    first, last = _span(survey)
    length = round((last + closing - first) / speed)
    ideal = now + length - last - closing
    shift = ideal // aligned * aligned
    if clock is not None and first + shift <= clock:
        shift = max(shift + aligned, -((first - clock - 1) // aligned) * aligned)
    begin = max(now, last + closing + shift - length)
    if begin - now > 2 * aligned + closing or (moving and speed > 1):
        raise CityopsError(
            f"the city's clock stands at {rfc3339(clock or now)} and the file would begin at "
            f"{rfc3339(first + ideal)}: what is before that would be late. Use --speed 1, or `./cityops reset` and "
            "`up --rate 0`, so that nobody else speaks"
        )
    return Plan(shift, begin, first + shift, last + shift, last + shift + closing, speed)


def _span(survey: Survey) -> tuple[int, int]:
    if survey.first is None or survey.last is None:
        raise CityopsError(NOTHING)
    return survey.first, survey.last
