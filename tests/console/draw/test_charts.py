"""Charts show what frames hold: values on the board's clock, gaps, thresholds, colours, and nothing that runs."""

import json
import math
import re
from typing import Any

import msgspec
import pytest

from console.boards.document import Matcher, Override, Panel
from console.boards.frames import Frame
from console.draw.colours import DARK, LIGHT, Palette
from console.draw.drawing import draw
from console.draw.pictures import Chart, Look, Nothing
from console.draw.script import formatter
from tests.console.draw.parts import MINUTE_MS, START_MS, config, look, panel, series, with_config

HOURS_MS = 7 * 3_600_000
HOSTILE = "</script><img src=x onerror=alert(1)>\"'`${1}"


def option(made: Panel, *frames: Frame, seen: Look | None = None) -> dict[str, Any]:
    picture = draw(made, with_config(made, *frames), seen or look())
    assert isinstance(picture, Chart)
    return picture.option


LINES = panel("timeseries", defaults=config(unit="percent", decimals=1, custom={"lineWidth": 2, "axisSoftMin": 0}))


def test_values_stand_on_the_board_s_clock_and_a_gap_stays_a_gap() -> None:
    (line,) = option(LINES, series("Bây giờ", 1.0, 2.0, None, 3.0, 4.0))["series"]
    start = START_MS + HOURS_MS
    assert line["data"] == [
        [start + place * MINUTE_MS, value] for place, value in enumerate((1.0, 2.0, None, 3.0, 4.0))
    ]
    assert (line["name"], line["connectNulls"]) == ("Bây giờ", False)


def test_a_value_between_two_gaps_gets_a_dot() -> None:
    (line,) = option(LINES, series("x", None, 2.0, None, 1.0, 1.0))["series"]
    assert [isinstance(point, dict) for point in line["data"]] == [False, True, False, False, False]


def test_the_axis_is_as_long_as_the_range_whatever_is_known() -> None:
    axis = option(LINES, series("x", 1.0))["xAxis"]
    assert (axis["max"] - axis["min"], axis["min"]) == (180 * MINUTE_MS, START_MS + HOURS_MS)


@pytest.mark.parametrize("wanted", [True, False])
def test_a_legend_stands_where_the_panel_wants_one(wanted: bool) -> None:  # noqa: FBT001 - a case
    made = panel("timeseries", {"legend": {"showLegend": wanted, "placement": "bottom", "displayMode": "list"}})
    for lines in ([series("x", 1.0)], [series("x", 1.0), series("y", 2.0)]):
        drawn = option(made, *lines)
        assert drawn["legend"]["show"] is wanted
        assert (drawn["grid"]["bottom"] > 8) is wanted, "and takes room only then"


def test_a_tooltip_of_another_kind_is_refused_where_the_panel_stands() -> None:
    with pytest.raises(msgspec.ValidationError, match="'single'"):
        panel("timeseries", {"tooltip": {"mode": "single"}})


def test_last_week_is_dashed_grey_and_whole() -> None:
    faint = config(
        color={"mode": "fixed", "fixedColor": "text"},
        custom={"lineStyle": {"fill": "dash", "dash": [6, 6]}, "lineWidth": 1, "spanNulls": True},
    )
    made = panel("timeseries", overrides=(Override(Matcher(id="byName", options="Tuần trước"), faint),))
    now, week = option(made, series("Bây giờ", 1.0, 2.0), series("Tuần trước", 1.0, None))["series"]
    assert (week["lineStyle"], week["connectNulls"]) == ({"width": 1, "type": [6, 6]}, True)
    assert week["itemStyle"]["color"] == LIGHT.text
    assert now["itemStyle"]["color"] == LIGHT.series[0]


def test_stacked_lines_are_filled_and_lie_on_each_other() -> None:
    made = panel(
        "timeseries", defaults=config(custom={"fillOpacity": 40, "stacking": {"mode": "normal", "group": "A"}})
    )
    lines = option(made, series("x", 1.0), series("y", 2.0))["series"]
    assert [(line["stack"], line["areaStyle"]["opacity"]) for line in lines] == [("A", 0.4)] * 2


STEPS = {"mode": "absolute", "steps": [{"color": "red", "value": None}, {"color": "green", "value": 19.95}]}


