"""When offices work and when people apply: working days, the course of a day, and how many come.

Hours are those of Hanoi's offices: 8:00 to 12:00 and 13:30 to 17:00 from Monday to Friday, none on public holidays and
at Tết (`city.calendar`). How many apply, and how a day's course runs, are assumed: 12,000 applications on a working
day, seven in ten of them through a portal, where the city asked for six by 30 July 2025. What Hanoi published of an
earlier time (32 % online in 2017, a goal of 100 % for 2021) is not what an operator sees today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from city.calendar import MINUTES, Kind, kind_of
from city.draw import interpolate
from city.instant import NS

if TYPE_CHECKING:
    from city.geography import City

Period = tuple[float, float, float]
"""From minute, until minute, how busy (1: the busiest)."""

_OFFICE: Final[tuple[Period, ...]] = (
    (480, 510, 0.7), (510, 660, 1.0), (660, 690, 0.8), (690, 720, 0.4),
    (810, 840, 0.6), (840, 960, 0.9), (960, 990, 0.6), (990, 1_020, 0.2),
)  # fmt: skip
_PORTAL_BY_HOUR: Final = (2, 1, 1, 1, 1, 2, 4, 7, 11, 12, 11, 8, 6, 9, 11, 11, 9, 6, 5, 6, 7, 6, 5, 3)

_WALK_INS: Final = 3_600
_ONLINE: Final = {Kind.WORKDAY: 8_400, Kind.WEEKEND: 2_500, Kind.HOLIDAY: 1_600, Kind.TET: 500}
_RUSH_WALK_INS: Final = 13_800  # the busiest half-hour of a working day, all day long
_RUSH_ONLINE: Final = 15_600


@dataclass(frozen=True)
class Course:
    """How a day's work is spread over its minutes.

    Attributes:
        periods: ascending, without overlap; nothing happens outside them.
        knots: minute → share of the day's work that is done by then.
        inverse: the same the other way round.
    """

    periods: tuple[Period, ...]
    knots: tuple[tuple[float, float], ...]
    inverse: tuple[tuple[float, float], ...]

    def share(self, minute: float) -> float:
        """What share of the day's work is done by that minute, 0 to 1."""
        return interpolate(self.knots, minute)

    def minute(self, share: float) -> float:
        """The minute by which that share is done."""
        return interpolate(self.inverse, share)

    def busy(self, minute: float) -> float:
        """How busy that minute is, 0 (closed) to 1."""
        return next((level for begin, end, level in self.periods if begin <= minute < end), 0.0)


def course(periods: tuple[Period, ...]) -> Course:
    """The course of a day with these periods."""
    whole = sum((end - begin) * level for begin, end, level in periods)
    knots, done = [], 0.0
    for begin, end, level in periods:
        knots.append((begin, done / whole))
        done += (end - begin) * level
        knots.append((end, done / whole))
    return Course(periods, tuple(knots), tuple((share, minute) for minute, share in knots))


OFFICE: Final = course(_OFFICE)
PORTAL: Final = course(tuple((60 * at, 60 * at + 60, level / 12) for at, level in enumerate(_PORTAL_BY_HOUR)))
ALL_DAY: Final = course(((0, MINUTES, 1.0),))


@dataclass(frozen=True)
class Practice:
    """How the offices of a city work: as ever, or in a rush that knows neither night nor Sunday.

    A rush makes every hour the busiest of a working day, so that whoever starts it sees it, whatever the clock says.
    """

    rush: bool = False

    @property
    def office(self) -> Course:
        """The course of an office's day."""
        return ALL_DAY if self.rush else OFFICE

    @property
    def portal(self) -> Course:
        """The course of a portal's day."""
        return ALL_DAY if self.rush else PORTAL

    def works(self, day: date) -> bool:
        """Whether offices open."""
        return self.rush or kind_of(day) is Kind.WORKDAY

    def walk_ins(self, day: date) -> int:
        """How many apply at a counter on a day."""
        if self.rush:
            return _RUSH_WALK_INS
        return _WALK_INS if self.works(day) else 0

    def online(self, day: date) -> int:
        """How many apply through a portal on a day."""
        return _RUSH_ONLINE if self.rush else _ONLINE[kind_of(day)]

    def before(self, day: date, working_days: int) -> date | None:
        """The working day so many working days before `day`; None where `day` is none."""
        if not self.works(day):
            return None
        for _ in range(working_days):
            day = self._next(day, -1)
        return day

    def after(self, day: date, working_days: int) -> date:
        """The working day so many working days after `day`."""
        for _ in range(working_days):
            day = self._next(day, 1)
        return day

    def gathered(self, day: date) -> tuple[date, ...]:
        """The days whose online applications are looked at on a working day: since the last one, that included."""
        last = self._next(day, -1)
        return tuple(last + timedelta(days=ahead) for ahead in range((day - last).days))

    def _next(self, day: date, step: int) -> date:
        day += timedelta(days=step)
        while not self.works(day):
            day += timedelta(days=step)
        return day


@lru_cache(maxsize=256)
def _midnight(timezone: str, day: date) -> int:
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone))
    return int(local.astimezone(UTC).timestamp()) * NS


def midnight(city: City, day: date) -> int:
    """The instant (ns) a local day begins."""
    return _midnight(city.timezone, day)
