"""What boards ask beside KPIs, and KPIs over roll-ups, as text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from city.boards.questions import bin_labels, bins_query, counts_query, mean_query, parts_query, unusual_query
from city.domain import Counter, Measure, Rate, Ratio
from city.influxql import AUTO, Around, Chosen, Is, Panel, kpi_query, quiet_query
from city.rollup import DAY, HOUR, MINUTE, QUARTER, day_shift, finest, merge_of, resolutions_of, rolled

if TYPE_CHECKING:
    from city.catalogue import Catalogue
    from city.domain import Domain

SPEED = Measure("speed", "speed", "km/h", scale=100, keep=("sum", "min", "max"), bounds=(10, 20.5))


def test_last_weeks_hour_lies_around_now_for_its_points_are_stamped_a_week_later(traffic: Domain) -> None:
    rate = replace(traffic.kpis[0], formula=Rate("intensity_sum", per_s=60))
    assert kpi_query(rolled(rate, "m_15m_week"), Around(3_600)) == (
        'SELECT sum("intensity_sum") * 60 / 3600 AS "value" FROM "m_15m_week" '
        "WHERE time >= now() - 1800s AND time < now() + 1800s"
    )


def test_groups_of_roll_ups_begin_at_the_citys_midnight(traffic: Domain, packs: Catalogue) -> None:
    query = kpi_query(traffic.kpis[0], Panel(), step=AUTO, shift=day_shift(packs.city))
    assert query.endswith("GROUP BY time($__interval, -25200s) fill(null)")


def test_a_counter_is_what_each_partition_grew_by(traffic: Domain) -> None:
    kpi = replace(traffic.kpis[0], measurement="pipeline", formula=Counter("in"))
    assert kpi_query(kpi, Panel(), step=10, by=("domain",)) == (
        'SELECT sum("grown") * 1 / 10 AS "value" FROM (SELECT non_negative_difference(max("in")) AS "grown" '
        'FROM "pipeline" WHERE $timeFilter GROUP BY time(10s), "domain", "partition" fill(null)) '
        'WHERE $timeFilter GROUP BY time(10s), "domain" fill(null)'
    )


def test_a_ratio_can_be_asked_with_its_parts(traffic: Domain) -> None:
    congested = next(kpi for kpi in traffic.kpis if kpi.name == "traffic_congested_share")
    assert isinstance(congested.formula, Ratio)
    assert parts_query(congested.formula, "traffic_flow", (Chosen("zone", "zone"),), Panel()) == (
        'SELECT 100 * sum("congested_sum") / sum("congested_count") AS "value", sum("congested_sum") AS "part", '
        'sum("congested_count") AS "whole" FROM "traffic_flow" '
        'WHERE "congested_count" > 0 AND "zone" =~ /^$zone$/ AND $timeFilter'
    )


def test_bins_are_named_by_their_ranges() -> None:
    assert bin_labels(SPEED) == ("< 10", "10–20.5", "≥ 20.5")
    assert bins_query(SPEED, "flow", (Chosen("zone", "zone"),)) == (
        'SELECT sum("speed_bin0") AS "< 10", sum("speed_bin1") AS "10–20.5", sum("speed_bin2") AS "≥ 20.5" '
        'FROM "flow" WHERE "zone" =~ /^$zone$/ AND $timeFilter'
    )


def test_places_are_counted_once_each() -> None:
    assert counts_query("alarm") == (
        'SELECT sum("alarm") AS "alarm" FROM (SELECT last("alarm") AS "alarm" FROM "places" '
        'WHERE time >= now() - 150s AND time < now() GROUP BY "area")'
    )


def test_what_is_unusual_is_far_from_last_week_in_the_chosen_places() -> None:
    query = unusual_query((Is("domain", "traffic"), Chosen("area", "area")))
    assert '"unusual" >= 25 AND "domain" = \'traffic\' AND "area" =~ /^$area$/' in query


def test_a_mean_over_windows_asks_another_question() -> None:
    assert mean_query("SELECT 1", ("area",), ("a", "b")) == (
        'SELECT mean("value") AS "a", mean("value") AS "b" FROM (SELECT 1) WHERE $timeFilter GROUP BY "area"'
    )


def test_quiet_sources_of_all_domains_say_which(traffic: Domain) -> None:
    assert 'GROUP BY "domain", "source", "area", "zone"' in quiet_query(None, Panel())
    assert '"domain" = ' in quiet_query(traffic, Panel())


def test_a_roll_up_is_longer_than_the_windows_it_is_made_of(traffic: Domain) -> None:
    flow, site = traffic.series
    assert resolutions_of(flow) == (MINUTE, QUARTER, HOUR, DAY)
    assert resolutions_of(site) == (QUARTER, HOUR, DAY)
    assert finest(site, MINUTE) == QUARTER
    assert finest(flow, HOUR) == HOUR


@pytest.mark.parametrize(
    ("field", "merge"),
    [("count", "sum"), ("speed_min", "min"), ("speed_max", "max"), ("speed_sum", "sum"), ("speed_bin0", "sum")],
)
def test_parts_are_merged_as_they_were_made(field: str, merge: str, traffic: Domain) -> None:
    series = replace(traffic.series[0], measures=(SPEED,))
    assert merge_of(field, series) == merge
