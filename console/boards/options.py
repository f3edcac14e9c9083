"""What each kind of panel is told beside its fields, as Grafana stores it."""

from __future__ import annotations

from typing import Literal

from console.boards.fields import Part

Reducer = Literal["lastNotNull"]
"""A series → one value."""


class ReduceOptions(Part, frozen=True):
    """How a series becomes a figure."""

    calcs: tuple[Reducer]


class Stat(Part, frozen=True, tag_field="type", tag="stat"):
    """Large figures."""

    reduce_options: ReduceOptions
    orientation: Literal["horizontal", "vertical"]
    text_mode: Literal["value_and_name", "value"]
    color_mode: Literal["value"]
    graph_mode: Literal["none"]


class BarGauge(Part, frozen=True, tag_field="type", tag="bargauge"):
    """A bar for each field."""

    reduce_options: ReduceOptions
    orientation: Literal["horizontal"]
    display_mode: Literal["basic"]


class Legend(Part, frozen=True):
    """Which line is which."""

    show_legend: bool
    placement: Literal["bottom"]
    display_mode: Literal["list"]
    calcs: tuple[()] = ()


class Tooltip(Part, frozen=True):
    """What is told of a moment."""

    mode: Literal["multi"]


class Timeseries(Part, frozen=True, tag_field="type", tag="timeseries"):
    """Lines over time."""

    legend: Legend
    tooltip: Tooltip


class Sort(Part, frozen=True):
    """A column, by the name that is shown."""

    display_name: str
    desc: bool = False


class Table(Part, frozen=True, tag_field="type", tag="table"):
    """Rows and columns."""

    sort_by: tuple[Sort, ...] = ()
    show_header: Literal[True] = True


class Scheme(Part, frozen=True):
    """A course of colours."""

    scheme: Literal["Cividis"]
    reverse: Literal[False] = False


class Cells(Part, frozen=True):
    """How a cell's value is written."""

    unit: str
    decimals: int


class Below(Part, frozen=True):
    """Values up to this one are left out."""

    le: float


class Heatmap(Part, frozen=True, tag_field="type", tag="heatmap"):
    """A series for each line, a colour for each value."""

    calculate: Literal[False]
    cell_values: Cells
    color: Scheme
    filter_values: Below


class Layer(Part, frozen=True):
    """Points of one question on a map."""

    type: Literal["markers"]
    name: str


class Geomap(Part, frozen=True, tag_field="type", tag="geomap"):
    """A point for each place."""

    layers: tuple[Layer, ...]


class Text(Part, frozen=True, tag_field="type", tag="text"):
    """Words."""

    mode: Literal["markdown"]
    content: str


class AlertList(Part, frozen=True, tag_field="type", tag="alertlist"):
    """What fires."""

    max_items: int


Options = Stat | BarGauge | Timeseries | Table | Heatmap | Geomap | Text | AlertList
