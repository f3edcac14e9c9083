"""What is shown for a value: mappings, thresholds, units, names, and what stands where there is nothing."""

import math
from typing import Any

import msgspec
import pytest

from console.boards.display import configured, shown, threshold_colour, title
from console.boards.document import GridPos, Matcher, Override, Panel
from console.boards.fields import Config, Step, Thresholds
from console.boards.frames import Field, Frame, Value, number, time_series
from console.boards.options import Text
from console.boards.reducers import last_not_null
from console.boards.units import Writing, fixed

EN, VI = (Writing(language, "Asia/Ho_Chi_Minh") for language in ("en", "vi"))
BANDS = Thresholds(mode="absolute", steps=(Step("red"), Step("orange", 12.0), Step("green", 19.95)))


def config(**said: Any) -> Config:
    return msgspec.convert(said, Config)


RANGES = [
    {"type": "range", "options": {"from": 60, "to": None, "result": {"text": "✖", "color": "red"}}},
    {"type": "range", "options": {"from": 20, "to": 60, "result": {"text": "▲", "color": "orange"}}},
    {"type": "value", "options": {"3": {"text": "ba"}, "00004": {"text": "Ba Đình"}}},
]
MAPPED = config(mappings=RANGES, noValue="Không có dữ liệu", decimals=1)

VALUES: dict[str, tuple[Config, Value, tuple[str, str]]] = {
    "both ends belong to a range, the first that holds counts": (MAPPED, 60, ("✖", "red")),
    "a range": (MAPPED, 20.0, ("▲", "orange")),
    "a value by its text": (MAPPED, "00004", ("Ba Đình", "green")),
    "a number as a key is written without .0": (MAPPED, 3.0, ("ba", "green")),
    "text in a range of numbers": (MAPPED, "30", ("▲", "orange")),
    "what nothing maps": (MAPPED, 7.25, ("7.3", "green")),
    "nothing is not mapped": (MAPPED, None, ("Không có dữ liệu", "green")),
    "no number is nothing": (MAPPED, math.nan, ("Không có dữ liệu", "green")),
    "nothing without words for it": (config(), None, ("", "green")),
    "words": (config(), "traffic", ("traffic", "green")),
    "a fixed colour": (config(color={"mode": "fixed", "fixedColor": "blue"}), 1, ("1", "blue")),
    "a mapping's colour is above all": (
        config(mappings=RANGES, color={"mode": "fixed", "fixedColor": "blue"}),
        99,
        ("✖", "red"),
    ),
    "nothing has the lowest step's colour": (config(thresholds=msgspec.to_builtins(BANDS)), None, ("", "red")),
}


@pytest.mark.parametrize(("told", "value", "result"), VALUES.values(), ids=VALUES)
def test_a_value_is_shown_as_its_field_says(told: Config, value: Value, result: tuple[str, str]) -> None:
    one = shown(value, told, EN)
    assert (one.text, one.colour) == result
    assert one.raw is value


@pytest.mark.parametrize(
    ("value", "colour"), [(-1, "red"), (11.99, "red"), (12, "orange"), (19.95, "green"), (99, "green")]
)
def test_a_step_begins_with_its_own_value(value: float, colour: str) -> None:
    assert threshold_colour(value, BANDS) == colour


@pytest.mark.parametrize(("value", "colour"), [(10, "green"), (29, "green"), (30, "red"), (50, "red")])
def test_steps_in_percent_are_of_the_field_s_range(value: float, colour: str) -> None:
    steps = Thresholds(mode="percentage", steps=(Step("green"), Step("red", 50)))
    assert threshold_colour(value, steps, (10, 50)) == colour


