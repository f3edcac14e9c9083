"""Each kind of panel: who draws it, and what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from grafana_foundation_sdk.builders import bargauge, dashboard, geomap, heatmap, stat, table, text, timeseries
from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.dashboard import DashboardLinkType, GridPos
from grafana_foundation_sdk.models.text import TextMode

from city.layout import RUNBOOK
from dashboards import courses, criteria, distributions, maps, tables, tiles, words
from dashboards.influx import data_source
from dashboards.names import LIVE, ROLLUP, board_uid, panel_id

if TYPE_CHECKING:
    from city.domain import Kpi
    from city.layout import Panel, Place
    from dashboards.sheet import Sheet

Drawn = (
    stat.Panel
    | timeseries.Panel
    | table.Panel
    | text.Panel
    | heatmap.Panel
    | bargauge.Panel
    | geomap.Panel
    | dashboard.Panel
)

_EMPTY = {"sources": words.NONE_QUIET, "unusual": words.NONE_UNUSUAL, "worst": words.NONE_UNWELL}
"""What a table without lines says: that may be good news."""


def draw(sheet: Sheet, panel: Panel, place: Place) -> Drawn:
    """The panel where it belongs, without data never blank."""
    drawn = _drawn(sheet, panel)
    title = sheet.say(panel.title)
    if panel.kind in {"value", "levels"} and panel.of is None:
        title = tiles.titled(sheet, panel.kpis[0], title)
    drawn.id(panel_id(panel.name)).title(title).description(sheet.say(panel.about)).grid_pos(grid(place))
    if any(sheet.rules(kpi) for kpi in panel.kpis):
        drawn.links([_what_to_do(sheet, panel.kpis[0])])
    if not isinstance(drawn, text.Panel) and panel.kind != "alerts":
        drawn.no_value(sheet.say(_EMPTY.get(panel.kind, words.NO_DATA)))
        if drawn.build().datasource is None:
            rolled = panel.of is not None or panel.kind in {"heatmap", "quantiles"}
            drawn.datasource(data_source(ROLLUP if rolled else LIVE))
    return drawn


def _what_to_do(sheet: Sheet, kpi: Kpi) -> DashboardLink:
    """The way to the runbook of the KPI's rules: on the board of the book they stand in."""
    board = board_uid(sheet.book(kpi).name, sheet.language)
    link = DashboardLink(sheet.say(words.RUNBOOK)).type(DashboardLinkType.LINK)
    return link.url(f"/d/{board}?viewPanel={panel_id(RUNBOOK)}").icon("doc").keep_time(keep_time=True)


def _drawn(sheet: Sheet, panel: Panel) -> Drawn:  # noqa: C901, PLR0911, PLR0912 - a table of kinds, one line each
    match panel.kind:
        case "value":
            return tiles.value(sheet, panel)
        case "levels":
            return courses.levels(sheet, panel) if panel.of else tiles.levels(sheet, panel)
        case "state":
            return tiles.state(sheet)
        case "counts":
            return tiles.counts(sheet)
        case "course":
            return courses.course(sheet, panel)
        case "heatmap":
            return courses.hours(sheet, panel)
        case "distribution":
            return distributions.distribution(sheet, panel)
        case "quantiles":
            return (distributions.place_quantiles if panel.by else distributions.quantiles)(sheet, panel)
        case "criterion":
            return criteria.criterion(sheet, panel)
        case "unmeasured":
            return criteria.unmeasured(sheet, panel)
        case "rejected":
            return courses.rejected(sheet)
        case "places":
            return tables.places(sheet, panel)
        case "unusual":
            return tables.unusual(sheet)
        case "worst":
            return tables.worst(sheet)
        case "sources":
            return tables.sources(sheet)
        case "heard":
            return tables.heard(sheet)
        case "map":
            return maps.places(sheet)
        case "alerts":
            return maps.alerts()
        case "runbook":
            return text.Panel().mode(TextMode.MARKDOWN).content(sheet.runbook)
        case never:
            assert_never(never)


def grid(place: Place) -> GridPos:
    """A place as Grafana writes it."""
    return GridPos(h=place.height, w=place.width, x=place.x, y=place.y)
