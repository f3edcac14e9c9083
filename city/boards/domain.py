"""A domain's board: its KPIs now, against last week, by place, by its own tags, by hour, and where they come from."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from city.boards.distributions import measured, spreads
from city.boards.parts import course, local_kpis, main_kpis, own_filters, own_kpis, sources_row, tag_rows, ways
from city.boards.scorecard import scorecard
from city.domain import Text
from city.layout import GRID_WIDTH, RUNBOOK, Layout, Panel, Row, spread

if TYPE_CHECKING:
    from city.domain import Domain, Kpi

HEATMAP_SPAN: Final = "28d"
"""Four weeks: each weekday four times."""


def layout_of(domain: Domain) -> Layout:
    """The domain's board: what its `board.py` makes of the default, where it has one."""
    module = f"city.domains.{domain.name}.board"
    layout = default_layout(domain)
    if importlib.util.find_spec(module) is not None:
        layout = importlib.import_module(module).board(layout)
    headings = {row.name.removeprefix("by_"): row.title for row in layout.rows if row.name.startswith("by_")}
    labels = {tag: _label(title) for tag, title in headings.items()}
    # A tag that the pack shows nothing by is none that people choose by.
    filters = tuple(tag for tag in layout.filters if tag.name in headings)
    return replace(layout, labels=labels | dict(layout.labels), filters=filters)


def _label(heading: Text) -> Text:
    """What a tag is called, out of its row's heading: `Theo kênh nộp` → `Kênh nộp`."""
    vi, en = heading.vi.removeprefix("Theo "), heading.en.removeprefix("By ")
    return Text(vi[:1].upper() + vi[1:], en[:1].upper() + en[1:])


def default_layout(domain: Domain) -> Layout:
    """The board that follows from a pack."""
    places = _places(local_kpis(domain))
    rows = (
        Row(
            "now",
            Text("Bây giờ: 5 phút gần nhất", "Now: the last 5 minutes"),
            tuple(_value(kpi, width) for kpi, width in spread(domain.kpis, per_line=4)),
        ),
        Row(
            "unusual",
            Text("Điều khác thường lúc này", "Unusual right now"),
            (_unusual(),) if own_kpis(domain) else (),
        ),
        Row(
            "course",
            Text("Diễn biến, so với tuần trước", "Over time, against last week"),
            tuple(course(kpi, width) for kpi, width in spread(domain.kpis, per_line=3)),
        ),
        Row("places", Text("Theo khu vực", "By place"), places),
        *tag_rows(domain),
        Row(
            "hours",
            Text("Theo ngày và giờ", "By day and hour"),
            tuple(heatmap(kpi, width, HEATMAP_SPAN) for kpi, width in spread(main_kpis(domain), per_line=3)),
        ),
        Row(
            "distribution",
            Text("Phân bố", "Distribution"),
            tuple(panel for series, measure in measured(domain) for panel in spreads(series, measure)),
        ),
        scorecard(domain),
        sources_row(),
        Row("runbook", Text("Khi có cảnh báo", "When an alert fires"), (_runbook(),) if domain.rules else ()),
    )
    about = Text(
        f"{domain.title.vi}: hiện tại, so với tuần trước, theo khu vực và nguồn dữ liệu.",
        f"{domain.title.en}: now, against last week, by place, and where the data comes from.",
    )
    return Layout(
        domain.name,
        domain.title,
        about,
        (domain,),
        tuple(row for row in rows if row.panels),
        filters=own_filters(domain),
        ways=ways(domain),
    )


def heatmap(kpi: Kpi, width: int, span: str = "") -> Panel:
    """A KPI by day and hour; without a span, in the board's range."""
    about = Text(
        f"{kpi.about.vi} Mỗi cột một ngày, mỗi hàng một giờ trong ngày; không lọc theo thẻ riêng của lĩnh vực.",
        f"{kpi.about.en} A column for each day, a row for each hour of it; the domain's own filters do not apply.",
    )
    title = Text(f"{kpi.title.vi} theo ngày và giờ", f"{kpi.title.en} by day and hour")
    return Panel(f"hours_{kpi.name}", "heatmap", title, about, width, 9, (kpi,), span=span)


def _value(kpi: Kpi, width: int) -> Panel:
    return Panel(f"now_{kpi.name}", "value", kpi.title, kpi.about, width, 5, (kpi,))


def _unusual() -> Panel:
    about = Text(
        "Những nơi lệch nhiều nhất so với cùng giờ tuần trước (từ 25 %). Bảng trống: không nơi nào lệch nhiều.",
        "The places that differ most from the same hour last week (25 % and more). Empty: none differs much.",
    )
    title = Text("Lệch nhiều so với tuần trước", "Far from last week")
    return Panel("unusual", "unusual", title, about, GRID_WIDTH, 8)


def _places(kpis: tuple[Kpi, ...]) -> tuple[Panel, ...]:
    zones = Text(
        "Mỗi dòng một khu vực, 5 phút gần nhất. Bấm vào tên để chỉ xem nơi đó.",
        "A line for each zone, the last 5 minutes. Follow a name to see that place alone.",
    )
    areas = Text(
        "Mỗi dòng một phường, xã, 5 phút gần nhất; nơi không có số liệu vẫn có dòng của mình. Bấm vào tên để xem riêng "
        "nơi đó.",
        "A line for each ward or commune, the last 5 minutes; a place without figures keeps its line. Follow a name to "
        "see that place.",
    )
    if not kpis:
        return ()
    return (
        Panel("zones", "places", Text("Khu vực", "Zones"), zones, GRID_WIDTH, 9, kpis, ("zone",)),
        Panel(
            "places", "places", Text("Phường, xã", "Wards and communes"), areas, GRID_WIDTH, 12, kpis, ("zone", "area")
        ),
    )


def _runbook() -> Panel:
    about = Text(
        "Việc cần làm khi một cảnh báo của lĩnh vực này bật.", "What to do when an alert of this domain fires."
    )
    return Panel(RUNBOOK, "runbook", Text("Cách xử lý", "What to do"), about, GRID_WIDTH, 10)
