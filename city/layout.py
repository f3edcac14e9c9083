"""A board's layout as data: rows of panels over KPIs, on a grid 24 wide. Who draws it is another matter."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from city.domain import Text
from city.influxql import ROUND_S, Last

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from city.domain import Domain, Kpi

GRID_WIDTH: Final = 24
NOW_S: Final = 300
"""What "now" looks back on: short enough to steer by, long enough not to flicker."""

SOURCES_SPAN: Final = Last(3 * ROUND_S)
"""What "now" is for a source: its last rounds, one of which may be on its way."""

RUNBOOK: Final = "runbook"
"""The name of the panel that says what to do."""

Kind = Literal["value", "course", "places", "sources", "runbook"]


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture.

    Attributes:
        name: unique on its board; its id and its links come from it.
        kind: `value` is one KPI now, with its standing and the freshness of its sources; `course` one KPI over
            time; `places` a table of KPIs now, a line for each area; `sources` a table of those not well;
            `runbook` what to do when a rule of the domain fires.
        by: tags that make a line each.
        width, height: in steps of the grid.
    """

    name: str
    kind: Kind
    title: Text
    about: Text
    width: int
    height: int
    kpis: tuple[Kpi, ...] = ()
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a heading, from left to right, over as many lines as they need."""

    name: str
    title: Text
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A board.

    Attributes:
        name: its uid and its file are made of it.
        names: what operators call a tag's values, by tag; places need none, the city's table names them.
    """

    name: str
    title: Text
    about: Text
    domain: Domain
    rows: tuple[Row, ...]
    names: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something lies on the grid; `y` grows downwards."""

    x: int
    y: int
    width: int
    height: int


def layout_of(domain: Domain) -> Layout:
    """The domain's board: what its `board.py` makes of the default, where it has one."""
    module = f"city.domains.{domain.name}.board"
    layout = default_layout(domain)
    if importlib.util.find_spec(module) is None:
        return layout
    refined: Layout = importlib.import_module(module).board(layout)
    return refined


def default_layout(domain: Domain) -> Layout:
    """The board that follows from a pack: values now, courses, courses by each tag, places, sources."""
    local = {series.name for series in domain.series} - citywide(domain)
    rows = (
        Row(
            "now",
            Text("Bây giờ: 5 phút gần nhất", "Now: the last 5 minutes"),
            tuple(_value(kpi, width) for kpi, width in _spread(domain.kpis, per_line=6)),
        ),
        Row(
            "course",
            Text("Diễn biến", "Over time"),
            tuple(_course(kpi, width) for kpi, width in _spread(domain.kpis, per_line=3)),
        ),
        *_by_tags(domain),
        Row("places", Text("Theo khu vực", "By place"), (_places([k for k in domain.kpis if k.measurement in local]),)),
        Row("sources", Text("Nguồn dữ liệu", "Sources"), (_sources(),)),
        Row("runbook", Text("Khi có cảnh báo", "When an alert fires"), (_runbook(),) if domain.rules else ()),
    )
    about = Text(
        f"{domain.title.vi}: hiện tại, diễn biến, theo khu vực và nguồn dữ liệu.",
        f"{domain.title.en}: now, over time, by place, and where the data comes from.",
    )
    return Layout(domain.name, domain.title, about, domain, tuple(row for row in rows if row.panels))


def citywide(domain: Domain) -> frozenset[str]:
    """The measurements of the domain that concern the whole city, not one of its places."""
    return frozenset(series.name for series in domain.series if series.citywide)


def placed(layout: Layout) -> Iterator[tuple[Row | Panel, Place]]:
    """Every row's heading and every panel with its place, from the top down."""
    y = 0
    for row in layout.rows:
        yield row, Place(0, y, GRID_WIDTH, 1)
        x, y, line = 0, y + 1, 0
        for panel in row.panels:
            if x + panel.width > GRID_WIDTH:
                x, y, line = 0, y + line, 0
            yield panel, Place(x, y, panel.width, panel.height)
            x, line = x + panel.width, max(line, panel.height)
        y += line


def _spread(kpis: Sequence[Kpi], per_line: int) -> Iterator[tuple[Kpi, int]]:
    """Each KPI with its width: as few lines as possible, each of them full."""
    lines = -(-len(kpis) // per_line)
    for number in range(lines):
        line = kpis[number * len(kpis) // lines : (number + 1) * len(kpis) // lines]
        width, rest = divmod(GRID_WIDTH, len(line))
        for place, kpi in enumerate(line):
            yield kpi, width + (place < rest)


def _value(kpi: Kpi, width: int) -> Panel:
    return Panel(f"now_{kpi.name}", "value", kpi.title, kpi.about, width, 6, (kpi,))


def _course(kpi: Kpi, width: int, *by: str) -> Panel:
    return Panel("_".join(("course", kpi.name, *by)), "course", kpi.title, kpi.about, width, 8, (kpi,), by)


def _by_tags(domain: Domain) -> Iterator[Row]:
    """A row for each tag, with the KPIs of every series that has it."""
    having: dict[str, set[str]] = {}
    for series in domain.series:
        for tag in series.tags:
            if tag.values:
                having.setdefault(tag.name, set()).add(series.name)
    for name, measurements in having.items():
        kpis = [kpi for kpi in domain.kpis if kpi.measurement in measurements]
        plain = name.replace("_", " ")
        panels = tuple(_course(kpi, width, name) for kpi, width in _spread(kpis, per_line=2))
        yield Row(f"by_{name}", Text(f"Theo {plain}", f"By {plain}"), panels)


def _places(kpis: Sequence[Kpi]) -> Panel:
    about = Text(
        "Mỗi dòng một phường, xã, 5 phút gần nhất; nơi không có số liệu vẫn có dòng của mình. Bấm vào tên để chỉ xem "
        "nơi đó.",
        "A line for each ward or commune, the last 5 minutes; a place without figures keeps its line. Follow a name to "
        "see that place alone.",
    )
    title = Text("Phường, xã", "Wards and communes")
    return Panel("places", "places", title, about, GRID_WIDTH, 12, tuple(kpis), ("zone", "area"))


def _sources() -> Panel:
    about = Text(
        "Các nguồn đã biết nhưng gửi chậm, lặp lại một giá trị hoặc im lặng. Bảng trống: mọi nguồn đều ổn, "
        "miễn là ô trên cùng còn báo nguồn đang gửi.",
        "Known sources that are slow, repeat one value or are silent. Empty: all are well, as long as the panels at "
        "the top say that sources speak.",
    )
    return Panel("sources", "sources", Text("Nguồn chậm hoặc im lặng", "Slow or silent sources"), about, GRID_WIDTH, 10)


def _runbook() -> Panel:
    about = Text(
        "Việc cần làm khi một cảnh báo của lĩnh vực này bật.", "What to do when an alert of this domain fires."
    )
    return Panel(RUNBOOK, "runbook", Text("Cách xử lý", "What to do"), about, GRID_WIDTH, 10)
