"""How well deviation from normal finds what people have labelled: its rule, played over a course of values.

Every value is judged by what was known before it. The first part of a course is not scored, for nothing is normal yet
(15 %, as the Numenta Anomaly Benchmark has it). An alarm within a labelled window is right, any other is false.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city.deviation import hour_of, normal
from city.instant import NS
from city.unusual import FOR_S, KEEP_S, OVER_S, RECOVERS, THRESHOLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from city.deviation import Normal

LEAST_VALUES: Final = 2
"""Fewer values in the half hour are no mean."""

UNSCORED: Final = 0.15
_WEEK_NS: Final = 7 * 86_400 * NS

Point = tuple[int, float]
"""When (ns since 1970), and the value."""

Window = tuple[int, int]
"""From when until when, both included."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it.

    Attributes:
        right, false: alarms within and outside the labelled windows.
        found, windows: labelled windows with an alarm in them, and all of them.
        delays_s: from the begin of each window that was found to its first alarm.
        weeks: how long was scored.
    """

    right: int = 0
    false: int = 0
    found: int = 0
    windows: int = 0
    delays_s: tuple[float, ...] = ()
    weeks: float = 0.0

    def __add__(self, other: Trial) -> Trial:
        return Trial(
            self.right + other.right,
            self.false + other.false,
            self.found + other.found,
            self.windows + other.windows,
            self.delays_s + other.delays_s,
            self.weeks + other.weeks,
        )

    @property
    def precision(self) -> float:
        """The share of alarms that are right; NaN where there is none."""
        alarms = self.right + self.false
        return self.right / alarms if alarms else math.nan

    @property
    def recall(self) -> float:
        """The share of windows that are found; NaN where there is none."""
        return self.found / self.windows if self.windows else math.nan

    @property
    def false_a_week(self) -> float:
        """False alarms in a week of one course."""
        return self.false / self.weeks if self.weeks else math.nan


def alarms(course: Iterable[Point], ahead_s: int = 0) -> list[int]:
    """When the rule begins to fire over a course, in the order of time; both sides of normal count."""
    half_hour: deque[Point] = deque()
    hours = _Hours(ahead_s)
    rule = _Rule()
    found: list[int] = []
    for at, value in course:
        half_hour.append((at, value))
        while half_hour[0][0] <= at - OVER_S * NS:
            half_hour.popleft()
        usual = hours.normal_at(at)
        if usual is not None and len(half_hour) >= LEAST_VALUES:
            mean = math.fsum(one for _, one in half_hour) / len(half_hour)
            if rule.begins(at, abs(usual.score(mean))):
                found.append(at)
        hours.add(at, value)
    return found


class _Rule:
    """Threshold, recovery threshold, dwell, and going on for a while."""

    def __init__(self) -> None:
        self._since: int | None = None
        self._fires = False
        self._calm_since: int | None = None

    def begins(self, at: int, away: float) -> bool:
        """Whether it fires from now on, and did not before."""
        if away > (THRESHOLD if self._since is None else RECOVERS):
            self._calm_since = None
            self._since = at if self._since is None else self._since
            if self._fires or at - self._since < FOR_S * NS:
                return False
            self._fires = True
            return True
        self._calm_since = at if self._calm_since is None else self._calm_since
        if not self._fires or at - self._calm_since >= KEEP_S * NS:
            self._fires, self._since = False, None
        return False


def trial(course: Sequence[Point], windows: Sequence[Window], ahead_s: int = 0) -> Trial:
    """Play the rule over one course, and compare with what is labelled."""
    begin, end = course[0][0], course[-1][0]
    scored = begin + int((end - begin) * UNSCORED)
    raised = [at for at in alarms(course, ahead_s) if at >= scored]
    inside = [[at for at in raised if start <= at <= stop] for start, stop in windows]
    right = sum(map(len, inside))
    delays = tuple((hits[0] - start) / NS for hits, (start, _) in zip(inside, windows, strict=True) if hits)
    return Trial(right, len(raised) - right, len(delays), len(windows), delays, (end - scored) / _WEEK_NS)


class _Hours:
    """The mean of each hour that is over, and what is normal for the one that is not."""

    def __init__(self, ahead_s: int) -> None:
        self._ahead_s = ahead_s
        self._past: dict[int, float] = {}
        self._hour = -1
        self._values: list[float] = []
        self._normal: Normal | None = None

    def normal_at(self, at: int) -> Normal | None:
        self._turn(at)
        return self._normal

    def add(self, at: int, value: float) -> None:
        self._turn(at)
        self._values.append(value)

    def _turn(self, at: int) -> None:
        hour = hour_of(at, self._ahead_s)
        if hour == self._hour:
            return
        if self._values:
            self._past[self._hour] = math.fsum(self._values) / len(self._values)
        self._hour, self._values = hour, []
        self._normal = normal(self._past, hour)
