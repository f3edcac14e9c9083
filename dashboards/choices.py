"""What people choose on a board: zone and area, chained; values of the domain's own tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grafana_foundation_sdk.builders.dashboard import CustomVariable, QueryVariable
from grafana_foundation_sdk.models.dashboard import VariableHide, VariableOption, VariableRefresh, VariableSort

from city.domain import NOT_STATED
from city.influxql import PIPELINE, SOURCES, Chosen, Is, tag_values_query
from dashboards import words
from dashboards.influx import data_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.domain import Tag, Text
    from city.language import Language
    from city.layout import Layout

ALL_VALUES: Final = ".*"
"""What "All" stands for in `/^$area$/`: any value, also of places that have not spoken yet."""


def choices(layout: Layout, language: Language) -> Iterator[QueryVariable | CustomVariable]:
    """The board's variables. Places come out of `sources`, which has all that are known to observe."""
    own = () if layout.book.name == PIPELINE else (Is("domain", layout.book.name),)
    if layout.choices == "places":
        yield _query("zone", words.ZONE, language, tag_values_query(SOURCES, "zone", own))
        chained = tag_values_query(SOURCES, "area", (*own, Chosen("zone", "zone")))
        yield _query("area", words.AREA, language, chained)
        yield from (_own(tag, layout, language) for tag in layout.filters)
    elif layout.choices == "one_area":
        yield _one("area", words.AREA, language, tag_values_query(SOURCES, "area"))
        follows = tag_values_query(SOURCES, "zone", (Chosen("area", "area"),))
        yield _one("zone", words.ZONE, language, follows).hide(VariableHide.HIDE_VARIABLE)


def _one(name: str, label: Text, language: Language, query: str) -> QueryVariable:
    """A single value out of the tags."""
    return (
        QueryVariable(name)
        .label(language.say(label))
        .query(query)
        .datasource(data_source())
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
        .sort(VariableSort.ALPHABETICAL_ASC)
    )


def _query(name: str, label: Text, language: Language, query: str) -> QueryVariable:
    """Any number of values out of the tags."""
    return (
        _one(name, label, language, query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(ALL_VALUES)
        .current(_everything(language))
    )


def _own(tag: Tag, layout: Layout, language: Language) -> CustomVariable:
    """Values of a closed vocabulary, by the names that operators use."""
    names = layout.names.get(tag.name, {})
    values = (*tag.values, NOT_STATED) if tag.path else tag.values  # what no event states is always known
    shown = [(language.say(names[value]) if value in names else value, value) for value in values]
    return (
        CustomVariable(tag.name)
        .label(language.say(layout.labels.get(tag.name, words.plain(tag.name))))
        .values(", ".join(f"{_escaped(text)} : {value}" for text, value in shown))
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(ALL_VALUES)
        .current(_everything(language))
    )


def _escaped(text: str) -> str:
    """Grafana separates the values of a custom variable by commas."""
    return text.replace(",", "\\,")


def _everything(language: Language) -> VariableOption:
    return VariableOption(selected=True, text=[language.say(words.ALL)], value=["$__all"])
