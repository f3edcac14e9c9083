"""A simulated day of traffic through the truth: every KPI plausible at every hour."""

import pytest

from city.domains.traffic.pack import PACK
from city.domains.traffic.simulator import simulate
from city.geography import HANOI
from city.instant import NS, nanoseconds
from tests.kpis import Bound, Points, implausible, points

MONDAY = nanoseconds("2026-11-23T00:00:00+07:00")
HOUR = 3_600 * NS
SPAN_S = 60
EVERY_SENSOR = 200.0

# No counts of Hanoi's roads are published; the bounds follow from what is known of such streets.
BOUNDS = (
    Bound("traffic_mean_speed", 14, 45, "free ward roads run 27 to 35 km/h, communes up to 48; at rush hour about 20"),
    Bound("traffic_vehicles_per_minute", 2_000, 150_000, "2,000 sensors, none of which is passed by more than 1.5 a s"),
    Bound("traffic_occupancy", 0.05, 25, "a detector is covered most of the time only where nothing moves"),
    Bound("traffic_congested_share", 0, 25, "the target of the pack, while neither rain nor water stands in the way"),
)


def minute_of(hour: float) -> Points:
    start = MONDAY + round(hour * HOUR)
    end = start + SPAN_S * NS
    return points(simulate(2026, start, end, events_per_s=EVERY_SENSOR), PACK, HANOI, start, end)


@pytest.mark.parametrize("hour", [0, 3, 6, 7.5, 10, 13, 17.5, 21])
def test_every_kpi_of_a_monday_is_plausible(hour: float) -> None:
    assert implausible(BOUNDS, PACK, minute_of(hour), SPAN_S) == []


def test_the_bounds_are_of_every_kpi_that_follows_from_events() -> None:
    assert {bound.kpi for bound in BOUNDS} == {kpi.name for kpi in PACK.kpis if kpi.measurement != "sources"}
