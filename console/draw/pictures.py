"""What a panel looks like, free of any page: charts as ECharts options, everything else as rows of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.boards.frames import Value
    from console.boards.interpolate import Chosen
    from console.boards.span import Moment
    from console.boards.units import Writing


@dataclass(frozen=True, slots=True)
class Look:
    """How things are drawn for whoever looks.

    Attributes:
        dark: on a dark ground.
        moment: the range that is shown.
        chosen: what links keep.
        time_range: `from=…&to=…` as links keep it.
    """

    writing: Writing
    dark: bool
    moment: Moment
    chosen: Mapping[str, Chosen]
    time_range: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """An ECharts option; keys that begin with a colon hold JavaScript."""

    option: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One large figure. `colour` is a name of Grafana's; empty: that of text."""

    label: str
    text: str
    colour: str
    raw: Value


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures beside each other (`wide`) or below each other; the first counts most. Labels only where asked for."""

    figures: tuple[Figure, ...]
    wide: bool
    labelled: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `number`: its values are numbers, to the right."""

    title: str
    number: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A link of a cell."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it is shown; it sorts by `raw`, or by its text where that is a name for a code (`named`)."""

    text: str
    raw: Value
    colour: str = ""
    ways: tuple[Way, ...] = ()
    named: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and columns; `sort` is the column it begins sorted by, and whether the greatest comes first."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sort: tuple[int, bool] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """How one area stands: its state as a number, in words, and the words' colour."""

    value: Value
    text: str
    colour: str


@dataclass(frozen=True, slots=True)
class Places:
    """Areas by code."""

    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Words:
    """Markdown."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Alerts:
    """What fires: the page knows."""

    most: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to show, which may be good news: `text` says so."""

    text: str


Picture = Chart | Figures | Table | Places | Words | Alerts | Nothing
