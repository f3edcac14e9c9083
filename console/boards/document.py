"""A dashboard as Grafana stores it: the part of the format that our boards use, and nothing else.

A panel that holds anything else is refused by these types when it is read, and says so in its place.
https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from console.boards.fields import Config, Link, Part
from console.boards.options import Options  # noqa: TC001 - msgspec reads annotations


class GridPos(Part, frozen=True):
    """Where a panel stands on the grid of 24 columns, from its upper left corner."""

    x: int
    y: int
    w: int
    h: int


class Source(Part, frozen=True):
    """A data source by uid."""

    uid: str


class Question(Part, frozen=True):
    """A question in InfluxQL."""

    ref_id: str
    datasource: Source
    query: str
    result_format: Literal["time_series", "table"]
    raw_query: Literal[True]
    alias: str = ""
    hide: bool = False


class DropNonNumbers(Part, frozen=True):
    """How `reduce` treats what is no number: it is left out."""

    mode: Literal["dropNN"]


class Reduce(Part, frozen=True, tag_field="type", tag="reduce"):
    """Each series of another target → its last value."""

    ref_id: str
    expression: str
    reducer: Literal["last"]
    settings: DropNonNumbers
    hide: bool = False


class Math(Part, frozen=True, tag_field="type", tag="math"):
    """Arithmetic over the results of others."""

    ref_id: str
    expression: str
    hide: bool = False


Expression = Reduce | Math
Target = Question | Expression


class Matcher(Part, frozen=True):
    """Which fields an override is for: by their name or shown name, or by the target they come from."""

    id: Literal["byName", "byFrameRefID"]
    options: str


class Override(Part, frozen=True):
    """What some fields show differently."""

    matcher: Matcher
    config: Config


class Columns(Part, frozen=True):
    """Columns by name: left out, in which order, renamed."""

    exclude_by_name: dict[str, bool]
    index_by_name: dict[str, int]
    rename_by_name: dict[str, str]


class Names(Part, frozen=True):
    """Fields by name."""

    names: tuple[str, ...]


class Exclude(Part, frozen=True, forbid_unknown_fields=True):
    """The fields that go."""

    exclude: Names


class FilterFields(Part, frozen=True, tag_field="id", tag="filterFieldsByName"):
    """Fields go by name."""

    options: Exclude


class Merge(Part, frozen=True, tag_field="id", tag="merge"):
    """Tables become one, and lines that agree become one."""


class Organize(Part, frozen=True, tag_field="id", tag="organize"):
    """Columns are ordered."""

    options: Columns


Transformation = FilterFields | Merge | Organize


class Panel(Struct, frozen=True):
    """One picture.

    Attributes:
        options: its kind, and what only that kind knows.
        defaults: how its fields are shown, unless `overrides` say otherwise; the later one wins.
        interval: the least length of a time group (`10s`); empty: the data source's.
        time_from: a range of its own (`28d`) where the board's is relative.
        time_shift: how far its range lies before the board's (`7d`).
    """

    id: int
    title: str
    grid: GridPos
    options: Options
    description: str = ""
    targets: tuple[Target, ...] = ()
    defaults: Config = Config()
    overrides: tuple[Override, ...] = ()
    transformations: tuple[Transformation, ...] = ()
    links: tuple[Link, ...] = ()
    interval: str = ""
    time_from: str = ""
    time_shift: str = ""


class Strange(Struct, frozen=True):
    """A panel that holds what the console does not know; `why` stands in its place."""

    id: int
    title: str
    grid: GridPos
    why: str


class Row(Struct, frozen=True):
    """A heading with the panels below it; without a title where a board begins with none."""

    id: int
    title: str
    collapsed: bool
    panels: tuple[Panel | Strange, ...]


class Current(Part, frozen=True):
    """What is chosen at first."""

    value: tuple[str, ...] | str


class Variable(Part, frozen=True, tag_field="type"):
    """What people choose."""

    name: str
    label: str = ""
    multi: bool = False
    include_all: bool = False
    all_value: str = ""
    current: Current | None = None
    hide: Literal[0, 1, 2] = 0

    @property
    def shown(self) -> bool:
        """Whether people see it."""
        return self.hide != 2

    @property
    def title(self) -> str:
        """What it is called."""
        return self.label or self.name


class QueryVariable(Variable, frozen=True, tag="query", kw_only=True):
    """Its values come from the store; `sort` 1 is by the alphabet."""

    query: str
    datasource: Source
    sort: Literal[0, 1] = 0


class CustomVariable(Variable, frozen=True, tag="custom", kw_only=True):
    """Its values stand in it: `text : value, text : value`."""

    query: str


class Span(Struct, frozen=True, rename={"from_": "from"}):
    """From when until when, as Grafana writes it: `now-3h`, `now`, milliseconds since 1970."""

    from_: str
    to: str


class Board(Struct, frozen=True):
    """A dashboard.

    Attributes:
        now_delay: how late `now` is, so that windows still filling are not shown (`30s`).
        refresh: how often it asks again (`10s`); empty: when asked.
    """

    uid: str
    title: str
    description: str
    tags: tuple[str, ...]
    rows: tuple[Row, ...]
    variables: tuple[QueryVariable | CustomVariable, ...]
    links: tuple[Link, ...]
    time: Span
    timezone: str
    now_delay: str
    refresh: str
    refreshes: tuple[str, ...]

    @property
    def panels(self) -> tuple[Panel | Strange, ...]:
        """All pictures, from the top down."""
        return tuple(panel for row in self.rows for panel in row.panels)

    def panel(self, number: int) -> Panel | Strange | None:
        """The picture of that id."""
        return next((panel for panel in self.panels if panel.id == number), None)
