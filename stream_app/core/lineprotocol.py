"""InfluxDB line protocol: one window of one group is one line.

https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.domain import NOT_STATED
from city.instant import NS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from city.domain import Series

_ESCAPES: Final = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ "})


def escape(value: str) -> str:
    """A tag key, tag value or measurement, with what the syntax uses for itself escaped."""
    return value.translate(_ESCAPES)


def tag_prefix(series: Series, zone_of: Mapping[str, str], group: tuple[str | None, ...]) -> str:
    """`traffic_flow,area=00070,vehicle_type=car,zone=hoan-kiem`, the tags sorted as InfluxDB likes them.

    Args:
        series: whose point it is.
        zone_of: area code → zone.
        group: the area, then the series' own tag values; None is an attribute that was not stated.
    """
    area = group[0] or ""
    values = [area, zone_of[area], *(value or NOT_STATED for value in group[1:])]
    pairs = sorted(zip(series.tag_names, values, strict=True))
    return series.name + "".join(f",{name}={escape(value)}" for name, value in pairs)


def point(prefix: str, fields: str, start_ns: int, *, final: bool) -> str:
    """A whole line; windows start at whole seconds, so the precision is `s`."""
    return f"{prefix} {fields},final={1 if final else 0}i {start_ns // NS}"
