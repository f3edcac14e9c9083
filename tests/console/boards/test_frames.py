"""Answers become frames as Grafana makes them, and tables are joined as Grafana joins them."""

from typing import Any

import pytest

from console.boards.document import Columns, Exclude, FilterFields, Merge, Names, Organize, Transformation
from console.boards.frames import Field, Frame, aliased, table, time_series
from console.boards.transformations import transformed

FLOW: dict[str, Any] = {
    "name": "flow",
    "tags": {"kind": "bus"},
    "columns": ["time", "mean", "count"],
    "values": [[1_000, 2.5, 3], [2_000, None, 0]],
}

ALIASES = {
    "$m": "flow.a",
    "$measurement": "flow.a",
    "$col": "mean",
    "$tag_kind": "bus",
    "[[tag_kind]] / $col": "bus / mean",
    "$0-$1": "flow-a",
    "$tag_other": "$tag_other",
    "Tuần trước": "Tuần trước",
    "": "flow.a.mean { kind: bus }",
}


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_a_series_is_called_as_its_alias_says(alias: str, name: str) -> None:
    assert aliased(alias, "flow.a", "mean", {"kind": "bus"}) == name


def test_a_series_is_a_frame_for_each_of_its_columns_and_nulls_stay() -> None:
    mean, count = time_series("A", [FLOW], "$col")
    assert [field.name for field in mean.fields] == ["Time", "Value"]
    assert mean.fields[1] == Field("Value", "number", [2.5, None], {"kind": "bus"}, "mean")
    assert (mean.name, count.name, count.fields[1].values) == ("mean", "count", [3, 0])


def test_a_table_is_one_frame_with_tags_as_columns() -> None:
    other = FLOW | {"tags": {"kind": "car"}, "values": [[3_000, 4.0, 1]]}
    (frame,) = table("A", [FLOW, other])
    assert {field.name: list(field.values) for field in frame.fields} == {
        "Time": [1_000, 2_000, 3_000],
        "kind": ["bus", "bus", "car"],
        "mean": [2.5, None, 4.0],
        "count": [3, 0, 1],
    }
    assert [field.kind for field in frame.fields] == ["time", "string", "number", "number"]


def test_no_series_is_no_frame() -> None:
    assert table("A", []) == ()
    assert time_series("A", [], "x") == ()


def frame(ref: str, **columns: list[Any]) -> Frame:
    fields = (
        Field(name, "string" if isinstance(values[0], str) else "number", values) for name, values in columns.items()
    )
    return Frame(ref, tuple(fields))


def columns(frames: tuple[Frame, ...]) -> list[dict[str, list[Any]]]:
    return [{field.name: list(field.values) for field in one.fields} for one in frames]


SPEED = frame("A", zone=["x", "y"], speed=[1, 2])
FLOWS = frame("B", zone=["y", "z"], flow=[5, 6])

MERGED = {
    "rows whose common columns agree are one; what one lacks is null": (
        (SPEED, FLOWS),
        [{"zone": ["x", "y", "z"], "speed": [1, 2, None], "flow": [None, 5, 6]}],
    ),
    "one table stays": ((SPEED,), [{"zone": ["x", "y"], "speed": [1, 2]}]),
    "tables without a common column stay": (
        (frame("A", a=[1]), frame("B", b=[2])),
        [{"a": [1]}, {"b": [2]}],
    ),
    "only what all tables have is common": (
        (frame("A", a=["x"], b=["p"]), frame("B", a=["x"], b=["q"]), frame("C", a=["x"])),
        [{"a": ["x", "x"], "b": ["p", "q"]}],
    ),
    "rows that contradict stay apart": (
        (frame("A", a=["x"], n=[1], m=[1]), frame("B", a=["x"], n=[2])),
        [{"a": ["x", "x"], "n": [1, 2], "m": [1, None]}],
    ),
}


@pytest.mark.parametrize(("frames", "result"), MERGED.values(), ids=MERGED)
def test_merge_makes_one_table_as_grafana_does(frames: tuple[Frame, ...], result: list[dict[str, list[Any]]]) -> None:
    assert columns(transformed(frames, [Merge()])) == result


def organize(exclude: dict[str, bool], order: dict[str, int], rename: dict[str, str]) -> Organize:
    return Organize(options=Columns(exclude_by_name=exclude, index_by_name=order, rename_by_name=rename))


STEPS: dict[str, tuple[Transformation, list[str]]] = {
    "fields go by name": (FilterFields(options=Exclude(exclude=Names(names=("b", "other")))), ["a", "c"]),
    "columns of an order first, the others as they were": (organize({}, {"c": 0, "a": 1}, {}), ["c", "a", "b"]),
    "columns are left out": (organize({"a": True, "b": False}, {}, {}), ["b", "c"]),
    "columns are renamed": (organize({}, {}, {"a": "x", "b": ""}), ["x", "b", "c"]),
}


@pytest.mark.parametrize(("step", "names"), STEPS.values(), ids=STEPS)
def test_columns_are_organized(step: Transformation, names: list[str]) -> None:
    (result,) = transformed((frame("A", a=[1], b=[2], c=[3]),), [step])
    assert [field.name for field in result.fields] == names
