"""Roll-ups: settled points merged into longer windows, under names and resolutions that boards and the job share.

InfluxQL can neither shift time, nor read the hour of a day, nor find a quantile among bins. So beside the roll-up lie
more of its forms: the same figures a week later (a course against last week is then two lines), one with the hour of
the day as a tag, and the quantiles of its distributions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from city.instant import NS

if TYPE_CHECKING:
    from city.domain import Kpi, Series
    from city.geography import City

_REFERENCE_NS: Final = 1_767_225_600 * NS  # 2026: zones have had other times before

WEEK_S: Final = 7 * 86_400
HOUR_TAG: Final = "hour"
"""The hour of the city's day, `00` to `23`."""

LEVEL_TAG: Final = "level"
LEVELS: Final = ("area", "zone", "city")
"""What a quantile is of: one area, all areas of a zone (whose `area` is then `all`), or all of the city."""

LEAST_COPIED_S: Final = 900
"""Roll-ups from so long on have the copies of a week later, and quantiles: shorter windows hold too little."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The length of a roll-up's windows, and what its measurements end in."""

    name: str
    seconds: int

    def of(self, measurement: str) -> str:
        """The roll-up of a measurement."""
        return f"{measurement}_{self.name}"

    def week_later(self, measurement: str) -> str:
        """The roll-up's figures, each stamped a week after its own time: what was, where it is compared."""
        return f"{measurement}_{self.name}_week"

    def quantiles(self, measurement: str) -> str:
        """The quantiles of the roll-up's distributions: of each area, each zone and the city."""
        return f"{measurement}_{self.name}_quantiles"


MINUTE: Final = Resolution("1m", 60)
QUARTER: Final = Resolution("15m", 900)
HOUR: Final = Resolution("1h", 3_600)
DAY: Final = Resolution("1d", 86_400)
RESOLUTIONS: Final = (MINUTE, QUARTER, HOUR, DAY)


def resolutions_of(series: Series) -> tuple[Resolution, ...]:
    """The roll-ups of a series, ascending. One no longer than its own windows would be a copy of them."""
    return tuple(resolution for resolution in RESOLUTIONS if resolution.seconds > series.window_s)


def finest(series: Series, resolution: Resolution) -> Resolution:
    """That resolution, or the next longer one that the series has."""
    return next(one for one in resolutions_of(series) if one.seconds >= resolution.seconds)


def of_day(measurement: str) -> str:
    """The hourly roll-up over all of a series' own tags, with the hour of the day as a tag."""
    return f"{measurement}_1h_of_day"


def rolled(kpi: Kpi, measurement: str) -> Kpi:
    """The KPI, computed from another measurement with the same fields."""
    return replace(kpi, measurement=measurement)


def merge_of(field: str, series: Series) -> str:
    """The InfluxQL function that merges a field of a series: `sum`, `min` or `max`."""
    extreme = {f"{measure.name}_{part}": part for measure in series.measures for part in measure.keep}
    part = extreme.get(field, "sum")
    return part if part in {"min", "max"} else "sum"


def is_count(field: str, series: Series) -> bool:
    """Whether a field counts something: it is an integer, the others are floats."""
    counts = {name for measure in series.measures for name in (f"{measure.name}_count", *measure.bins)}
    return field in {"count", *counts}


def scale_of(field: str, series: Series) -> int:
    """How many smallest steps a unit of a float field has: sums of floats are right to the step, and rounded to it."""
    return next((one.scale for one in series.measures if field.startswith(f"{one.name}_") and field in one.fields), 1)


def merged_fields(series: Series) -> tuple[str, ...]:
    """The fields of a roll-up: those of the series but `final`, for a roll-up grows while its points settle."""
    return tuple(field for field in series.field_names if field != "final")


def offset_s(city: City, at_ns: int) -> int:
    """How far the city's clock is ahead of UTC at an instant, in seconds."""
    ahead = datetime.fromtimestamp(at_ns // NS, tz=UTC).astimezone(ZoneInfo(city.timezone)).utcoffset()
    return 0 if ahead is None else int(ahead.total_seconds())


def day_shift(city: City) -> str:
    """Where time groups begin, in InfluxQL, so that days are the city's; it is nothing to groups of whole hours.

    One figure for all times: a city that changes its clock would need another way.
    """
    return f"{-offset_s(city, _REFERENCE_NS)}s"


def floor(at_ns: int, resolution: Resolution, ahead_s: int) -> int:
    """The start (ns) of the window an instant lies in; days begin at the city's midnight."""
    length, ahead = resolution.seconds * NS, ahead_s * NS
    return (at_ns + ahead) // length * length - ahead


def hour_of_day(at_ns: int, ahead_s: int) -> str:
    """The hour of the city's day, as the tag has it."""
    return f"{(at_ns // NS + ahead_s) % 86_400 // 3_600:02d}"
