"""A board's layout as data: rows of panels over KPIs, on a grid 24 wide. Who draws it is another matter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from city.influxql import ROUND_S, Last

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from city.domain import Criterion, Kpi, Measure, RuleBook, Tag, Text
    from city.rollup import Resolution

Thing = TypeVar("Thing")

GRID_WIDTH: Final = 24
NOW_S: Final = 300
"""What "now" looks back on: short enough to steer by, long enough not to flicker."""

SOURCES_SPAN: Final = Last(3 * ROUND_S)
"""What "now" is for a source: its last rounds, one of which may be on its way."""

RUNBOOK: Final = "runbook"
"""The name of the panel that says what to do."""

Kind = Literal[
    "value",
    "course",
    "places",
    "sources",
    "runbook",
    "heatmap",
    "distribution",
    "quantiles",
    "unusual",
    "criterion",
    "unmeasured",
    "state",
    "counts",
    "map",
    "alerts",
    "worst",
    "levels",
    "rejected",
    "heard",
]


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture.

    Attributes:
        name: unique on its board; its id and its links come from it.
        kind: `value` is one KPI now, with its standing, its change since last week and the freshness of its sources;
            `course` one KPI over time; `places` a table of KPIs, a line for each zone or area; `heatmap` one KPI by day
            and hour; `distribution` how often each range of a measure was observed; `quantiles` its median and what
            nine in ten do not exceed, over time in the whole city or, with `by`, a line for each place; `criterion` an
            indicator of a public index with its numerator and denominator; `unmeasured` those that are not measured,
            and why; `unusual` what differs most
            from last week; `state` the city in one sentence; `counts` how many places stand how; `map` where they
            lie; `alerts` what fires; `worst` the places that are not well; `levels` one KPI in an area, its zone and
            the city; `sources` a table of those not well; `rejected` what no rule may count, by reason; `heard`
            when each source was heard last; `runbook` what to do when a rule fires.
        by: tags that make a line each.
        width, height: in steps of the grid.
        of: the roll-up it reads; None is the bucket of now.
        span: its own range, as Grafana writes it (`28d`); empty is the board's.
        measure: whose distribution it is, with the name of its series in `series`.
        criteria: the indicators it is about.
    """

    name: str
    kind: Kind
    title: Text
    about: Text
    width: int
    height: int
    kpis: tuple[Kpi, ...] = ()
    by: tuple[str, ...] = ()
    of: Resolution | None = None
    span: str = ""
    series: str = ""
    measure: Measure | None = None
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a heading, from left to right, over as many lines as they need; no heading where it has no title."""

    name: str
    title: Text
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A way to another board; what is chosen here is chosen there."""

    board: str
    title: Text
    range: str = ""
    """The range it begins with (`now-30d`); empty: the same as here."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A board.

    Attributes:
        name: its uid and its file are made of it.
        books: whose KPIs, bands and runbooks it shows; the first is the board's own.
        names: what operators call a tag's values, by tag; places need none, the city's table names them.
        labels: what operators call a tag itself.
        range: what it begins with, from then until now.
        choices: which of `zone` and `area` people choose; `one_area` is a single area, whose zone follows.
        filters: tags of the domain's own that people choose values of.
        ways: other boards.
        refresh: how often it asks again; empty: when asked.
    """

    name: str
    title: Text
    about: Text
    books: tuple[RuleBook, ...]
    rows: tuple[Row, ...]
    names: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    labels: Mapping[str, Text] = field(default_factory=dict)
    range: str = "now-3h"
    choices: Literal["places", "one_area", "none"] = "places"
    filters: tuple[Tag, ...] = ()
    ways: tuple[Way, ...] = ()
    refresh: str = "10s"

    @property
    def book(self) -> RuleBook:
        """The board's own."""
        return self.books[0]

    def book_of(self, kpi: Kpi) -> RuleBook:
        """Whose KPI it is."""
        return next((book for book in self.books if kpi in book.kpis), self.book)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All of its pictures."""
        return tuple(panel for row in self.rows for panel in row.panels)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something lies on the grid; `y` grows downwards."""

    x: int
    y: int
    width: int
    height: int


def placed(layout: Layout) -> Iterator[tuple[Row | Panel, Place]]:
    """Every row's heading and every panel with its place, from the top down."""
    y = 0
    for row in layout.rows:
        if row.title.vi:
            yield row, Place(0, y, GRID_WIDTH, 1)
            y += 1
        x, line = 0, 0
        for panel in row.panels:
            if x + panel.width > GRID_WIDTH:
                x, y, line = 0, y + line, 0
            yield panel, Place(x, y, panel.width, panel.height)
            x, line = x + panel.width, max(line, panel.height)
        y += line


def spread(things: Sequence[Thing], per_line: int) -> Iterator[tuple[Thing, int]]:
    """Each thing with its width: as few lines as possible, each of them full."""
    lines = -(-len(things) // per_line)
    for number in range(lines):
        line = things[number * len(things) // lines : (number + 1) * len(things) // lines]
        width, rest = divmod(GRID_WIDTH, len(line))
        for place, thing in enumerate(line):
            yield thing, width + (place < rest)
