"""How many come, and when: visitors of a day, rooms taken, sessions of the portal.

Hanoi's published figures that it is held to (a test does): January to November 2025 had 30.94 million visitors, 7.09
million of them foreign, 2.5 million in November; 3,761 places with 71,256 rooms, 73.4 % of them taken on average and
62.3 % in February. How the months between differ, and days and hours, is assumed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.calendar import Kind, kind_of
from city.domains.tourism.curve import area_below
from city.draw import interpolate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

ROOMS: Final = 71_256

_DAYS_2025: Final = 334  # January to November
_DOMESTIC_A_DAY: Final = (30.94e6 - 7.09e6) / _DAYS_2025
_FOREIGN_A_DAY: Final = 7.09e6 / _DAYS_2025

# Beside the mean of January to November. Families travel in summer, foreigners when it is cool and dry.
_DOMESTIC_MONTH: Final = (0.95, 0.95, 0.96, 1.10, 1.05, 1.15, 1.16, 1.11, 1.05, 0.80, 0.76, 0.85)
_FOREIGN_MONTH: Final = (1.20, 1.20, 1.22, 1.05, 0.85, 0.70, 0.70, 0.75, 0.86, 1.12, 1.33, 1.25)
_DOMESTIC_DAY: Final[Mapping[Kind, float]] = {
    Kind.WORKDAY: 0.88,
    Kind.WEEKEND: 1.26,
    Kind.HOLIDAY: 1.60,
    Kind.TET: 1.10,
}

_TAKEN_MONTH: Final = (0.70, 0.623, 0.73, 0.76, 0.72, 0.72, 0.74, 0.75, 0.76, 0.78, 0.79, 0.76)
_TAKEN_DAY: Final[Mapping[Kind, float]] = {
    Kind.WORKDAY: -0.012,
    Kind.WEEKEND: 0.03,
    Kind.HOLIDAY: 0.08,
    Kind.TET: -0.08,
}
# Guests leave by noon and come until the evening; the day's mean is zero.
_TAKEN_HOUR: Final = ((0.0, 0.03), (420.0, 0.03), (720.0, -0.07), (840.0, -0.05), (1_200.0, 0.03), (1_440.0, 0.03))

SESSIONS_A_DAY: Final = 360_000.0
"""Of the portal: about four for each visitor (assumed)."""

BOOKED: Final = 0.03
"""Bookings in a session: the two to four in a hundred that travel sites commonly have (assumed)."""

REQUESTS_A_SESSION: Final = 12
FAILED: Final = 0.004
"""Of an ordinary day's requests (assumed)."""

# Relative sessions over the day: people plan trips in the evening.
_SESSIONS_HOUR: Final = (
    (0.0, 0.45), (120.0, 0.20), (300.0, 0.18), (420.0, 0.60), (600.0, 1.05), (720.0, 1.00), (840.0, 1.05),
    (1_020.0, 1.10), (1_200.0, 1.75), (1_290.0, 1.85), (1_380.0, 1.10), (1_440.0, 0.45),
)  # fmt: skip
_SESSIONS_MEAN: Final = area_below(_SESSIONS_HOUR) / 1_440

MARKETS: Final = (("CN", 0.26), ("KR", 0.24), ("TW", 0.14), ("US", 0.13), ("JP", 0.12), ("FR", 0.11))
"""Countries that foreign visitors come from, with their shares among them (assumed)."""

BUSY_DAY: Final = (_DOMESTIC_A_DAY * _DOMESTIC_DAY[Kind.WEEKEND], _FOREIGN_A_DAY)
"""Visitors of an ordinary weekend's day, domestic and foreign: what places are made for."""


def visitors(day: date) -> tuple[float, float]:
    """The domestic and the foreign visitors of a day."""
    month = day.month - 1
    kind = kind_of(day)
    foreign = _FOREIGN_A_DAY * _FOREIGN_MONTH[month] * (0.8 if kind is Kind.TET else 1.0)
    return _DOMESTIC_A_DAY * _DOMESTIC_MONTH[month] * _DOMESTIC_DAY[kind], foreign


def rooms_taken(day: date, minute: float) -> float:
    """The share of the city's rooms taken at a minute of a day, without any scenario."""
    return _TAKEN_MONTH[day.month - 1] + _TAKEN_DAY[kind_of(day)] + interpolate(_TAKEN_HOUR, minute)


def sessions_per_s(minute: float) -> float:
    """Sessions that begin in a second at a minute of any day."""
    return SESSIONS_A_DAY / 86_400 * interpolate(_SESSIONS_HOUR, minute) / _SESSIONS_MEAN
