"""What several boards are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from city.domain import Text
from city.layout import GRID_WIDTH, Panel, Row, Way, spread
from city.rollup import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.domain import Domain, Kpi, Tag
    from city.rollup import Resolution

_MAIN = 3

AREA_BOARD = "area"
OVERVIEW = "city"
PIPELINE_BOARD = "pipeline"

PAST = {
    "day": (MINUTE, Text("Một ngày, từng phút", "A day, by the minute")),
    "month": (HOUR, Text("Một tháng, từng giờ", "A month, by the hour")),
    "year": (DAY, Text("Một năm, từng ngày", "A year, by the day")),
}
"""Boards over longer ranges: the resolution each reads, and what it is called."""

BEGINS = {"day": "now-24h", "month": "now-30d", "year": "now-1y"}
"""The range each begins with."""


def own_kpis(domain: Domain) -> tuple[Kpi, ...]:
    """The KPIs over the domain's own series: roll-ups hold them, so last week has them too."""
    own = {series.name for series in domain.series}
    return tuple(kpi for kpi in domain.kpis if kpi.measurement in own)


def local_kpis(domain: Domain) -> tuple[Kpi, ...]:
    """Those of them that places have; the others concern the whole city."""
    local = {series.name for series in domain.series if not series.citywide}
    return tuple(kpi for kpi in domain.kpis if kpi.measurement in local)


def main_kpis(domain: Domain) -> tuple[Kpi, ...]:
    """The few that a wall has room for: those with a target first."""
    return tuple(sorted(own_kpis(domain), key=lambda kpi: kpi.target is None)[:_MAIN])


def own_filters(domain: Domain) -> tuple[Tag, ...]:
    """The tags that people choose values of, each name once."""
    tags = {tag.name: tag for series in domain.series for tag in series.tags if tag.values}
    return tuple(tags.values())


def ways(domain: Domain) -> tuple[Way, ...]:
    """From any of a domain's boards to the others."""
    past = (Way(f"{domain.name}-{name}", title, BEGINS[name]) for name, (_, title) in PAST.items())
    return (
        Way(OVERVIEW, Text("Toàn thành phố", "The city"), "now-3h"),
        Way(domain.name, Text(f"{domain.title.vi} bây giờ", f"{domain.title.en} now"), "now-3h"),
        *past,
    )


def course(kpi: Kpi, width: int, *by: str, of: Resolution | None = None) -> Panel:
    """A KPI over time."""
    return Panel("_".join(("course", kpi.name, *by)), "course", kpi.title, kpi.about, width, 8, (kpi,), by, of)


def tag_rows(domain: Domain) -> Iterator[Row]:
    """A row for each tag, with the KPIs of every series that has it."""
    having: dict[str, set[str]] = {}
    for series in domain.series:
        for tag in series.tags:
            if tag.values:
                having.setdefault(tag.name, set()).add(series.name)
    for name, measurements in having.items():
        kpis = [kpi for kpi in domain.kpis if kpi.measurement in measurements]
        plain = name.replace("_", " ")
        panels = tuple(course(kpi, width, name) for kpi, width in spread(kpis, per_line=2))
        yield Row(f"by_{name}", Text(f"Theo {plain}", f"By {plain}"), panels)


def sources_row() -> Row:
    """The sources that are not well."""
    about = Text(
        "Các nguồn đã biết nhưng gửi chậm, lặp lại một giá trị hoặc im lặng. Bảng trống: mọi nguồn đều ổn, "
        "miễn là ô trên cùng còn báo nguồn đang gửi.",
        "Known sources that are slow, repeat one value or are silent. Empty: all are well, as long as the panels at "
        "the top say that sources speak.",
    )
    title = Text("Nguồn chậm hoặc im lặng", "Slow or silent sources")
    return Row(
        "sources",
        Text("Nguồn dữ liệu", "Sources"),
        (Panel("sources", "sources", title, about, GRID_WIDTH, 10),),
    )