@pytest.mark.parametrize(("style", "lines"), [("dashed", [19.95]), ("off", None)])
def test_thresholds_are_lines_where_the_panel_wants_them(style: str, lines: list[float] | None) -> None:
    made = panel("timeseries", defaults=config(thresholds=STEPS, custom={"thresholdsStyle": {"mode": style}}))
    (line,) = option(made, series("x", 1.0))["series"]
    assert [one["yAxis"] for one in line["markLine"]["data"]] == lines if lines else "markLine" not in line


@pytest.mark.parametrize("kind", ["timeseries", "heatmap", "bargauge", "stat", "table", "geomap"])
def test_without_a_value_the_panel_says_what_that_means(kind: str) -> None:
    made = panel(kind)
    assert draw(made, (), look()) == Nothing("Không có dữ liệu")


@pytest.mark.parametrize("kind", ["timeseries", "heatmap", "bargauge"])
def test_a_chart_of_nulls_is_nothing(kind: str) -> None:
    made = panel(kind)
    assert draw(made, with_config(made, series("x", None, None)), look()) == Nothing("Không có dữ liệu")


def test_a_heatmap_has_a_column_for_each_moment_and_lines_by_number() -> None:
    day_ms = 24 * 60 * MINUTE_MS
    hours = [series(hour, *values, step_ms=day_ms) for hour, values in (("10", (1.0, None)), ("9", (2.0, 0.0)))]
    made = option(panel("heatmap"), *hours)
    assert made["yAxis"]["data"] == ["9", "10"]
    assert made["xAxis"]["data"] == ["22/11", "23/11"]
    assert made["series"][0]["data"] == [[0, 0, 2.0], [0, 1, 1.0]]
    assert (made["visualMap"]["min"], made["visualMap"]["max"]) == (1.0, 2.0)


def test_bars_stand_in_the_order_of_their_bins_with_their_values() -> None:
    defaults = config(unit="short", decimals=0, min=0, color={"mode": "fixed", "fixedColor": "blue"})
    made = option(panel("bargauge", defaults=defaults), series("< 5", 12.0), series("5–10", 2_345.0))
    assert made["yAxis"]["data"] == ["< 5", "5–10"]
    bars = made["series"][0]["data"]
    assert [(bar["value"], bar["label"]["formatter"]) for bar in bars] == [(12.0, "12"), (2_345.0, "2 nghìn")]
    assert {bar["itemStyle"]["color"] for bar in bars} == {LIGHT.named["blue"]}


def test_a_hostile_name_is_text_in_data_and_never_script() -> None:
    line = option(LINES, series(HOSTILE, 1.0), series("y", 1.0))
    assert line["series"][0]["name"] == HOSTILE
    scripts = " ".join(_scripts(line))
    assert "onerror" not in scripts
    heat = option(panel("heatmap"), series(HOSTILE, 1.0))
    (tooltip,) = [one for one in _scripts(heat) if "textContent" in one]
    names = re.search(r"rows = (\[.*?\]), text", tooltip)
    assert names
    assert json.loads(names[1].replace("<\\/", "</")) == [HOSTILE]
    assert "</script" not in tooltip


def _scripts(value: Any, name: str = "") -> list[str]:
    if isinstance(value, dict):
        return [one for key, inner in value.items() for one in _scripts(inner, key)]
    if isinstance(value, list):
        return [one for inner in value for one in _scripts(inner)]
    return [value] if name.startswith(":") else []


def test_a_unit_s_name_cannot_end_a_script() -> None:
    written = formatter(look().writing, f"suffix:{HOSTILE}", 1)
    scales = re.search(r"const scales = (\[\[.*?\]\]);", written)
    assert scales
    assert json.loads(scales[1].replace("<\\/", "</")) == [[None, 1.0, f" {HOSTILE}"]]


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.03928 else math.pow((part + 0.055) / 1.055, 2.4) for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_can_be_read_on_its_ground(palette: Palette) -> None:
    colours = [*palette.named.values(), *palette.series, palette.text, palette.quiet]
    assert {
        colour: round(contrast(colour, palette.ground), 1)
        for colour in colours
        if contrast(colour, palette.ground) < 4.5
    } == {}
