"""Tables: places with their KPIs, sources that are not well, what is unusual, the worst places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue

from city.boards.questions import heard_query, mean_query, uncounted_query, unusual_query, worst_query
from city.domain import Rate
from city.influxql import PIPELINE, Is, fresh_query, kpi_query, quiet_query, recent, speakers
from city.influxql import Panel as PanelRange
from city.layout import NOW_S, SOURCES_SPAN
from city.rollup import finest, rolled
from city.units import written
from dashboards import style, words
from dashboards.influx import InfluxQL, lettered, source_of
from dashboards.names import ROLLUP

if TYPE_CHECKING:
    from city.domain import Kpi
    from city.layout import Panel
    from city.rollup import Resolution
    from dashboards.sheet import Sheet

TIME = "Time"
"""Grafana's name for the time column of an InfluxDB table."""

SOURCE_TAG = "source"
"""What tells the sources of a place apart: a table by it is of those that say its KPI."""


def places(sheet: Sheet, panel: Panel) -> table.Panel:
    """A line for each place: its KPIs, in words too; names lead on.

    Now, the freshness of its sources brings in the places that say nothing: they must not just be gone.
    """
    queries, drawn = [], table.Panel()
    for kpi in panel.kpis:
        known = sheet.bands(kpi)
        standing = f"{kpi.name}_standing"
        named = (kpi.name, standing) if known else (kpi.name,)
        queries.append(_of_places(sheet, kpi, panel, named))
        shown = style.properties(displayName=sheet.say(kpi.title), unit=sheet.unit(kpi), decimals=kpi.decimals)
        drawn.override_by_name(kpi.name, shown)
        if known:
            title = f"{sheet.say(kpi.title)}: {sheet.say(words.STANDING).lower()}"
            drawn.override_by_name(standing, [*sheet.standing(kpi, title), *_coloured_text()])
    if panel.of is None:
        own = speakers(sheet.layout.book, panel.kpis[0]) if SOURCE_TAG in panel.by else ()
        fresh = fresh_query(sheet.layout.book, SOURCES_SPAN, by=panel.by, filters=(*own, *sheet.places))
        queries.append(InfluxQL(fresh, form="table"))
        drawn.override_by_name("fresh", sheet.fresh())
    if SOURCE_TAG in panel.by:
        drawn.override_by_name(SOURCE_TAG, style.properties(displayName=sheet.say(words.SOURCE)))
        most = common_builders.TableSortByFieldState().display_name(sheet.say(panel.kpis[0].title))
        drawn.sort_by([most.desc(desc=True)])
    for tag in panel.by:
        if tag != SOURCE_TAG:
            drawn.override_by_name(tag, sheet.place(tag))
    drawn.transformations([*joined(), ordered(*panel.by)])
    return drawn.targets(list(lettered(queries))).datasource(source_of(queries)).thresholds(style.steps(()))


def _of_places(sheet: Sheet, kpi: Kpi, panel: Panel, named: tuple[str, ...]) -> InfluxQL:
    """A KPI by place: now, or over the board's range out of a roll-up."""
    filters = sheet.filters(kpi)
    if panel.of is None:
        now = recent(sheet.book(kpi), kpi, NOW_S)
        return InfluxQL(kpi_query(kpi, now, by=panel.by, filters=filters, named=named), form="table")
    reads = _reads(sheet, kpi, panel.of)
    past = rolled(kpi, reads.of(kpi.measurement))
    if isinstance(kpi.formula, Rate):
        # The mean of its windows: the range may begin before the data does.
        step, shift = reads.seconds, sheet.shift
        each = kpi_query(past, PanelRange(), step=step, by=panel.by, filters=filters, shift=shift)
        return InfluxQL(mean_query(each, panel.by, named), form="table", source=ROLLUP)
    query = kpi_query(past, PanelRange(), by=panel.by, filters=filters, named=named)
    return InfluxQL(query, form="table", source=ROLLUP)


def _reads(sheet: Sheet, kpi: Kpi, of: Resolution) -> Resolution:
    series = sheet.series(kpi)
    assert series is not None, kpi.name
    return finest(series, of)


def sources(sheet: Sheet) -> table.Panel:
    """The sources that are not well, the longest silent first; of all domains where the board is no domain's own."""
    alone = sheet.layout.choices == "places" and sheet.layout.book.name != PIPELINE
    domain = sheet.layout.book if alone else None
    drawn = _sources(sheet, quiet_query(domain, SOURCES_SPAN, filters=(*sheet.places, *sheet.domains)))
    own = () if domain else ("domain",)
    if not domain:
        _domain(sheet, drawn)
    return drawn.transformations([*joined(), ordered(*own, "source", "zone", "area", "state", "age_s")])


