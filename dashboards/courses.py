"""Pictures over time: courses against last week, levels of a place, day by hour, rejected records."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import heatmap, timeseries
from grafana_foundation_sdk.builders import heatmap as heatmap_builders
from grafana_foundation_sdk.models import common

from city.boards.questions import rejected_query
from city.domain import Counter, Rate
from city.influxql import AUTO, ROUND_S, Chosen, kpi_query
from city.influxql import Panel as PanelRange
from city.rollup import DAY, HOUR_TAG, QUARTER, of_day, rolled
from dashboards import style, words
from dashboards.influx import InfluxQL, lettered, source_of
from dashboards.names import ROLLUP
from dashboards.sheet import least_interval

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

    from city.domain import Kpi
    from city.influxql import Filter, Step
    from city.layout import Panel
    from city.rollup import Resolution
    from dashboards.sheet import Sheet

_HOURS_A_DAY: Final = 24
_LEVELS: Final[dict[str, tuple[Filter, ...]]] = {
    "area": (Chosen("area", "area"),),
    "zone": (Chosen("zone", "zone"),),
    "city": (),
}


def course(sheet: Sheet, panel: Panel) -> timeseries.Panel:
    """The value over time, with its thresholds as lines; a gap in the data is a gap in the line."""
    kpi, by = panel.kpis[0], panel.by
    alias = " · ".join(f"$tag_{tag}" for tag in by) or sheet.say(words.NOW if not panel.of else words.VALUE)
    queries = [_asked(sheet, kpi, panel.of, by, alias)]
    week = None if by else sheet.week(kpi, panel.of)
    drawn = _lines(sheet, kpi, named=bool(by) or week is not None)
    drawn.interval(panel.of.name if panel.of else sheet.interval(kpi))
    if week is not None:
        queries.append(_last_week(sheet, kpi, week, same=week is panel.of))
        drawn.override_by_name(sheet.say(words.LAST_WEEK), _faint())
    for tag in by:
        for value, name in sheet.layout.names.get(tag, {}).items():
            drawn.override_by_name(value, style.properties(displayName=sheet.say(name)))
    drawn.targets(list(lettered(queries))).datasource(source_of(queries))
    if by and isinstance(kpi.formula, Rate | Counter):
        # Rates add up: the top edge is the whole.
        return drawn.fill_opacity(40).stacking(
            common_builders.StackingConfig().mode(common.StackingMode.NORMAL).group("A")
        )
    dashed = common_builders.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.DASHED)
    return drawn.thresholds(style.steps(sheet.bands(kpi))).thresholds_style(dashed)


def levels(sheet: Sheet, panel: Panel) -> timeseries.Panel:
    """The value over time in the area, in its zone, in the city."""
    kpi, of = panel.kpis[0], panel.of or QUARTER
    past = rolled(kpi, of.of(kpi.measurement))
    said = {"area": words.HERE, "zone": words.ZONE, "city": words.CITY}
    queries = [
        InfluxQL(
            kpi_query(past, PanelRange(), step=AUTO, filters=filters, shift=sheet.shift),
            alias=sheet.say(said[level]),
            source=ROLLUP,
        )
        for level, filters in _LEVELS.items()
    ]
    return _lines(sheet, kpi, named=True).interval(of.name).targets(list(lettered(queries)))


def hours(sheet: Sheet, panel: Panel) -> heatmap.Panel:
    """The value by day and hour of the day."""
    kpi = panel.kpis[0]
    past = rolled(kpi, of_day(kpi.measurement))
    if isinstance(kpi.formula, Rate):
        # A group of a day and an hour holds one hour, not the day that its length says.
        past = replace(past, formula=replace(kpi.formula, per_s=kpi.formula.per_s * _HOURS_A_DAY))
    query = kpi_query(
        past, PanelRange(), step=DAY.seconds, by=(HOUR_TAG,), filters=sheet.places_of(kpi), shift=sheet.shift
    )
    drawn = heatmap.Panel().unit(sheet.unit(kpi)).decimals(kpi.decimals)
    drawn.calculate(calculate=False).show_legend().cell_gap(1)
    drawn.color(heatmap_builders.HeatmapColorOptions().scheme("Cividis").steps(64))
    drawn.cell_values(heatmap_builders.CellValues().unit(sheet.unit(kpi)).decimals(kpi.decimals))
    if panel.span:
        drawn.time_from(panel.span)
    return drawn.targets(list(lettered([InfluxQL(query, alias=f"$tag_{HOUR_TAG}", source=ROLLUP)])))


def rejected(sheet: Sheet) -> timeseries.Panel:
    """Records that no rule may count, by reason."""
    drawn = timeseries.Panel().unit(words.grafana_unit("records/s", sheet.language)).decimals(2)
    drawn.interval(least_interval(ROUND_S))
    legend(drawn, shown=True).fill_opacity(40).axis_soft_min(0).line_width(2)
    drawn.stacking(common_builders.StackingConfig().mode(common.StackingMode.NORMAL).group("A"))
    return drawn.targets(list(lettered([InfluxQL(rejected_query(sheet.domains), alias="$tag_reason")])))


def _asked(sheet: Sheet, kpi: Kpi, of: Resolution | None, by: tuple[str, ...], alias: str) -> InfluxQL:
    """The question of a course: of the bucket of now, or of a roll-up."""
    filters = sheet.filters(kpi)
    if of is None:
        return InfluxQL(kpi_query(kpi, PanelRange(), step=AUTO, by=by, filters=filters), alias=alias)
    past = rolled(kpi, of.of(kpi.measurement))
    query = kpi_query(past, PanelRange(), step=AUTO, by=by, filters=filters, shift=sheet.shift)
    return InfluxQL(query, alias=alias, source=ROLLUP)


def _last_week(sheet: Sheet, kpi: Kpi, week: Resolution, *, same: bool) -> InfluxQL:
    """The same a week earlier; in steps of its own where the course reads something finer."""
    past = rolled(kpi, week.week_later(kpi.measurement))
    step: Step = AUTO if same else week.seconds
    query = kpi_query(past, PanelRange(), step=step, filters=sheet.filters(kpi), shift=sheet.shift)
    return InfluxQL(query, alias=sheet.say(words.LAST_WEEK), source=ROLLUP)


def _lines(sheet: Sheet, kpi: Kpi, *, named: bool) -> timeseries.Panel:
    drawn = timeseries.Panel().unit(sheet.unit(kpi)).decimals(kpi.decimals)
    legend(drawn, shown=named)
    return drawn.line_width(2).show_points(common.VisibilityMode.NEVER).span_nulls(span_nulls=False).axis_soft_min(0)


def legend(drawn: timeseries.Panel, *, shown: bool) -> timeseries.Panel:
    """The panel with its lines named below it, or not; pointing at one tells of all."""
    below = common_builders.VizLegendOptions().show_legend(shown).placement(common.LegendPlacement.BOTTOM)
    drawn.legend(below.display_mode(common.LegendDisplayMode.LIST))
    return drawn.tooltip(common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI))


def _faint() -> list[DynamicConfigValue]:
    """Last week: dashed and grey, and whole though its steps are long."""
    return style.properties(
        color=style.fixed(style.PLAIN),
        custom__lineStyle={"fill": "dash", "dash": [6, 6]},
        custom__lineWidth=1,
        custom__spanNulls=True,
    )
