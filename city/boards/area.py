"""One ward or commune: every domain there, beside its zone and the city."""

from __future__ import annotations

from typing import TYPE_CHECKING

from city.boards.parts import AREA_BOARD, OVERVIEW, local_kpis, sources_row
from city.domain import Text
from city.layout import Layout, Panel, Row, Way, spread
from city.rollup import QUARTER

if TYPE_CHECKING:
    from city.domain import Domain, Kpi


def area_board(domains: tuple[Domain, ...]) -> Layout:
    """The board of a single place."""
    rows = [Row(f"of_{domain.name}", domain.title, _figures(domain)) for domain in domains]
    about = Text(
        "Một phường hoặc xã: mọi lĩnh vực, bên cạnh khu vực của nó và toàn thành phố.",
        "One ward or commune: every domain, beside its zone and the whole city.",
    )
    return Layout(
        AREA_BOARD,
        Text("Phường, xã", "Ward or commune"),
        about,
        domains,
        (*(row for row in rows if row.panels), sources_row()),
        range="now-24h",
        choices="one_area",
        ways=(
            Way(OVERVIEW, Text("Toàn thành phố", "The city"), "now-3h"),
            *(Way(domain.name, domain.title, "now-3h") for domain in domains),
        ),
    )


def _figures(domain: Domain) -> tuple[Panel, ...]:
    """Each KPI now and over the day."""
    kpis = local_kpis(domain)
    return (
        *(_now(kpi, width) for kpi, width in spread(kpis, per_line=4)),
        *(_course(kpi, width) for kpi, width in spread(kpis, per_line=3)),
    )


def _now(kpi: Kpi, width: int) -> Panel:
    about = Text(f"{kpi.about.vi} Nơi này, khu vực, thành phố.", f"{kpi.about.en} Here, its zone, the city.")
    return Panel(f"now_{kpi.name}", "levels", kpi.title, about, width, 5, (kpi,))


def _course(kpi: Kpi, width: int) -> Panel:
    title = Text(f"{kpi.title.vi}: diễn biến", f"{kpi.title.en}: over time")
    return Panel(f"course_{kpi.name}", "levels", title, kpi.about, width, 8, (kpi,), of=QUARTER)
