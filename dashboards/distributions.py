"""How values spread: how many fell into each range, the median, and what nine in ten do not exceed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grafana_foundation_sdk.builders import bargauge, table, timeseries
from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.models import common

from city.boards.questions import bins_query, place_quantiles_query, quantiles_query
from city.influxql import Chosen, Is, Last
from city.influxql import Panel as PanelRange
from city.quantile import SHARES
from city.rollup import LEVEL_TAG, QUARTER
from dashboards import style, words
from dashboards.courses import legend
from dashboards.influx import InfluxQL, lettered
from dashboards.names import LIVE, ROLLUP
from dashboards.tables import joined, ordered

if TYPE_CHECKING:
    from city.domain import Measure
    from city.layout import Panel
    from dashboards.sheet import Sheet

_SETTLED_S: Final = 120
"""How long after its end a window's quantiles are certainly those of the whole window."""


def distribution(sheet: Sheet, panel: Panel) -> bargauge.Panel:
    """How many observations fell into each range of values."""
    series = next(one for one in sheet.layout.book.series if one.name == panel.series)
    tags = {tag.name for tag in series.tags}
    own = tuple(Chosen(tag.name, tag.name) for tag in sheet.layout.filters if tag.name in tags)
    query = bins_query(_measure(panel), panel.series, (*sheet.places, *own))
    drawn = bargauge.Panel().unit("short").decimals(0).min(0).thresholds(style.steps(()))
    drawn.color_scheme(style.one_colour("blue")).orientation(common.VizOrientation.HORIZONTAL)
    drawn.display_mode(common.BarGaugeDisplayMode.BASIC).show_unfilled(show_unfilled=False)
    drawn.reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]))
    return drawn.targets(list(lettered([InfluxQL(query, alias="$col", source=LIVE)])))


def quantiles(sheet: Sheet, panel: Panel) -> timeseries.Panel:
    """The quantiles of the whole city over time, each window's own: they are never averaged."""
    measure, of = _measure(panel), panel.of or QUARTER
    query = quantiles_query(measure, of.quantiles(panel.series), (Is(LEVEL_TAG, "city"),), PanelRange())
    drawn = timeseries.Panel().unit(_unit(sheet, measure)).decimals(1).interval(of.name)
    legend(drawn, shown=True).line_width(2).axis_soft_min(0).span_nulls(span_nulls=False)
    drawn.show_points(common.VisibilityMode.AUTO)
    for share in SHARES:
        shown = style.properties(displayName=sheet.say(words.QUANTILES[share]))
        drawn.override_by_name(f"{measure.name}_{share}", shown)
    return drawn.targets(list(lettered([InfluxQL(query, alias="$col", source=ROLLUP)])))


def place_quantiles(sheet: Sheet, panel: Panel) -> table.Panel:
    """The quantiles of each place in the last whole window, the greatest first."""
    measure, of = _measure(panel), panel.of or QUARTER
    span = Last(of.seconds, of.seconds + _SETTLED_S)
    query = place_quantiles_query(measure, of.quantiles(panel.series), sheet.places, span)
    drawn = table.Panel().thresholds(style.steps(()))
    for share in SHARES:
        said, unit = sheet.say(words.BRIEF_QUANTILES[share]), _unit(sheet, measure)
        drawn.override_by_name(f"{measure.name}_{share}", style.properties(displayName=said, unit=unit, decimals=1))
    counted = style.properties(displayName=sheet.say(words.OBSERVATIONS), decimals=0)
    drawn.override_by_name(f"{measure.name}_count", counted)
    for tag in ("zone", "area"):
        drawn.override_by_name(tag, sheet.place(tag))
    greatest = common_builders.TableSortByFieldState().display_name(sheet.say(words.BRIEF_QUANTILES["p90"]))
    drawn.sort_by([greatest.desc(desc=True)]).transformations([*joined(), ordered("zone", "area")])
    return drawn.targets(list(lettered([InfluxQL(query, form="table", source=ROLLUP)])))


def _measure(panel: Panel) -> Measure:
    assert panel.measure is not None, panel.name
    return panel.measure


def _unit(sheet: Sheet, measure: Measure) -> str:
    return words.grafana_unit(measure.unit, sheet.language, measure.unit_vi)