def heard(sheet: Sheet) -> table.Panel:
    """Every known source with its last event, the longest silent first; and what of it the board's range left out."""
    filters = (*sheet.places, *sheet.domains)
    drawn = _sources(sheet, heard_query(filters), uncounted_query(filters, PanelRange()))
    last = style.properties(displayName=sheet.say(words.LAST_EVENT), unit="dateTimeAsIso")
    drawn.override_by_name("last_event", last)
    _domain(sheet, drawn)
    for what, title in words.UNCOUNTED.items():
        drawn.override_by_name(what, style.properties(displayName=sheet.say(title), decimals=0))
    columns = ordered("domain", "source", "zone", "area", "state", "age_s", "last_event", *words.UNCOUNTED)
    return drawn.transformations([*joined(), columns])


def _sources(sheet: Sheet, *queries: str) -> table.Panel:
    """A table of sources with their state and age."""
    asked = [InfluxQL(query, form="table") for query in queries]
    drawn = table.Panel().targets(list(lettered(asked))).thresholds(style.steps(()))
    drawn.override_by_name("source", style.properties(displayName=sheet.say(words.SOURCE)))
    drawn.override_by_name("zone", sheet.place("zone"))
    drawn.override_by_name("area", sheet.place("area"))
    state = style.properties(displayName=sheet.say(words.STATE), mappings=style.source_states(sheet.language))
    drawn.override_by_name("state", [*state, *_coloured_text()])
    age = sheet.say(words.AGE)
    drawn.override_by_name("age_s", style.properties(displayName=age, unit="s", decimals=0))
    return drawn.sort_by([common_builders.TableSortByFieldState().display_name(age).desc(desc=True)])


def _domain(sheet: Sheet, drawn: table.Panel) -> None:
    """A column of domains by name."""
    names = {book.name: book.title for book in sheet.layout.books}
    shown = style.properties(displayName=sheet.say(words.DOMAIN), mappings=style.words_for(names, sheet.language))
    drawn.override_by_name("domain", shown)


def unusual(sheet: Sheet) -> table.Panel:
    """What is far from last week, the farthest first."""
    query = unusual_query((Is("domain", sheet.layout.book.name), *sheet.places))
    drawn = table.Panel().targets(list(lettered([InfluxQL(query, form="table")]))).thresholds(style.steps(()))
    _kpi_and_place(sheet, drawn)
    drawn.override_by_name("value", style.properties(displayName=sheet.say(words.NOW), decimals=1))
    drawn.override_by_name("week", style.properties(displayName=sheet.say(words.LAST_WEEK), decimals=1))
    drawn.override_by_name("change", _percent(sheet.say(words.CHANGE)))
    far = sheet.say(words.FAR)
    drawn.override_by_name("unusual", _percent(far))
    drawn.sort_by([common_builders.TableSortByFieldState().display_name(far).desc(desc=True)])
    return drawn.transformations([*joined(), ordered("kpi", "zone", "area", "value", "week", "change", "unusual")])


def worst(sheet: Sheet) -> table.Panel:
    """The places that are not well, the worst first."""
    drawn = table.Panel().targets(list(lettered([InfluxQL(worst_query(), form="table")])))
    _kpi_and_place(sheet, drawn.thresholds(style.steps(())))
    said = sheet.say(words.STATE)
    state = style.properties(displayName=said, mappings=style.place_states(sheet.language))
    drawn.override_by_name("state", [*state, *_coloured_text()])
    drawn.override_by_name("value", style.properties(displayName=sheet.say(words.VALUE), decimals=1))
    drawn.override_by_name("change", _percent(sheet.say(words.CHANGE)))
    drawn.sort_by([common_builders.TableSortByFieldState().display_name(said).desc(desc=True)])
    return drawn.transformations([*joined(), ordered("state", "area", "kpi", "value", "change", hidden=("zone",))])


def _kpi_and_place(sheet: Sheet, drawn: table.Panel) -> None:
    """Columns of the KPI, by name with its unit, and of the place."""
    kpis = [kpi for book in sheet.layout.books for kpi in book.kpis]
    names = {kpi.name: f"{sheet.say(kpi.title)} ({written(kpi.unit, sheet.language, kpi.unit_vi)})" for kpi in kpis}
    shown = style.properties(displayName=sheet.say(words.KPI), mappings=style.named(names))
    drawn.override_by_name("kpi", shown)
    drawn.override_by_name("zone", sheet.place("zone"))
    drawn.override_by_name("area", sheet.place("area"))


def _percent(title: str) -> list[DynamicConfigValue]:
    return style.properties(displayName=title, unit="percent", decimals=0)


def _coloured_text() -> list[DynamicConfigValue]:
    return style.properties(custom__cellOptions={"type": "color-text"})


def joined() -> list[DataTransformerConfig]:
    """The answers of several questions as one table. Their times differ by moments, so they go first."""
    return [
        DataTransformerConfig(id_val="filterFieldsByName", options={"exclude": {"names": [TIME]}}),
        DataTransformerConfig(id_val="merge", options={}),
    ]


def ordered(*names: str, hidden: tuple[str, ...] = ()) -> DataTransformerConfig:
    """These columns first, in this order; some not at all."""
    order = {name: number for number, name in enumerate(names)}
    gone = dict.fromkeys(hidden, True)
    options: dict[str, object] = {"excludeByName": gone, "indexByName": order, "renameByName": {}}
    return DataTransformerConfig(id_val="organize", options=options)
