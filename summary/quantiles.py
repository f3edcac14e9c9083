"""Bins of a roll-up's windows → their quantiles: a grouping's bins are added up, be it an area, a zone or the city."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from city.domain import NOT_STATED
from city.geography import CITY_AREA, CITY_ZONE
from city.instant import NS
from city.quantile import SHARES, quantile
from city.rollup import LEVEL_TAG
from stream_app.core.lineprotocol import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from city.domain import Measure, Series
    from summary.store import Row


class _Group(NamedTuple):
    """What is added up: one place of a level, in one window (ns)."""

    level: str
    area: str
    zone: str
    start: int


def binned(series: Series) -> tuple[Measure, ...]:
    """The measures that have a distribution."""
    return tuple(measure for measure in series.measures if measure.bounds)


def quantile_lines(series: Series, measurement: str, rows: Iterable[Row]) -> Iterator[str]:
    """The points of the quantiles of whole windows.

    Args:
        series: whose windows they are.
        measurement: the name of the points.
        rows: every point of each window: its place, start, bins and extremes.
    """
    measures = binned(series)
    groups: defaultdict[_Group, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        for group in _groups_of(row):
            groups[group].append(row.values)
    for group, points in groups.items():
        fields = [field for measure in measures for field in _fields(measure, points)]
        if fields:
            tags = f"area={group.area},{LEVEL_TAG}={group.level},zone={escape(group.zone)}"
            yield f"{measurement},{tags} {','.join(fields)} {group.start // NS}"


def _groups_of(row: Row) -> Iterator[_Group]:
    area, zone = row.tags["area"], row.tags["zone"]
    if area != CITY_AREA:
        yield _Group("area", area, zone, row.time)
        yield _Group("zone", NOT_STATED, zone, row.time)
    yield _Group("city", CITY_AREA, CITY_ZONE, row.time)


def _fields(measure: Measure, points: list[dict[str, Any]]) -> Iterator[str]:
    """The fields of one measure in one group; none where it was not observed."""
    found: Counter[str] = Counter()
    for point in points:
        found.update({name: point[name] for name in measure.bins if name in point})
    bins = [found[name] for name in measure.bins]
    least = min((point[name] for point in points if (name := f"{measure.name}_min") in point), default=None)
    most = max((point[name] for point in points if (name := f"{measure.name}_max") in point), default=None)
    for name, share in SHARES.items():
        value = quantile(bins, measure.bounds, share, least=least, most=most)
        if value is not None:
            yield f"{measure.name}_{name}={round(value, 6)!r}"
    if found:
        yield f"{measure.name}_count={sum(bins)}i"
