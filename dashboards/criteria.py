"""Indicators of a public index: the share with its numerator and denominator, and what is not measured, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import stat, text
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models.text import TextMode

from city.boards.questions import parts_query
from city.domain import Ratio
from city.influxql import Panel as PanelRange
from dashboards import style, words
from dashboards.influx import InfluxQL, lettered
from dashboards.names import LIVE, ROLLUP
from dashboards.tiles import figure

if TYPE_CHECKING:
    from city.domain import Criterion
    from city.layout import Panel
    from dashboards.sheet import Sheet


def criterion(sheet: Sheet, panel: Panel) -> stat.Panel:
    """What is measured of one indicator over the board's range: the share, and what it is a share of."""
    (one,), (kpi,) = panel.criteria, panel.kpis
    assert isinstance(kpi.formula, Ratio), "the catalogue lets no other measure an indicator"
    measurement = kpi.measurement if panel.of is None else panel.of.of(kpi.measurement)
    query = parts_query(kpi.formula, measurement, sheet.filters(kpi), PanelRange())
    drawn = figure().orientation(common.VizOrientation.VERTICAL).unit("none").decimals(0).thresholds(style.steps(()))
    value = style.properties(displayName=sheet.say(kpi.title), unit=sheet.unit(kpi), decimals=kpi.decimals)
    drawn.override_by_name("value", value)
    for column, said in (("part", one.numerator), ("whole", one.denominator)):
        drawn.override_by_name(column, style.properties(displayName=sheet.say(said)))
    return drawn.targets(list(lettered([InfluxQL(query, alias="$col", source=ROLLUP if panel.of else LIVE)])))


def unmeasured(sheet: Sheet, panel: Panel) -> text.Panel:
    """The indicators that the events cannot tell, as a table in Markdown."""
    head = [sheet.say(one) for one in words.CRITERION]
    lines = [head, ["---"] * len(head), *(_line(sheet, one) for one in panel.criteria)]
    return text.Panel().mode(TextMode.MARKDOWN).content("\n".join(f"| {' | '.join(line)} |" for line in lines))


def _line(sheet: Sheet, one: Criterion) -> list[str]:
    assert one.why_not is not None, one.title
    group = f"{sheet.say(one.group)} ({one.points})"
    said = (one.title, one.numerator, one.denominator)
    why = f"{sheet.say(words.NOT_MEASURED)}: {sheet.say(one.why_not)}"
    return [group, *map(sheet.say, said), why]
