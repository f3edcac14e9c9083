"""How a field is shown, as Grafana stores it: unit, thresholds, mappings, colours, links. Field names are Grafana's.

Names that are not known are refused where they would change what is shown.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Part(Struct, frozen=True, rename="camel"):
    """A part of a dashboard's document; what Grafana's format has beside is left out."""


class Step(Part, frozen=True):
    """A threshold: from this value on, None is minus infinity."""

    color: str
    value: float | None = None


class Thresholds(Part, frozen=True):
    """In the field's unit, or in percent of its range."""

    mode: Literal["absolute", "percentage"]
    steps: tuple[Step, ...]


class Result(Part, frozen=True):
    """What a mapped value shows."""

    text: str | None = None
    color: str | None = None


class ValueMap(Part, frozen=True, tag_field="type", tag="value"):
    """Values as text → what they show."""

    options: dict[str, Result]


class Range(Struct, frozen=True, rename={"from_": "from"}):
    """Both ends belong to it; None is infinity."""

    result: Result
    from_: float | None = None
    to: float | None = None


class RangeMap(Part, frozen=True, tag_field="type", tag="range"):
    """A range of numbers → what it shows."""

    options: Range


Mapping = ValueMap | RangeMap


class Color(Part, frozen=True):
    """How a field is coloured: by its thresholds, by its place among others, or always the same."""

    mode: Literal["fixed", "thresholds", "palette-classic"]
    fixed_color: str = ""


class Link(Part, frozen=True):
    """A way elsewhere; `${…}` in its address is filled in."""

    title: str
    url: str
    include_vars: bool = False
    keep_time: bool = False
    target_blank: bool = False
    tooltip: str = ""


class Stacking(Part, frozen=True):
    """Series on top of each other."""

    mode: Literal["none", "normal"]
    group: str = ""


class ThresholdsStyle(Part, frozen=True):
    """How thresholds are drawn into a picture over time."""

    mode: Literal["off", "dashed", "line"]


class LineStyle(Part, frozen=True):
    """A line, solid or dashed in pixels."""

    fill: Literal["solid", "dash"]
    dash: tuple[int, ...] = ()


class CellOptions(Part, frozen=True):
    """How a table's cell shows its value."""

    type: Literal["auto", "color-text"]


class Custom(Part, frozen=True, forbid_unknown_fields=True):
    """What only some kinds of panel know of a field; None: not said."""

    axis_soft_min: float | None = None
    fill_opacity: int | None = None
    line_width: int | None = None
    line_style: LineStyle | None = None
    show_points: Literal["never", "auto", "always"] | None = None
    span_nulls: bool | None = None
    stacking: Stacking | None = None
    thresholds_style: ThresholdsStyle | None = None
    cell_options: CellOptions | None = None
    filterable: bool | None = None
    align: Literal["auto"] | None = None
    inspect: bool | None = None


class Config(Part, frozen=True, forbid_unknown_fields=True):
    """How a field is shown; None: not said."""

    unit: str | None = None
    decimals: int | None = None
    min: float | None = None
    max: float | None = None
    no_value: str | None = None
    display_name: str | None = None
    color: Color | None = None
    thresholds: Thresholds | None = None
    mappings: tuple[Mapping, ...] | None = None
    links: tuple[Link, ...] | None = None
    custom: Custom = Custom()
