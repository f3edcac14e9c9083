"""Numbers with units, as Grafana writes them; the decimal sign and the words of time follow the language.

https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from city.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

Scale = tuple[float, float, str]
"""Numbers below the first are divided by the second and followed by the third."""

_FACTORS: Final[Mapping[str, tuple[float, str]]] = {
    "none": (1, ""),
    "percent": (1, "%"),
    "percentunit": (0.01, "%"),
    "velocitykmh": (1, " km/h"),
}
_SCALES: Final[Mapping[str, tuple[Scale, ...]]] = {
    "s": (
        *((1e-6, 1e-9, " ns"), (1e-3, 1e-6, " µs"), (1.0, 1e-3, " ms"), (60.0, 1.0, " s"), (3_600.0, 60.0, " min")),
        *((86_400.0, 3_600.0, " hour"), (604_800.0, 86_400.0, " day"), (31_536_000.0, 604_800.0, " week")),
        (math.inf, 3.15569e7, " year"),
    ),
    "short": (
        *((1e3, 1.0, ""), (1e6, 1e3, " K"), (1e9, 1e6, " Mil"), (1e12, 1e9, " Bil")),
        (math.inf, 1e12, " Tri"),
    ),
}
_MOMENT: Final = "dateTimeAsIso"
_QUARTER_MS: Final = 900_000
_SUFFIX: Final = "suffix:"

_VIETNAMESE: Final[Mapping[str, str]] = {
    " s": " giây",
    " min": " phút",
    " hour": " giờ",
    " day": " ngày",
    " week": " tuần",
    " year": " năm",
    " K": " nghìn",
    " Mil": " triệu",
    " Bil": " tỷ",
    " Tri": " nghìn tỷ",
}
_SWAPPED: Final = str.maketrans(",.", ".,")


@dataclass(frozen=True, slots=True)
class Writing:
    """How numbers and times are written.

    Attributes:
        language: `vi` writes 1.234,5 and `en` 1,234.5.
        timezone: the board's.
    """

    language: str
    timezone: str

    @property
    def locale(self) -> str:
        """The language as browsers name it, whose numbers look the same."""
        return "vi-VN" if self.language == "vi" else "en-GB"

    def number(self, value: float, decimals: int | None = None) -> str:
        """A number without a unit."""
        return written_number(value, self.language, decimals)

    def with_unit(self, value: float, unit: str | None, decimals: int | None = None) -> str:
        """A number with its unit; where decimals are not said, three digits."""
        if not math.isfinite(value):
            return "" if math.isnan(value) else "∞" if value > 0 else "−∞"
        if unit == _MOMENT:
            return self.moment(value)
        size = abs(value) or 1.0  # nothing is nothing of the unit itself, not of its smallest part
        scale, sign = next((scale, sign) for below, scale, sign in self.scales(unit or "none") if size < below)
        return self.number(value / scale, decimals) + sign

    def scales(self, unit: str) -> tuple[Scale, ...]:
        """How numbers of a unit are scaled, from the smallest up."""
        if unit.startswith(_SUFFIX):
            return ((math.inf, 1.0, f" {unit.removeprefix(_SUFFIX)}"),)
        if unit in _FACTORS:
            scale, sign = _FACTORS[unit]
            return ((math.inf, scale, sign),)
        known = ((below, scale, self._said(sign)) for below, scale, sign in _SCALES[unit])
        return tuple(known)

    def moment(self, ms: float) -> str:
        """A time in milliseconds since 1970, on the board's clock."""
        return self.clock(ms).strftime("%Y-%m-%d %H:%M:%S")

    def clock(self, ms: float) -> datetime:
        """The board's clock at that time."""
        return datetime.fromtimestamp(ms / 1_000, UTC).astimezone(ZoneInfo(self.timezone))

    def on_the_wall(self, ms: float) -> int:
        """What a clock there would show, as if it hung in Greenwich: for those who only know that one."""
        return int(ms) + _offset_ms(self.timezone, int(ms // _QUARTER_MS))

    def _said(self, sign: str) -> str:
        return _VIETNAMESE.get(sign, sign) if self.language == "vi" else sign


@lru_cache(maxsize=4_096)
def _offset_ms(timezone: str, quarter: int) -> int:
    """How far a zone's clocks are ahead in a quarter of an hour; they are changed at the begin of one."""
    offset = datetime.fromtimestamp(quarter * _QUARTER_MS / 1_000, UTC).astimezone(ZoneInfo(timezone)).utcoffset()
    assert offset is not None
    return round(offset.total_seconds() * 1_000)


def refuse_unknown(unit: str | None) -> None:
    """Refuse a unit that would be written wrongly.

    Raises:
        DataError: the console does not know it.
    """
    if unit is not None and unit not in {*_FACTORS, *_SCALES, _MOMENT} and not unit.startswith(_SUFFIX):
        raise DataError(f"the unit {unit}")


def written_number(value: float, language: str, decimals: int | None = None) -> str:
    """A number in that language: `vi` writes −1.234,5 and `en` −1,234.5."""
    text = fixed(value, decimals).replace("-", "−")
    return text.translate(_SWAPPED) if language == "vi" else text


def fixed(value: float, decimals: int | None = None) -> str:
    """A number with that many decimals and thousands apart, halves rounded up as browsers do; never `-0`."""
    places = _places(value) if decimals is None else decimals
    factor = 10**places
    rounded = math.floor(value * factor + 0.5) / factor
    return f"{rounded + 0.0:,.{places}f}"


def _places(value: float) -> int:
    """How many decimals tell values of this size apart: three digits in all."""
    if value == 0 or value % 1 == 0:
        return 0
    return max(0, 2 - math.floor(math.log10(abs(value))))
