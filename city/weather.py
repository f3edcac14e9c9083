"""The city's weather, simulated: one sky over all domains, so that rain slows traffic and empties the lake shore.

Months are the climate of the city's table. How a day's rain falls into showers, and how warm an hour is beside its
month, are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from city.calendar import MINUTES, moment
from city.draw import Draw, interpolate

if TYPE_CHECKING:
    from datetime import date

    from city.geography import City, Climate

HEAVY_MM_H: Final = 30.0
"""Rain from here on is heavy: gutters no longer carry it away."""

_MONTH_DAYS = 30.4
_WARMTH = ((0.0, -2.5), (330.0, -3.5), (840.0, 4.0), (1_200.0, 0.0), (1_440.0, -2.5))  # minute of day → beside the mean


@dataclass(frozen=True, slots=True)
class Sky:
    """The weather of an instant: rain (mm/h) and temperature (°C)."""

    rain_mm_h: float
    temperature_c: float


@dataclass(frozen=True, slots=True)
class _Shower:
    """Rain that grows to `peak_mm_h` at half of its time and fades again. Minutes of a local day."""

    start: float
    minutes: float
    peak_mm_h: float

    def at(self, minute: float) -> float:
        half = self.minutes / 2
        away = abs(minute - self.start - half)
        return self.peak_mm_h * (1 - away / half) if away < half else 0.0


@dataclass(frozen=True)
class Weather:
    """The weather of one seed over one city: a pure function of time."""

    seed: int
    city: City

    def at(self, ns: int) -> Sky:
        """The sky at an instant (ns)."""
        now = moment(self.city, ns)
        climate = self.city.climate
        showers, warmer = _day(self.seed, self.city.slug, climate, now.day)
        rain = sum(shower.at(now.minute) for shower in showers)
        mean = climate.mean_c[now.day.month - 1] + warmer
        return Sky(rain, mean + interpolate(_WARMTH, now.minute))


@lru_cache(maxsize=64)
def _day(seed: int, slug: str, climate: Climate, day: date) -> tuple[tuple[_Shower, ...], float]:
    """A day's showers, and how much warmer (°C) than its month it is."""
    wet, amount, first, long, two, second, part, warm = Draw(seed, "weather", slug).at(day.toordinal())
    warmer = 6 * (warm - 0.5)
    month = day.month - 1
    if wet >= climate.rain_days[month] / _MONTH_DAYS:
        return (), warmer
    mean_mm = climate.rain_mm[month] / climate.rain_days[month]
    millimetres = mean_mm * 3 * amount * amount  # the mean of 3·u² is 1: few days have most
    minutes = 20 + 160 * long
    if two < 0.5:
        return (_shower(first, minutes, millimetres),), warmer
    return (
        _shower(first, minutes, millimetres * part),
        _shower(second, minutes, millimetres * (1 - part)),
    ), warmer


def _shower(when: float, minutes: float, millimetres: float) -> _Shower:
    """A shower that gives `millimetres`, and ends before its day does."""
    return _Shower(when * (MINUTES - minutes), minutes, 2 * millimetres * 60 / minutes)
