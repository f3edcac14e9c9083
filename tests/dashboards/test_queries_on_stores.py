"""Every question of every board and rule, asked of a store that holds a small city: the embedded one and InfluxDB 2."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from city.geography import HANOI
from city.influxql import AUTO, Between, Chosen, Last, Panel, fresh_query, kpi_query, quiet_query, recent, scope
from city.instant import NS
from city.layout import NOW_S, SOURCES_SPAN
from city.operations import watch
from city.rules import Points, State, advance, labels_of
from city.rules.file import InfluxQuery
from dashboards import provisioned
from dashboards.alerting import compiled
from tests.dashboards.asking import Question, close, questions, series
from tests.dashboards.city import filled

if TYPE_CHECKING:
    from city.catalogue import Catalogue
    from city.domain import Domain
    from city.rules.file import Query
    from tests.store.web import Client

HOUR_S = 3_600


def holds(one: Question) -> bool:
    """Whether the small city has points of it."""
    return one.bucket == "city_live" and not re.search(r'"(places|standings|rejected|speed_bin0)"', one.query)


def values(store: Client, query: str, tag: str = "") -> dict[str, list[Any]]:
    """Tag value → the first column of each row."""
    return {one.get("tags", {}).get(tag, ""): [row[1] for row in one["values"]] for one in series(store, query)}


def test_every_question_of_every_board_and_rule_is_answered(store: Client, built: dict[str, str], now_s: int) -> None:
    asked = questions(built)
    assert len(asked) > 100
    found = {one: series(store, filled(one.query, now_s - HOUR_S, now_s), one.bucket) for one in asked}
    assert [one.name for one in asked if holds(one) and not found[one]] == []


@pytest.mark.live
def test_the_embedded_store_answers_every_question_as_influxdb_does(
    embedded: Client, influxdb: Client, built: dict[str, str], now_s: int
) -> None:
    def answer(store: Client, one: Question) -> list[Any]:
        query = filled(one.query, now_s - HOUR_S, now_s)
        return series(store, query.replace("now()", f"{now_s}s"), one.bucket)

    for one in questions(built):
        ours, theirs = answer(embedded, one), answer(influxdb, one)
        assert close(ours, theirs), (one, ours[:2], theirs[:2])


# Cars at 10 km/h and motorcycles at 40: (2·10 + 4·40) / 6 = 30 and (6·10 + 3·40) / 9 = 20; in 00082 nothing passes.
KPIS_NOW = {
    "traffic_mean_speed": {"00004": 30.0, "00070": 20.0},
    "traffic_vehicles_per_minute": {"00004": 36.0, "00070": 54.0, "00082": 0.0},
    "traffic_occupancy": {"00004": 25.0},
    "traffic_congested_share": {"00004": 50.0},
    "traffic_silent_sensors": {"00004": 0.0, "00070": 1.0, "00082": 1.0},
}


@pytest.mark.parametrize("name", KPIS_NOW)
def test_a_kpi_now_is_what_the_points_say_by_hand(store: Client, traffic: Domain, name: str) -> None:
    kpi = next(kpi for kpi in traffic.kpis if kpi.name == name)
    query = kpi_query(kpi, recent(traffic, kpi, NOW_S), by=["area"], filters=scope(traffic, kpi))
    assert {area: found[0] for area, found in values(store, query, "area").items()} == pytest.approx(KPIS_NOW[name])


def test_a_ratio_whose_denominator_is_zero_is_no_data_and_not_zero(store: Client, traffic: Domain) -> None:
    speed = traffic.kpis[0]
    assert values(store, kpi_query(speed, Last(300), filters=[Chosen("area", "area")]).replace("$area", "00082")) == {}


@pytest.mark.parametrize("interval_s", [10, 15, 60, 300])
def test_rates_and_counts_do_not_depend_on_the_interval(
    store: Client, traffic: Domain, now_s: int, interval_s: int
) -> None:
    start, end = now_s // 300 * 300 - 1_200, now_s // 300 * 300 - 1
    for kpi, expected in ((traffic.kpis[1], 90.0), (traffic.kpis[4], 2.0)):
        query = kpi_query(kpi, Panel(), step=AUTO, filters=scope(traffic, kpi))
        found = values(store, filled(query, start, end, interval_s))[""]
        if interval_s == 15 and kpi is traffic.kpis[1]:  # a window of 10 s begins in two of three intervals of 15 s
            assert sum(found) / len(found) == pytest.approx(expected)
        else:
            assert found == pytest.approx([expected] * (1_200 // interval_s))


def test_a_gap_is_null_in_a_course(store: Client, traffic: Domain, now_s: int) -> None:
    start = now_s // 60 * 60 - 2_400  # ten minutes before the city began
    span = Between(start * NS, (start + 1_200) * NS)
    found = values(store, kpi_query(traffic.kpis[0], span, step=60))[""]
    assert found[0] is None
    assert found[-1] == pytest.approx(24.0)


def test_freshness_is_the_share_of_known_sources_that_speak(store: Client, traffic: Domain) -> None:
    found = values(store, fresh_query(traffic, Last(30), by=["area"]), "area")
    assert {area: share for area, (share,) in found.items()} == pytest.approx(
        {"00004": 1, "00070": 0.5, "00082": 2 / 3}
    )


def test_the_quiet_sources_are_those_not_well_also_one_that_never_spoke(store: Client, traffic: Domain) -> None:
    found = series(store, quiet_query(traffic, SOURCES_SPAN))
    assert {one["tags"]["source"]: one["values"][0][1:] for one in found} == {
        "traffic/00070/002": [3, 900],
        "traffic/00082/002": [1, 40],
        "traffic/00082/003": [3, None],
    }


# The worker of the small city counts 95 records and rejects 5 in each round, 1 of them for its clock.
WATCHED_NOW = {
    "sources_youngest_age": 5.0,
    "sources_silent_share": 200 / 7,
    "sources_frozen_share": 0.0,
    "pipeline_lag": 8.0,
    "pipeline_delay": 2.0,
    "pipeline_rejected_share": 5.0,
    "pipeline_clock_share": 100 / 96,
    "pipeline_damaged": 0.0,
    "pipeline_reports": 60.0,
    "pipeline_write_time": 0.25,
}


@pytest.mark.parametrize("name", WATCHED_NOW)
def test_what_the_stream_is_watched_by_is_what_the_points_say(store: Client, traffic: Domain, name: str) -> None:
    book = watch(traffic)
    kpi = next(kpi for kpi in book.kpis if kpi.name == name)
    query = kpi_query(kpi, recent(book, kpi, 300), filters=scope(book, kpi))
    assert values(store, query)[""] == pytest.approx([WATCHED_NOW[name]])


@pytest.mark.parametrize(("zone", "areas"), [("hoan-kiem", ["00070", "00082"]), (".*", ["00004", "00070", "00082"])])
def test_the_variable_area_follows_the_variable_zone(
    store: Client, packs: Catalogue, zone: str, areas: list[str]
) -> None:
    board = json.loads(provisioned.build(packs)["boards/vi/traffic.json"])
    area = next(one for one in board["templating"]["list"] if one["name"] == "area")
    (found,) = series(store, filled(area["query"], 0, 1, zone=zone))
    assert [row[1] for row in found["values"]] == areas


def test_the_compiled_rule_fires_on_what_the_store_answers(store: Client, traffic: Domain, now_s: int) -> None:
    """00070 crawls at 20 km/h; in 00082, where nothing passes, there is no speed to be slow."""
    slow = replace(traffic.rules[0], threshold=25.0, recovers_at=28.0, for_s=0)
    rule = compiled(slow, traffic, HANOI)
    answers = {
        query.refId: tuple(
            Points(labels_of(one["tags"]), tuple(row[1] for row in one["values"]))
            for one in series(store, _asked(query, now_s))
        )
        for query in rule.data
        if isinstance(query.parsed, InfluxQuery)
    }
    state, _ = advance(rule, answers, {}, now_s * NS, 10)
    assert {labels: alert.state for labels, alert in state.items()} == {
        labels_of({"area": "00004", "zone": "ba-dinh"}): State.NORMAL,
        labels_of({"area": "00070", "zone": "hoan-kiem"}): State.ALERTING,
    }
    assert state[labels_of({"area": "00070", "zone": "hoan-kiem"})].values["B"] == pytest.approx(20.0)


def _asked(query: Query, now_s: int) -> str:
    span, model = query.relativeTimeRange, query.parsed
    assert span is not None
    assert isinstance(model, InfluxQuery)
    return filled(model.query, now_s - span.from_, now_s - span.to)
