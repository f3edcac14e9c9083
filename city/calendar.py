"""The city's days: local time, weekends and public holidays. All domains' simulators live by it.

Public holidays: Labour Code of Viet Nam (45/2019/QH14), article 112. Lunar dates are a table, for 2024 to 2030;
outside those years only the solar holidays are known. Days moved or added by a year's decree are not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from city.instant import NS

if TYPE_CHECKING:
    from city.geography import City

MINUTES: Final = 1_440
"""Minutes of a day. (No zone of a city here changes its clock; a day that did would still count 1,440.)"""

_SOLAR: Final = frozenset({(1, 1), (4, 30), (5, 1), (9, 2)})
_TET: Final = (  # the first day of the lunar year, by the time of Hanoi
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 2),
)
_HUNG_KINGS: Final = frozenset(  # the tenth day of the third lunar month
    {
        date(2024, 4, 18),
        date(2025, 4, 7),
        date(2026, 4, 26),
        date(2027, 4, 16),
        date(2028, 4, 4),
        date(2029, 4, 23),
        date(2030, 4, 12),
    }
)
_TET_DAYS: Final = frozenset(first + timedelta(days=offset) for first in _TET for offset in range(-1, 4))


class Kind(StrEnum):
    """What sort of day it is: people move differently on each."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    TET = "tet"


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as the city's clocks show it.

    Attributes:
        day: the local date.
        kind: what sort of day that is.
        minute: minutes since local midnight, with their fraction.
    """

    day: date
    kind: Kind
    minute: float


def moment(city: City, ns: int) -> Moment:
    """The local moment of an instant (ns since 1970, UTC)."""
    return _moment(city.timezone, ns)


def _moment(timezone: str, ns: int) -> Moment:
    hour, into_hour = divmod(ns, 3_600 * NS)
    day, minutes = _hour(timezone, hour)
    return Moment(day, kind_of(day), minutes + into_hour / (60 * NS))


@lru_cache(maxsize=256)
def _hour(timezone: str, hour: int) -> tuple[date, int]:
    """The local date and minute at the begin of an hour of UTC: a zone changes its clock at none but full hours."""
    local = datetime.fromtimestamp(hour * 3_600, tz=UTC).astimezone(ZoneInfo(timezone))
    return local.date(), local.hour * 60 + local.minute


@lru_cache(maxsize=64)
def kind_of(day: date) -> Kind:
    """What sort of day a date is in Hanoi."""
    if day in _TET_DAYS:
        return Kind.TET
    if (day.month, day.day) in _SOLAR or day in _HUNG_KINGS:
        return Kind.HOLIDAY
    return Kind.WEEKEND if day.weekday() >= 5 else Kind.WORKDAY
