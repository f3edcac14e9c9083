"""Figures of now: a KPI with its standing, change and freshness; one here, around, in the city; the city's state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import stat
from grafana_foundation_sdk.models import common

from city.boards.questions import counts_query, state_query
from city.influxql import Around, Chosen, fresh_query, kpi_query, recent, speakers
from city.layout import NOW_S, SOURCES_SPAN
from city.rollup import rolled
from dashboards import style, words
from dashboards.influx import Expression, InfluxQL, lettered, source_of
from dashboards.names import ROLLUP

if TYPE_CHECKING:
    from city.domain import Kpi
    from city.layout import Panel
    from dashboards.influx import Target
    from dashboards.sheet import Sheet

HOUR_S: Final = 3_600
VALUE, FRESH, WEEK, REDUCED, REDUCED_WEEK, CHANGE = "A", "B", "C", "D", "E", "F"
"""The steps of a figure by refId: now, its sources, an hour of last week; both reduced; their difference."""


def value(sheet: Sheet, panel: Panel) -> stat.Panel:
    """The value now, what it means, how it differs from last week, and how many of its sources speak."""
    kpi = panel.kpis[0]
    known, now = sheet.bands(kpi), recent(sheet.book(kpi), kpi, NOW_S)
    targets: list[Target] = [InfluxQL(kpi_query(kpi, now, filters=sheet.filters(kpi)), alias="$col", ref=VALUE)]
    drawn = figure().unit(sheet.unit(kpi)).decimals(kpi.decimals).thresholds(style.steps(known))
    drawn.override_by_name("value", style.properties(displayName=sheet.say(words.NOW)))
    week = sheet.week(kpi)
    if not sheet.operational(kpi):
        heard = (*speakers(sheet.book(kpi), kpi), *sheet.places_of(kpi))
        fresh = fresh_query(sheet.book(kpi), SOURCES_SPAN, filters=heard)
        targets.append(InfluxQL(fresh, alias="$col", ref=FRESH))
        drawn.override_by_name("fresh", sheet.fresh())
    if week is not None:
        past = rolled(kpi, week.week_later(kpi.measurement))
        query = kpi_query(past, Around(HOUR_S), filters=sheet.filters(kpi))
        targets.append(InfluxQL(query, alias="week", ref=WEEK, source=ROLLUP, hide=True))
    if known or week is not None:
        targets.append(Expression("reduce", VALUE, REDUCED, hide=not known))
    if known:
        drawn.override_by_query(REDUCED, sheet.standing(kpi, sheet.say(words.STANDING)))
    if week is not None:
        targets += [
            Expression("reduce", WEEK, REDUCED_WEEK, hide=True),
            Expression("math", f"${REDUCED} - ${REDUCED_WEEK}", CHANGE),
        ]
        drawn.override_by_query(
            CHANGE, style.properties(displayName=sheet.say(words.CHANGE), color=style.fixed(style.PLAIN))
        )
    if sheet.wall:  # wide and low: its parts stand beside each other, as large as they fit
        drawn.orientation(common.VizOrientation.VERTICAL)
    return drawn.targets(list(targets)).datasource(source_of(targets))


def levels(sheet: Sheet, panel: Panel) -> stat.Panel:
    """The value now in the area, in its zone, in the city."""
    kpi = panel.kpis[0]
    known, now = sheet.bands(kpi), recent(sheet.book(kpi), kpi, NOW_S)
    queries = [
        InfluxQL(kpi_query(kpi, now, filters=filters), alias=alias)
        for alias, filters in (("area", (Chosen("area", "area"),)), ("zone", (Chosen("zone", "zone"),)), ("city", ()))
    ]
    fresh = fresh_query(
        sheet.book(kpi), SOURCES_SPAN, filters=(*speakers(sheet.book(kpi), kpi), Chosen("area", "area"))
    )
    targets: list[Target] = lettered([*queries, InfluxQL(fresh, alias="$col")])
    drawn = figure().unit(sheet.unit(kpi)).decimals(kpi.decimals).thresholds(style.steps(known))
    for alias, said in (("area", words.HERE), ("zone", words.ZONE), ("city", words.CITY)):
        drawn.override_by_name(alias, style.properties(displayName=sheet.say(said)))
    drawn.override_by_name("fresh", sheet.fresh())
    if known:
        targets.append(Expression("reduce", "A", "E"))
        drawn.override_by_query("E", sheet.standing(kpi, sheet.say(words.STANDING)))
    return drawn.targets(list(targets)).datasource(source_of(targets))


def state(sheet: Sheet) -> stat.Panel:
    """The worst of all places as a sentence."""
    drawn = figure().unit("none").decimals(0).thresholds(style.steps(())).text_mode(common.BigValueTextMode.VALUE)
    drawn.override_by_name("state", style.properties(mappings=style.city_states(sheet.language)))
    return drawn.targets(list(lettered([InfluxQL(state_query(), alias="$col")])))


def counts(sheet: Sheet) -> stat.Panel:
    """How many places stand how, the worst first."""
    queries = lettered(InfluxQL(counts_query(flag), alias="$col") for flag in words.FLAGS)
    drawn = figure().unit("none").decimals(0).thresholds(style.steps(())).orientation(common.VizOrientation.VERTICAL)
    for flag, (said, colour) in words.FLAGS.items():
        drawn.override_by_name(flag, style.properties(displayName=sheet.say(said), color=style.fixed(colour)))
    return drawn.targets(list(queries))


def figure() -> stat.Panel:
    """A panel of figures, each with its name."""
    drawn = stat.Panel().graph_mode(common.BigValueGraphMode.NONE).color_mode(common.BigValueColorMode.VALUE)
    drawn.text_mode(common.BigValueTextMode.VALUE_AND_NAME).orientation(common.VizOrientation.HORIZONTAL)
    return drawn.reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]))


def titled(sheet: Sheet, kpi: Kpi, title: str) -> str:
    """A figure's title, with the target where the KPI has one."""
    return title + sheet.named(kpi).removeprefix(sheet.say(kpi.title))
