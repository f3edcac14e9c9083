"""Deviation from normal: a value against its own past at the same hour, by robust statistics.

What is normal for an hour is the median, over the last four weeks, of what each day showed around it: days of the same
weekday, where there are three; else days of the same kind (workday or weekend); else any. How far values usually stray
is their median absolute deviation, made comparable with a standard deviation, and no less than what the whole course
strays: a few days that happen to agree prove nothing. A value is told in such spreads from normal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from city.instant import NS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BASELINE: Final = "baseline"
"""The measurement that says what is normal: tags area, domain, kpi, zone; fields `median`, `spread`, `days`."""

BASELINE_TAGS: Final = ("area", "zone", "domain", "kpi")
BASELINE_FIELDS: Final = ("median", "spread", "days")

DAYS: Final = 28
LEAST_DAYS: Final = 3
"""Fewer days say nothing of what is normal."""

AROUND_H: Final = 1
"""A day shows what it was around an hour: that hour and so many before and after it."""

LEAST_SPREAD: Final = 1.0
"""Of the spread of the whole course. docs/explanation/deviation.md says what it was measured by."""

_HOURS: Final = 24
_TO_DEVIATION: Final = 1.4826
"""A median absolute deviation times this is a standard deviation, where values are normally distributed."""
_SATURDAY: Final = 5
_THURSDAY: Final = 3
"""The weekday of 1970-01-01."""


@dataclass(frozen=True, slots=True)
class Normal:
    """What is normal for an hour, in the unit of the values; `days` were compared."""

    median: float
    spread: float
    days: int

    def score(self, value: float) -> float:
        """How many spreads a value lies above (or, negative, below) normal."""
        return (value - self.median) / self.spread


def hour_of(at_ns: int, ahead_s: int) -> int:
    """The hour an instant lies in, counted from 1970 by the clock of a city that is `ahead_s` ahead of UTC."""
    return (at_ns // NS + ahead_s) // 3_600


def start_of(hour: int, ahead_s: int) -> int:
    """When an hour begins, in seconds since 1970 UTC."""
    return hour * 3_600 - ahead_s


def normal(past: Mapping[int, float], hour: int) -> Normal | None:
    """What is normal for an hour, from what was in the hours before its day; None where too little is known.

    Args:
        past: hour → its value; hours may be missing.
        hour: counted as `hour_of` does.
    """
    days = _days(past, hour)
    weekday = _weekday(hour)
    pools = (
        [value for day, value in days.items() if _weekday(day * _HOURS) == weekday],
        [value for day, value in days.items() if _is_weekend(_weekday(day * _HOURS)) == _is_weekend(weekday)],
        list(days.values()),
    )
    pool = next((pool for pool in pools if len(pool) >= LEAST_DAYS), None)
    if pool is None:
        return None
    middle = median(pool)
    least = LEAST_SPREAD * spread(value for one, value in past.items() if hour - DAYS * _HOURS <= one < hour)
    strays = max(spread(pool), least)
    return Normal(middle, strays, len(pool)) if strays > 0 else None


def spread(values: Iterable[float]) -> float:
    """How far values stray: 0 where they do not, or there are none."""
    held = list(values)
    if not held:
        return 0.0
    middle = median(held)
    return _TO_DEVIATION * median(abs(value - middle) for value in held)


def _days(past: Mapping[int, float], hour: int) -> dict[int, float]:
    """What each day before showed around the same hour of the day, by the day that hour lies in."""
    found = {}
    for back in range(1, DAYS + 1):
        then = hour - back * _HOURS
        near = [past[one] for one in range(then - AROUND_H, then + AROUND_H + 1) if one in past]
        if near:
            found[then // _HOURS] = math.fsum(near) / len(near)
    return found


def _weekday(hour: int) -> int:
    """0 is Monday."""
    return (hour // _HOURS + _THURSDAY) % 7


def _is_weekend(weekday: int) -> bool:
    return weekday >= _SATURDAY
