"""A layout → a Grafana dashboard in one language."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from grafana_foundation_sdk.builders.dashboard import (
    Dashboard,
    DashboardLink,
    QueryVariable,
    Row,
    TimePicker,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from city.influxql import Chosen, tag_values_query
from city.layout import Panel, placed
from dashboards import words
from dashboards.influx import data_source
from dashboards.names import board_uid, panel_id
from dashboards.panels import Draughtsman, grid

if TYPE_CHECKING:
    from city.domain import Text
    from city.geography import City
    from city.layout import Layout
    from dashboards.words import Language

ALL_VALUES: Final = ".*"
"""What the variable "All" stands for in `/^$area$/`."""


def board(layout: Layout, city: City, language: Language, runbook: str) -> Dashboard:
    """The dashboard of a layout.

    Args:
        layout: what stands on it.
        city: names its places, and its clock.
        language: what it speaks.
        runbook: the domain's runbook in that language, Markdown.
    """
    made = Dashboard(language.say(layout.title)).uid(board_uid(layout.name, language))
    made.description(language.say(layout.about)).tags(["cityops", layout.domain.name, language.value])
    made.readonly().timezone(city.timezone).week_start("monday").tooltip(DashboardCursorSync.CROSSHAIR)
    # The newest windows are still filling: looking a little later shows none that will change.
    lateness_s = max(series.lateness_s for series in layout.domain.series)
    made.time("now-1h", "now").timepicker(TimePicker().now_delay(f"{lateness_s}s")).refresh("10s")
    made.link(_other_language(layout, language))
    measurement = layout.domain.series[0].name
    made.with_variable(_variable("zone", words.ZONE, language, tag_values_query(measurement, "zone")))
    chained = tag_values_query(measurement, "area", (Chosen("zone", "zone"),))
    made.with_variable(_variable("area", words.AREA, language, chained))
    draughtsman = Draughtsman(layout, city, language, runbook)
    for part, place in placed(layout):
        if isinstance(part, Panel):
            made.with_panel(draughtsman.draw(part, place))
        else:
            made.with_row(Row(language.say(part.title)).id(panel_id(f"row {part.name}")).grid_pos(grid(place)))
    return made


def board_json(made: Dashboard) -> str:
    """The dashboard as JSON: sorted, so that a change of one thing changes one line."""
    document = json.loads(json.dumps(made.build(), cls=JSONEncoder))
    _drop_strange_defaults(document)
    return json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def _drop_strange_defaults(document: dict[str, Any]) -> None:
    """Take out what the SDK sets unasked and Grafana's schema does not know, or would hide something by."""
    for link in document["links"]:
        del link["placement"]  # the one place it knows is a menu where nobody looks; without it links stand on top
    for variable in document["templating"]["list"]:
        for name in ("auto", "auto_count", "auto_min"):  # of interval variables
            del variable[name]
    for panel in document["panels"]:
        panel.get("options", {}).pop("footer", None)  # tables have none any more


def _variable(name: str, label: Text, language: Language, query: str) -> QueryVariable:
    """Values out of the tags; "All" is any value, also of places that have not spoken yet."""
    everything = VariableOption(selected=True, text=[language.say(words.ALL)], value=["$__all"])
    return (
        QueryVariable(name)
        .label(language.say(label))
        .query(query)
        .datasource(data_source())
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(ALL_VALUES)
        .current(everything)
    )


def _other_language(layout: Layout, language: Language) -> DashboardLink:
    """The same board in the other language, with what is chosen and when."""
    return (
        DashboardLink(language.say(words.OTHER_LANGUAGE))
        .type(DashboardLinkType.LINK)
        .icon("external link")
        .url(f"/d/{board_uid(layout.name, language.other)}")
        .tooltip(language.other.say(layout.title))
        .keep_time(keep_time=True)
        .include_vars(include_vars=True)
    )
