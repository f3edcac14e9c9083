"""Numbers with units, as Grafana writes them; the decimal sign and the words of time follow the language.

https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from city.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PLAIN: Final[Mapping[str, tuple[float, str]]] = {
    "none": (1, ""),
    "percent": (1, "%"),
    "percentunit": (100, "%"),
    "velocitykmh": (1, " km/h"),
}
"""Units that are a factor and a sign."""

_STEPS: Final = ((1e-6, 1e-9, "ns"), (1e-3, 1e-6, "µs"), (1.0, 1e-3, "ms"), (60.0, 1.0, "s"), (3_600.0, 60.0, "min"))
_LONG_STEPS: Final = ((86_400.0, 3_600.0, "hour"), (604_800.0, 86_400.0, "day"), (31_536_000.0, 604_800.0, "week"))
_YEAR_S: Final = 3.15569e7
_SHORT: Final = ("", " K", " Mil", " Bil", " Tri")
_DATE: Final = "dateTimeAsIso"
_SUFFIX: Final = "suffix:"

_VIETNAMESE: Final[Mapping[str, str]] = {
    "s": "giây",
    "min": "phút",
    "hour": "giờ",
    "day": "ngày",
    "week": "tuần",
    "year": "năm",
    " K": " nghìn",
    " Mil": " triệu",
    " Bil": " tỷ",
    " Tri": " nghìn tỷ",
}


@dataclass(frozen=True, slots=True)
class Writing:
    """How numbers and times are written.

    Attributes:
        language: `vi` has a decimal comma.
        timezone: the board's.
    """

    language: str
    timezone: str

    def words(self, english: str) -> str:
        """A unit's word."""
        return _VIETNAMESE.get(english, english) if self.language == "vi" else english

    def number(self, value: float, decimals: int | None = None) -> str:
        """A number without a unit."""
        text = fixed(value, decimals)
        return text.replace(".", ",") if self.language == "vi" else text

    def with_unit(self, value: float, unit: str | None, decimals: int | None = None) -> str:
        """A number with its unit; without decimals as many as it takes to tell values apart."""
        if not math.isfinite(value):
            return "∞" if value > 0 else "−∞" if value < 0 else ""
        unit = unit or "none"
        if unit in _PLAIN:
            factor, sign = _PLAIN[unit]
            return self.number(value * factor, decimals) + sign
        if unit.startswith(_SUFFIX):
            return f"{self.number(value, decimals)} {unit.removeprefix(_SUFFIX)}"
        return _SPECIAL[unit](self, value, decimals)

    def seconds(self, value: float, decimals: int | None) -> str:
        """A duration in the unit that suits it."""
        if value == 0:
            return f"{self.number(0, decimals)} {self.words('s')}"
        for below, scale, word in (*_STEPS, *_LONG_STEPS):
            if abs(value) < below:
                return f"{self.number(value / scale, decimals)} {self.words(word)}"
        return f"{self.number(value / _YEAR_S, decimals)} {self.words('year')}"

    def short(self, value: float, decimals: int | None) -> str:
        """Thousands as K, millions as Mil."""
        step = min(int(math.log10(abs(value)) // 3), len(_SHORT) - 1) if abs(value) >= 1 else 0
        return self.number(value / 1_000**step, decimals) + self.words(_SHORT[step])

    def moment(self, ms: float, _decimals: int | None = None) -> str:
        """A time in milliseconds since 1970."""
        return datetime.fromtimestamp(ms / 1_000, UTC).astimezone(ZoneInfo(self.timezone)).strftime("%Y-%m-%d %H:%M:%S")


_SPECIAL: Final[Mapping[str, Callable[[Writing, float, int | None], str]]] = {
    "s": Writing.seconds,
    "short": Writing.short,
    _DATE: Writing.moment,
}


def refuse_unknown(unit: str | None) -> None:
    """Refuse a unit that would be written wrongly.

    Raises:
        DataError: the console does not know it.
    """
    if unit is not None and unit not in _PLAIN and unit not in _SPECIAL and not unit.startswith(_SUFFIX):
        raise DataError(f"the unit {unit}")


def fixed(value: float, decimals: int | None = None) -> str:
    """A number with that many decimals, halves rounded up as browsers do; never `-0`."""
    places = _places(value) if decimals is None else decimals
    factor = 10**places
    rounded = math.floor(value * factor + 0.5) / factor
    return f"{rounded + 0.0:.{places}f}"


def _places(value: float) -> int:
    """How many decimals tell values of this size apart: three digits in all."""
    if value == 0 or value % 1 == 0:
        return 0
    return max(0, 2 - math.floor(math.log10(abs(value))))