WRITTEN = {
    "percent": (12.34, "percent", 1, "12.3%", "12,3%"),
    "a share": (0.4417, "percentunit", 0, "44%", "44%"),
    "a speed": (22.926, "velocitykmh", 1, "22.9 km/h", "22,9 km/h"),
    "a word": (1_234.0, "suffix:xe/phút", 0, "1,234 xe/phút", "1.234 xe/phút"),
    "halves go up": (0.5, "none", 0, "1", "1"),
    "never less than nothing": (-0.04, "none", 1, "0.0", "0,0"),
    "seconds": (42, "s", 0, "42 s", "42 giây"),
    "minutes": (90, "s", 1, "1.5 min", "1,5 phút"),
    "hours": (7_200, "s", 0, "2 hour", "2 giờ"),
    "days": (172_800, "s", 0, "2 day", "2 ngày"),
    "no time at all": (0, "s", 0, "0 s", "0 giây"),
    "thousands": (12_345, "short", 1, "12.3 K", "12,3 nghìn"),
    "small": (7, "short", 0, "7", "7"),
    "a moment": (1_795_347_600_000, "dateTimeAsIso", 0, "2026-11-22 18:40:00", "2026-11-22 18:40:00"),
    "three digits without decimals": (0.01234, "none", None, "0.0123", "0,0123"),
    "whole numbers need none": (5.0, "none", None, "5", "5"),
}


@pytest.mark.parametrize(("value", "unit", "decimals", "english", "vietnamese"), WRITTEN.values(), ids=WRITTEN)
def test_a_number_is_written_with_its_unit(
    value: float, unit: str, decimals: int | None, english: str, vietnamese: str
) -> None:
    assert EN.with_unit(value, unit, decimals) == english
    assert VI.with_unit(value, unit, decimals) == vietnamese


def test_a_number_keeps_its_decimals() -> None:
    assert [fixed(value, 2) for value in (1, 1.005, -1.5, 1e9)] == ["1.00", "1.00", "-1.50", "1,000,000,000.00"]


@pytest.mark.parametrize(
    ("values", "last"),
    [([1, 2, None], 2), ([1, math.nan], 1), ([None], None), ([], None), ([0], 0), (["a", None], "a")],
)
def test_the_last_value_is_neither_null_nor_nan(values: list[Value], last: Value) -> None:
    assert last_not_null(values) == last


def panel(*overrides: tuple[str, str, dict[str, Any]], **defaults: Any) -> Panel:
    made = tuple(Override(Matcher(id=kind, options=name), config(**said)) for kind, name, said in overrides)  # type: ignore[arg-type]  # a literal
    place = GridPos(0, 0, 1, 1)
    return Panel(1, "x", place, Text(mode="markdown", content=""), defaults=config(**defaults), overrides=made)


def series(alias: str, ref: str = "A") -> Frame:
    (frame,) = time_series(
        ref, [{"name": "m", "columns": ["time", "v"], "values": [[0, 1]], "tags": {"t": "x"}}], alias
    )
    return frame


def test_later_overrides_win_and_what_they_leave_open_stays() -> None:
    told = panel(
        ("byName", "Now", {"unit": "s", "custom": {"lineWidth": 1}}),
        ("byFrameRefID", "A", {"unit": "percent"}),
        ("byName", "other", {"unit": "short"}),
        decimals=2,
        unit="none",
        custom={"lineWidth": 2, "fillOpacity": 40},
    )
    (frame,) = configured((series("Now"),), told)
    made = frame.fields[1].config
    assert (made.unit, made.decimals, made.custom.line_width, made.custom.fill_opacity) == ("percent", 2, 1, 40)


def test_a_name_matches_the_field_s_own_and_the_shown_one() -> None:
    told = panel(("byName", "Value", {"decimals": 1}), ("byName", "bus", {"unit": "s"}))
    (frame,) = configured((series("bus"),), told)
    assert (frame.fields[1].config.decimals, frame.fields[1].config.unit) == (1, "s")


TITLES = {
    "the panel's own": (Field("Value", "number", [1], {"t": "x"}, "alias", config(displayName="Mine")), "Mine"),
    "with a label in it": (
        Field("Value", "number", [1], {"t": "x"}, config=config(displayName="of ${__field.labels.t}")),
        "of x",
    ),
    "the data source's": (Field("Value", "number", [1], {"t": "x"}, "alias"), "alias"),
    "a column's": (Field("area", "string", ["x"]), "area"),
    "the only label's value": (Field("Value", "number", [1], {"t": "x"}), "x"),
    "all labels": (Field("Value", "number", [1], {"t": "x", "u": "y"}), '{t="x", u="y"}'),
    "a computed number's": (number("D", {}, 1).fields[0], "D"),
    "time": (Field("Time", "time", [1]), "Time"),
}


@pytest.mark.parametrize(("field", "name"), TITLES.values(), ids=TITLES)
def test_a_field_is_called(field: Field, name: str) -> None:
    assert title(field, Frame("A", (field,))) == name
