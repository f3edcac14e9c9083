"""Ranges of time as Grafana writes them, and the length of time groups that it chooses for them.

https://grafana.com/docs/grafana/latest/dashboards/use-dashboards/#time-units-and-relative-ranges
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from city.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_RELATIVE: Final = re.compile(r"now(?:([+-])(\d{1,4})([smhdwMy]))?(?:/([smhdwMy]))?", re.ASCII)
_EPOCH_MS: Final = re.compile(r"\d{1,15}", re.ASCII)
_DURATION: Final = re.compile(r"(\d+)(ms|[smhdwy])", re.ASCII)
_MONTHS: Final[Mapping[str, int]] = {"M": 1, "y": 12}
_MS: Final[Mapping[str, int]] = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "y": 31_536_000_000,
}

_ROUNDED: Final = (
    *((10, 1), (15, 10), (35, 20), (75, 50), (150, 100), (350, 200), (750, 500), (1_500, 1_000), (3_500, 2_000)),
    *((7_500, 5_000), (12_500, 10_000), (17_500, 15_000), (25_000, 20_000), (45_000, 30_000), (90_000, 60_000)),
    *((210_000, 120_000), (450_000, 300_000), (750_000, 600_000), (1_050_000, 900_000), (1_500_000, 1_200_000)),
    *((2_700_000, 1_800_000), (5_400_000, 3_600_000), (9_000_000, 7_200_000), (16_200_000, 10_800_000)),
    *((32_400_000, 21_600_000), (86_400_000, 43_200_000), (604_800_000, 86_400_000), (1_814_400_000, 604_800_000)),
    (3_628_800_000, 2_592_000_000),
)
"""Below the first, the second: milliseconds."""

MOST_YEARS: Final = 10

RANGES: Final = (
    *("now-5m", "now-15m", "now-30m", "now-1h", "now-2h", "now-3h", "now-6h", "now-12h", "now-24h"),
    *("now-2d", "now-7d", "now-30d", "now-90d", "now-1y", "now/d", "now-1d/d", "now/w", "now/M"),
)
"""What people choose with one click; what begins and ends with a whole day ends there."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A range at one moment, milliseconds since 1970; both ends belong to it."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range as it is chosen.

    Attributes:
        start, end: as Grafana writes them.
        timezone: in which days begin.
        shift_ms: how far the whole lies further back.
    """

    start: str
    end: str
    timezone: str
    shift_ms: int = 0

    @property
    def relative(self) -> bool:
        """Whether it moves as time goes on."""
        return self.start.startswith("now")

    def at(self, now_ms: int) -> Moment:
        """The range at that moment.

        Raises:
            UsageError: it is none, ends before it begins, or is longer than `MOST_YEARS`.
        """
        start = instant(self.start, now_ms, self.timezone, up=False)
        end = instant(self.end, now_ms, self.timezone, up=True)
        if not start < end <= start + MOST_YEARS * _MS["y"]:
            raise UsageError(f"from={self.start} to={self.end}: not a range of time up to {MOST_YEARS} years")
        return Moment(start - self.shift_ms, end - self.shift_ms)


def instant(text: str, now_ms: int, timezone: str, *, up: bool) -> int:
    """`now-3h`, `now/d`, or milliseconds since 1970 → milliseconds; `/d` is the day's begin, or its end (`up`).

    Raises:
        UsageError: it is nothing of these.
    """
    if _EPOCH_MS.fullmatch(text):
        return int(text)
    found = _RELATIVE.fullmatch(text)
    if not found:
        raise UsageError(f"not a time: {text[:40]}; now-3h, now/d or milliseconds since 1970")
    sign, amount, unit, rounded = found.groups()
    when = datetime.fromtimestamp(now_ms / 1_000, UTC).astimezone(ZoneInfo(timezone))
    if amount:
        when = _moved(when, int(f"{sign}{amount}"), unit)
    if rounded:
        when = _floor(when, rounded)
        if up:
            when = _moved(when, 1, rounded) - timedelta(milliseconds=1)
    return round(when.timestamp() * 1_000)


def duration_ms(text: str) -> int:
    """`10s` → milliseconds; nothing is 0.

    Raises:
        UsageError: it is no duration.
    """
    if not text:
        return 0
    found = _DURATION.fullmatch(text)
    if not found:
        raise UsageError(f"not a duration: {text[:40]}; 10s, 15m, 1h, 28d")
    return int(found[1]) * _MS[found[2]]


def group_ms(moment: Moment, points: int, least_ms: int) -> int:
    """The length of time groups for a picture of so many points: `$__interval` in milliseconds."""
    wanted = (moment.end_ms - moment.start_ms) / points
    place = bisect.bisect_right([below for below, _ in _ROUNDED], wanted)
    rounded = _ROUNDED[place][1] if place < len(_ROUNDED) else _MS["y"]
    return max(least_ms, rounded)


def duration_text(ms: int) -> str:
    """Milliseconds as Grafana writes `$__interval`: in whole units of the greatest that fits."""
    for unit in ("y", "d", "h", "m", "s"):
        if ms >= _MS[unit]:
            return f"{ms // _MS[unit]}{unit}"
    return f"{ms}ms"


def _moved(when: datetime, amount: int, unit: str) -> datetime:
    """Days and longer by the calendar, as clocks on the wall; shorter ones in elapsed time."""
    if unit in _MONTHS:
        months = when.year * 12 + when.month - 1 + amount * _MONTHS[unit]
        if not 1 <= months // 12 <= 9_999:
            raise UsageError(f"a time too far away: {amount}{unit}")
        year, month = divmod(months, 12)
        return when.replace(year=year, month=month + 1, day=min(when.day, _last_day(year, month + 1)))
    moved = timedelta(milliseconds=amount * _MS[unit])
    if unit in {"d", "w"}:
        return when + moved
    return (when.astimezone(UTC) + moved).astimezone(when.tzinfo)


def _last_day(year: int, month: int) -> int:
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return (following - timedelta(days=1)).day


def _floor(when: datetime, unit: str) -> datetime:
    """The begin of the second, minute, hour, day, week (Monday), month or year."""
    kept = {"s": 6, "m": 5, "h": 4, "d": 3, "w": 3, "M": 2, "y": 1}[unit]
    parts = [when.year, when.month, when.day, when.hour, when.minute, when.second]
    least = [1, 1, 1, 0, 0, 0]
    floor = datetime(*[*parts[:kept], *least[kept:]], tzinfo=when.tzinfo)  # type: ignore[misc,arg-type]  # year to second
    return floor - timedelta(days=floor.weekday()) if unit == "w" else floor
