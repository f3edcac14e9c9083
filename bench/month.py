"""A month of a small city as its workers and its roll-ups would have left it, as line protocol.

Every series has its tags and fields, and points as often as in a city; `sources` and `pipeline` have one every ten
seconds, how places stand one a minute. The values mean nothing, but none of them is zero: no share lacks a part.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from heapq import nsmallest
from itertools import product
from typing import TYPE_CHECKING, Final

from city.event import observation
from city.geography import CITY_AREA, CITY_ZONE
from city.influxql import PIPELINE, ROUND_S, SOURCES
from city.instant import NS
from city.quantile import quantile_fields
from city.rollup import (
    DAY,
    HOUR,
    HOUR_TAG,
    LEAST_COPIED_S,
    LEVEL_TAG,
    LEVELS,
    WEEK_S,
    is_count,
    merged_fields,
    of_day,
    offset_s,
    resolutions_of,
)
from city.standing import EVERY_S, PLACES, PLACES_FIELDS, STANDINGS, STANDINGS_FIELDS
from stream_app.core.lineprotocol import escape
from summary.store import LIVE, ROLLUP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from city.catalogue import Catalogue
    from city.domain import Domain, Series

LIVE_S: Final = 7 * DAY.seconds - 3_600
"""How long the bucket of now keeps a point, less an hour: InfluxDB refuses what has grown too old on its way."""

SHOWN: Final = 2
"""Sources of each domain in an area; Hanoi has 23 of all domains together."""

PARTITIONS: Final = 4
_AT_ONCE, _MANY_AT_ONCE = 5, 20
"""Groups of an area that have a point in one window: in a minute and less, and in a quarter of an hour and more."""

_BINS: Final = 5  # of so many bins of a distribution, one holds something
_VARIANTS: Final = 97  # a prime: no series has the same value all the time
_COUNTERS: Final = ("in", "late", "duplicate", "unusable", "clock_trouble", "damaged", "open_windows", "pending_points")
_FIGURES: Final = ("lag", "write_s", "watermark_delay_s", "retries", "worker_share")
_OF_SOURCES: Final = ("state", "silent", "frozen", "last_event_s", "age_s")
_WHOLE: Final = frozenset({"state", *_COUNTERS})
_NUMBERED: Final = tuple(f"source/{number}" for number in range(SHOWN))


@dataclass(frozen=True, slots=True)
class Course:
    """The points of one measurement.

    Attributes:
        every_s, begins_s: seconds from one point to the next, which is `begins_s` after a whole multiple of them.
        groups: measurement and tags of each series.
        fields: what stands in a line, by turns.
        at_once: how many series have a point at a time; the next ones have it the next time.
        later_s: how far behind the end it goes on.
    """

    bucket: str
    every_s: int
    groups: tuple[str, ...]
    fields: tuple[str, ...]
    at_once: int
    begins_s: int = 0
    later_s: int = 0

    @property
    def measurement(self) -> str:
        """Its name."""
        return self.groups[0].partition(",")[0]

    def lines(self, first_s: int, end_s: int) -> Iterator[str]:
        """Its points in `[first, end)`, the oldest first, in seconds."""
        groups, fields, written = self.groups, self.fields, 0
        start = first_s + (self.begins_s - first_s) % self.every_s
        for second in range(start, end_s + self.later_s, self.every_s):
            for number in range(written, written + self.at_once):
                yield f"{groups[number % len(groups)]} {fields[number % len(fields)]} {second}"
            written += self.at_once


def month(packs: Catalogue, areas: int, now_s: int) -> Iterator[Course]:
    """All that boards can ask for, in the first `areas` of the city and in the city as a whole."""
    zones = {code: packs.city.zone_of[code] for code in nsmallest(areas, packs.city.units)}
    ahead_s = offset_s(packs.city, now_s * NS)
    for series in packs.series.values():
        yield from _of_series(series, {CITY_AREA: CITY_ZONE} if series.citywide else zones, ahead_s)
    for domain in packs.domains:
        yield _course(ROUND_S, _sources(domain, packs, zones), _OF_SOURCES)
        kpis = [{"domain": domain.name, "kpi": kpi.name} for kpi in domain.kpis]
        yield _course(EVERY_S, _groups(STANDINGS, zones, kpis), STANDINGS_FIELDS)
    yield _course(EVERY_S, _groups(PLACES, zones, [{}]), PLACES_FIELDS)
    partitions = [
        _group(PIPELINE, domain=one.name, partition=str(p)) for one in packs.domains for p in range(PARTITIONS)
    ]
    yield _course(ROUND_S, partitions, (*_COUNTERS, *_FIGURES))


def _of_series(series: Series, zones: Mapping[str, str], ahead_s: int) -> Iterator[Course]:
    """A series and every form of its roll-ups."""
    own = [
        dict(zip((tag.name for tag in series.tags), values, strict=True))
        for values in product(*(tag.values or _NUMBERED for tag in series.tags))
    ]
    whole = {name for name in series.field_names if is_count(name, series)}
    yield _course(
        series.window_s, _groups(series.name, zones, own), series.field_names, whole | {"final"}, among=len(zones)
    )
    names = merged_fields(series)
    for resolution in resolutions_of(series):
        forms = [(resolution.of(series.name), 0)]
        if resolution.seconds >= LEAST_COPIED_S:
            forms.append((resolution.week_later(series.name), WEEK_S))
            if quantiles := [name for one in series.measures if one.bounds for name in quantile_fields(one)]:
                levels = [{LEVEL_TAG: level} for level in LEVELS]
                course = _course(
                    resolution.seconds, _groups(resolution.quantiles(series.name), zones, levels), quantiles
                )
                yield replace(course, bucket=ROLLUP, begins_s=-ahead_s)
        for name, later_s in forms:
            course = _course(resolution.seconds, _groups(name, zones, own), names, whole, among=len(zones))
            yield replace(course, bucket=ROLLUP, begins_s=-ahead_s, later_s=later_s)
    for hour in range(24):
        groups = _groups(of_day(series.name), zones, [{HOUR_TAG: f"{hour:02d}"}])
        course = _course(DAY.seconds, groups, names, whole)
        yield replace(course, bucket=ROLLUP, begins_s=hour * HOUR.seconds - ahead_s)


def _course(
    every_s: int,
    groups: Sequence[str],
    names: Sequence[str],
    whole: AbstractSet[str] = _WHOLE,
    *,
    among: int | None = None,
) -> Course:
    """Points in the bucket of now; `among` so many areas, those of `_AT_ONCE` groups in each at a time."""
    at_once = among * (_MANY_AT_ONCE if every_s >= LEAST_COPIED_S else _AT_ONCE) if among else len(groups)
    fields = [
        ",".join(
            f"{name}={number % 7 + 1}i" if name in whole else f"{name}={(number * 37 + place) % 101 / 4 + 1}"
            for place, name in enumerate(names)
            if "_bin" not in name or (number + place) % _BINS == 0
        )
        for number in range(_VARIANTS)
    ]
    return Course(LIVE, every_s, tuple(groups), tuple(fields), min(at_once, len(groups)))


def _sources(domain: Domain, packs: Catalogue, zones: Mapping[str, str]) -> list[str]:
    """Some sources of each area, and of the city as a whole."""
    known: dict[str, list[str]] = defaultdict(list)
    for site in domain.sites_in(packs.city):
        kind = observation(site.event or domain.events[0])
        tags = {"area": site.area, "domain": domain.name, "observation": kind, "source": site.source}
        known[site.area].append(_group(SOURCES, zone=packs.city.zone_of[site.area], **tags))
    return [group for area in (*zones, CITY_AREA) for group in known[area][:SHOWN]]


def _groups(measurement: str, zones: Mapping[str, str], own: Iterable[Mapping[str, str]]) -> list[str]:
    """Each combination of tags in each area; those of one combination stand together."""
    return [_group(measurement, area=area, zone=zone, **tags) for tags in own for area, zone in zones.items()]


def _group(measurement: str, **tags: str) -> str:
    return measurement + "".join(f",{name}={escape(tags[name])}" for name in sorted(tags))
