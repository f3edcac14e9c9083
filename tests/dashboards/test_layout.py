"""Layouts follow from packs, and a KPI's bands from its target and rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.bands import Band, Standing, bands
from city.boards import default_layout, layout_of
from city.domain import AlertRule, Kpi, Ratio, Target, Text
from city.language import Language
from city.layout import GRID_WIDTH, Panel, placed
from dashboards.words import grafana_unit

if TYPE_CHECKING:
    from typing import Literal

    from city.domain import Domain

WORDS = Text("từ", "words")
GOOD, ATTENTION, ALARM = Standing.GOOD, Standing.ATTENTION, Standing.ALARM


def kpi(target: Target | None = None, decimals: int = 0) -> Kpi:
    return Kpi("k", WORDS, "%", "m", Ratio("a", "b"), WORDS, decimals, target)


def rule(fires: Literal["above", "below"], threshold: float, of: str = "k") -> AlertRule:
    return AlertRule(f"r{threshold}", of, WORDS, WORDS, "warning", fires, threshold)


@pytest.mark.parametrize(
    ("target", "rules", "expected"),
    [
        (None, [], []),
        (Target(20, "above", ""), [], [(None, ATTENTION), (19.5, GOOD)]),
        (Target(0, "below", ""), [], [(None, GOOD), (0.5, ATTENTION)]),
        (None, [rule("below", 12)], [(None, ALARM), (12, GOOD)]),
        (None, [rule("above", 80)], [(None, GOOD), (80, ALARM)]),
        (Target(20, "above", ""), [rule("below", 12)], [(None, ALARM), (12, ATTENTION), (19.5, GOOD)]),
        (Target(25, "below", ""), [rule("above", 60)], [(None, GOOD), (25.5, ATTENTION), (60, ALARM)]),
        (
            Target(20, "above", ""),
            [rule("below", 12), rule("below", 8)],
            [(None, ALARM), (12, ATTENTION), (19.5, GOOD)],
        ),
        (Target(20, "above", ""), [rule("below", 30)], [(None, ALARM), (30, GOOD)]),
        (Target(0, "below", ""), [rule("above", 0)], [(None, GOOD), (0.5, ALARM)]),
        (Target(20, "above", ""), [rule("below", 20)], [(None, ALARM), (19.5, GOOD)]),
        (Target(20, "above", ""), [rule("above", 90)], [(None, ATTENTION), (19.5, GOOD)]),
        (Target(20, "above", ""), [rule("below", 12, of="other")], [(None, ATTENTION), (19.5, GOOD)]),
    ],
)
def test_bands(target: Target | None, rules: list[AlertRule], expected: list[tuple[float | None, Standing]]) -> None:
    assert bands(kpi(target), rules) == tuple(Band(start, standing) for start, standing in expected)


def test_what_is_shown_as_the_target_is_on_target() -> None:
    (_, good) = bands(kpi(Target(20, "above", ""), decimals=1), [])
    assert good == Band(19.95, GOOD)


@given(count=st.integers(1, 13))
def test_any_number_of_kpis_fills_whole_lines(count: int) -> None:
    layout = default_layout(_domain_with(count))
    lines: dict[int, int] = {}
    for part, place in placed(layout):
        if isinstance(part, Panel):
            lines[place.y] = lines.get(place.y, 0) + place.width
    assert set(lines.values()) == {GRID_WIDTH}


def _domain_with(count: int) -> Domain:
    from city.domains.traffic.pack import PACK  # noqa: PLC0415 - hypothesis gives no fixtures

    speed = PACK.kpis[0]
    return replace(PACK, kpis=tuple(replace(speed, name=f"k{number}") for number in range(count)), rules=())


def test_panel_names_are_unique_on_a_board(traffic: Domain) -> None:
    names = [part.name for part, _ in placed(layout_of(traffic)) if isinstance(part, Panel)]
    assert len(set(names)) == len(names)


def test_the_packs_board_names_every_value_of_its_tags(traffic: Domain) -> None:
    names = layout_of(traffic).names
    for series in traffic.series:
        for tag in series.tags:
            if tag.values:
                assert set(tag.values) | {"all"} == set(names[tag.name])


def test_series_that_share_a_tag_share_its_row(traffic: Domain) -> None:
    flow = traffic.series[0]
    other = replace(flow, name="traffic_other")
    kpis = (traffic.kpis[0], replace(traffic.kpis[0], name="other", measurement="traffic_other"))
    layout = default_layout(replace(traffic, series=(flow, other), kpis=kpis, rules=()))
    rows = [row for row in layout.rows if row.name == "by_vehicle_type"]
    assert [[panel.kpis[0] for panel in row.panels] for row in rows] == [list(kpis)]


def test_what_concerns_the_whole_city_has_no_line_for_each_place(traffic: Domain) -> None:
    flow, site = traffic.series
    whole = replace(traffic, series=(replace(flow, name="whole", citywide=True), flow, site))
    kpis = (*traffic.kpis, replace(traffic.kpis[0], name="whole_speed", measurement="whole"))
    rows = {row.name: row for row in default_layout(replace(whole, kpis=kpis)).rows}
    assert "whole_speed" in {panel.kpis[0].name for panel in rows["now"].panels}
    assert "whole_speed" not in {kpi.name for kpi in rows["places"].panels[0].kpis}


@pytest.mark.parametrize(
    ("unit", "vi", "en"),
    [
        ("%", "percent", "percent"),
        ("km/h", "velocitykmh", "velocitykmh"),
        ("vehicles/min", "suffix:xe/phút", "suffix:vehicles/min"),
        ("furlongs", "suffix:furlongs", "suffix:furlongs"),
    ],
)
def test_units(unit: str, vi: str, en: str) -> None:
    assert (grafana_unit(unit, Language.VI), grafana_unit(unit, Language.EN)) == (vi, en)
