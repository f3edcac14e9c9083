"""KPI + grouping + range → the text that is sent, and names that cannot break out of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.domain import Census, Kpi, Rate, Ratio, Text
from city.event import Event
from city.influxql import (
    AUTO,
    Between,
    Chosen,
    Is,
    Last,
    Panel,
    chosen,
    kpi_query,
    name,
    quiet_query,
    recent,
    scope,
    speakers,
    tag_values_query,
    text,
)
from embedded.store.influxql import syntax
from embedded.store.influxql.parser import parse

if TYPE_CHECKING:
    from city.domain import Domain

WORDS = Text("từ", "words")
SHARE = Kpi("share", WORDS, "%", "m", Ratio("a", "b", factor=100), WORDS)
MEAN = Kpi("mean", WORDS, "km/h", "m", Ratio("a", "b"), WORDS)
RATE = Kpi("rate", WORDS, "1/min", "m", Rate("a", per_s=60), WORDS)
CENSUS = Kpi("census", WORDS, "1", "sources", Census("silent", every_s=10), WORDS)

AREA = Chosen("area", "area")


class Another(Event, frozen=True, tag="vn.hanoi.traffic.another.v1"):
    """Something else that sources of the domain say."""

    data: dict[str, int]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            kpi_query(SHARE, Panel()),
            'SELECT 100 * sum("a") / sum("b") AS "value" FROM "m" WHERE "b" > 0 AND $timeFilter',
        ),
        (
            kpi_query(MEAN, Panel(), step=AUTO, by=["zone", "area"], filters=[AREA]),
            (
                'SELECT sum("a") / sum("b") AS "value" FROM "m" WHERE "b" > 0 AND "area" =~ /^$area$/ AND $timeFilter '
                'GROUP BY time($__interval), "zone", "area" fill(null)'
            ),
        ),
        (
            kpi_query(MEAN, Last(300, 30), by=["area"], named=("a", "b")),
            (
                'SELECT sum("a") / sum("b") AS "a", sum("a") / sum("b") AS "b" FROM "m" '
                'WHERE "b" > 0 AND time >= now() - 330s AND time < now() - 30s GROUP BY "area"'
            ),
        ),
        (
            kpi_query(RATE, Panel(), step=AUTO),
            (
                'SELECT sum("a") * 60000 / $__interval_ms AS "value" FROM "m" '
                "WHERE $timeFilter GROUP BY time($__interval) fill(null)"
            ),
        ),
        (
            kpi_query(RATE, Panel(), step=900),
            'SELECT sum("a") * 60 / 900 AS "value" FROM "m" WHERE $timeFilter GROUP BY time(900s) fill(null)',
        ),
        (
            kpi_query(RATE, Last(300)),
            'SELECT sum("a") * 60 / 300 AS "value" FROM "m" WHERE time >= now() - 300s AND time < now()',
        ),
        (kpi_query(RATE, Panel(120)), 'SELECT sum("a") * 60 / 120 AS "value" FROM "m" WHERE $timeFilter'),
        (
            kpi_query(RATE, Between(10, 10 + 5 * 10**9)),
            'SELECT sum("a") * 60000000000 / 5000000000 AS "value" FROM "m" WHERE time >= 10 AND time < 5000000010',
        ),
        (
            kpi_query(CENSUS, Panel(), step=60, by=["zone"], filters=[Is("domain", "traffic")]),
            (
                'SELECT mean("round") AS "value" FROM (SELECT sum("silent") AS "round" FROM "sources" '
                'WHERE "domain" = \'traffic\' AND $timeFilter GROUP BY time(10s), "zone" fill(none)) '
                'WHERE $timeFilter GROUP BY time(60s), "zone" fill(null)'
            ),
        ),
        (
            tag_values_query("m", "area", [Chosen("zone", "zone")]),
            'SHOW TAG VALUES FROM "m" WITH KEY = "area" WHERE "zone" =~ /^$zone$/',
        ),
        (tag_values_query("m", "zone"), 'SHOW TAG VALUES FROM "m" WITH KEY = "zone"'),
    ],
)
def test_the_text(query: str, expected: str) -> None:
    assert query == expected


def test_a_rate_over_a_range_of_unknown_length_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a step"):
        kpi_query(RATE, Panel())


@pytest.mark.parametrize(("factor", "written"), [(100.0, "100"), (0.001, "0.001"), (3.6, "3.6"), (1e6, "1000000")])
def test_factors_are_written_without_exponents(factor: float, written: str) -> None:
    query = kpi_query(Kpi("k", WORDS, "%", "m", Ratio("a", "b", factor=factor), WORDS), Panel())
    assert query.startswith(f'SELECT {written} * sum("a")')


READABLE = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30)


@given(READABLE)
def test_any_tag_value_is_a_text_and_nothing_more(value: str) -> None:
    (statement,) = parse(f"SELECT v FROM m WHERE t = {text(value)}")  # noqa: S608 - that it is safe is the test
    assert isinstance(statement, syntax.Select)
    condition = statement.where
    assert isinstance(condition, syntax.Binary)
    assert condition.right == syntax.Text(value)


@given(READABLE)
def test_any_measurement_is_a_name_and_nothing_more(value: str) -> None:
    (statement,) = parse(f"SELECT v FROM {name(value)}")  # noqa: S608 - that it is safe is the test
    assert isinstance(statement, syntax.Select)
    (source,) = statement.sources
    assert isinstance(source, syntax.Measurement)
    assert source.name == value


@pytest.mark.parametrize("bad", ["", "a\nb", "a\x00b"])
def test_names_with_control_characters_are_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="neither a name nor a text"):
        name(bad)


@pytest.mark.parametrize("bad", ["", "a b", "a/", "1a", "a}", "vùng"])
def test_only_an_identifier_is_a_variable(bad: str) -> None:
    with pytest.raises(ValueError, match="no name of a variable"):
        chosen(bad)


def test_now_is_the_last_closed_windows_and_for_a_census_its_last_whole_round(traffic: Domain) -> None:
    speed, *_, silent = traffic.kpis
    assert recent(traffic, speed, 300) == Last(300, ago_s=30)
    assert recent(traffic, silent, 300) == Last(10, ago_s=10)


def test_only_a_kpi_over_the_shared_sources_is_kept_to_its_domain(traffic: Domain) -> None:
    speed, *_, silent = traffic.kpis
    assert scope(traffic, speed) == ()
    assert scope(traffic, silent) == (Is("domain", "traffic"),)


def test_where_sources_say_different_things_a_kpi_rests_on_those_that_say_its_events(traffic: Domain) -> None:
    flow, site = traffic.series
    speed = traffic.kpis[0]
    assert speakers(traffic, speed) == ()
    two = replace(traffic, series=(flow, replace(site, event=Another)))
    assert speakers(two, speed) == (Is("observation", "flow"),)
    assert speakers(two, replace(speed, measurement="traffic_site")) == (Is("observation", "another"),)
    assert speakers(two, traffic.kpis[-1]) == ()


def test_quiet_sources_are_those_of_the_domain_that_are_not_well(traffic: Domain) -> None:
    assert quiet_query(traffic, Last(30), filters=[AREA]) == (
        'SELECT last("state") AS "state", last("age_s") AS "age_s" FROM "sources" '
        'WHERE "domain" = \'traffic\' AND "area" =~ /^$area$/ AND "state" > 0 '
        'AND time >= now() - 30s AND time < now() GROUP BY "source", "area", "zone"'
    )
