"""Quantiles of each place and level are those of the observations in it, as near as bins tell."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Any

import pytest

from city.instant import NS
from city.rollup import QUARTER
from summary.quantiles import quantile_lines
from summary.rollup import RollUps
from summary.store import ROLLUP, SETTLED, Row
from tests.summary.day import AREAS, CITY, MIDNIGHT_S, TRAFFIC, as_lines, truth

if TYPE_CHECKING:
    from summary.store import Port

FLOW = TRAFFIC.series[0]
(SPEED,) = (measure for measure in FLOW.measures if measure.bounds)
NAME = QUARTER.quantiles(FLOW.name)


def settle(store: Port, end_s: int) -> None:
    points = truth(MIDNIGHT_S, end_s, every_s=10).points
    store.write(SETTLED, as_lines(points).splitlines())
    RollUps(store, CITY.city).bring_up(FLOW)


def quantiles(store: Port) -> dict[tuple[str, str, str, int], dict[str, Any]]:
    """Level, area, zone, start (s) → fields."""
    rows = store.rows(ROLLUP, f'SELECT * FROM "{NAME}" GROUP BY *')  # noqa: S608 - a name of ours
    return {(row.tags["level"], row.tags["area"], row.tags["zone"], row.time // NS): row.values for row in rows}


def observed(store: Port) -> dict[str, list[float]]:
    """Area → what its two sensors measured: a window and vehicle type holds one value or two, so their extremes."""
    found: dict[str, list[float]] = {area: [] for area in AREAS}
    for row in store.rows(SETTLED, 'SELECT * FROM "traffic_flow" GROUP BY *'):
        if row.values["speed_count"] == 1:
            found[row.tags["area"]].append(row.values["speed_min"])
        else:
            found[row.tags["area"]] += [row.values["speed_min"], row.values["speed_max"]]
    return found


def exact(values: list[float], share: float) -> float:
    return sorted(values)[ceil(share * len(values)) - 1]


def width(value: float) -> float:
    """Of the bin that holds it, the outer ones as wide as the values that were drawn."""
    ends = (3.0, *SPEED.bounds, 100.0)
    return next(high - low for low, high in pairwise(ends) if low <= value < high)


def bring_up_and_compare(store: Port) -> None:
    settle(store, MIDNIGHT_S + 900)
    found, speeds = quantiles(store), observed(store)
    everyone = [speed for own in speeds.values() for speed in own]
    assert len(everyone) == 90 * len(AREAS) * 2
    for area in AREAS:
        zone = CITY.city.zone_of[area]
        fields = found["area", area, zone, MIDNIGHT_S]
        assert fields["speed_count"] == len(speeds[area])
        for field, share in (("speed_p50", 0.5), ("speed_p90", 0.9)):
            true = exact(speeds[area], share)
            assert abs(fields[field] - true) <= width(true)
    whole = found["city", "01", "city", MIDNIGHT_S]
    assert whole["speed_count"] == len(everyone)
    assert abs(whole["speed_p90"] - exact(everyone, 0.9)) <= width(exact(everyone, 0.9))
    zones = {CITY.city.zone_of[area] for area in AREAS}
    assert {key[2] for key in found if key[0] == "zone"} == zones
    assert {key[1] for key in found if key[0] == "zone"} == {"all"}


def test_areas_zones_and_the_city_have_the_quantiles_of_what_was_observed_in_them(store: Port) -> None:
    bring_up_and_compare(store)


@pytest.mark.live
def test_a_real_influxdb_is_told_alike(influxdb: Port) -> None:
    bring_up_and_compare(influxdb)


def test_a_window_that_goes_on_filling_is_told_anew(store: Port) -> None:
    settle(store, MIDNIGHT_S + 300)
    half = quantiles(store)
    settle(store, MIDNIGHT_S + 900)
    whole = quantiles(store)
    assert half.keys() == whole.keys()
    assert whole["city", "01", "city", MIDNIGHT_S]["speed_count"] == (
        3 * half["city", "01", "city", MIDNIGHT_S]["speed_count"]
    )


def row(area: str, zone: str, speeds: list[float]) -> Row:
    bins: dict[str, Any] = {}
    for speed in speeds:
        name = SPEED.bins[bisect_right(SPEED.bounds, speed)]
        bins[name] = bins.get(name, 0) + 1
    return Row({"area": area, "zone": zone, "vehicle_type": "car"}, MIDNIGHT_S * NS, bins)


def test_what_concerns_the_whole_city_is_of_no_single_place() -> None:
    (line,) = quantile_lines(FLOW, NAME, [row("01", "city", [12.0])])
    assert line.startswith(f"{NAME},area=01,level=city,zone=city speed_p50=")


def test_where_nothing_was_measured_nothing_is_said() -> None:
    assert list(quantile_lines(FLOW, NAME, [row("00004", "ba-dinh", [])])) == []
