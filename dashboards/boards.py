"""A layout → a Grafana dashboard in one language."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from grafana_foundation_sdk.builders.dashboard import Dashboard, DashboardLink, Row, TimePicker
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DashboardLinkType

from city.layout import Panel, placed
from dashboards import words
from dashboards.choices import choices
from dashboards.names import board_uid, panel_id
from dashboards.notes import notes
from dashboards.panels import draw, grid
from dashboards.sheet import Sheet

if TYPE_CHECKING:
    from city.geography import City
    from city.language import Language
    from city.layout import Layout, Way


def board(layout: Layout, city: City, language: Language, runbook: str) -> Dashboard:
    """The dashboard of a layout.

    Args:
        layout: what stands on it.
        city: names its places, and its clock.
        language: what it speaks.
        runbook: what to do when its alerts fire, in that language, Markdown.
    """
    made = Dashboard(language.say(layout.title)).uid(board_uid(layout.name, language))
    made.description(language.say(layout.about)).tags(["cityops", layout.book.name, language.value])
    made.readonly().timezone(city.timezone).week_start("monday").tooltip(DashboardCursorSync.CROSSHAIR)
    # The newest windows are still filling: looking a little later shows none that will change.
    lateness_s = max((series.lateness_s for book in layout.books for series in book.series), default=0)
    made.time(layout.range, "now").timepicker(TimePicker().now_delay(f"{lateness_s}s")).refresh(layout.refresh)
    made.link(_other_language(layout, language))
    for way in layout.ways:
        if way.board != layout.name:
            made.link(_way(way, language))
    for note in notes(layout.name, language):
        made.annotation(note)
    for choice in choices(layout, language):
        made.with_variable(choice)
    sheet = Sheet(layout, city, language, runbook)
    for part, place in placed(layout):
        if isinstance(part, Panel):
            made.with_panel(draw(sheet, part, place))
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
    links = [*document["links"], *(link for panel in document["panels"] for link in panel.get("links", ()))]
    for shown in [*links, *document["annotations"]["list"]]:
        del shown["placement"]  # the one place it knows is a menu where nobody looks; without it they stand on top
    for variable in document["templating"].get("list", ()):
        for name in ("auto", "auto_count", "auto_min"):  # of interval variables
            del variable[name]
    for panel in document["panels"]:
        panel.get("options", {}).pop("footer", None)  # tables have none any more


def _other_language(layout: Layout, language: Language) -> DashboardLink:
    """The same board in the other language, with what is chosen and when."""
    return (
        _link(layout.name, language.say(words.OTHER_LANGUAGE), language.other)
        .icon("external link")
        .tooltip(language.other.say(layout.title))
        .keep_time(keep_time=True)
    )


def _way(way: Way, language: Language) -> DashboardLink:
    """Another board, with what is chosen; in its own range, or in the one people look at."""
    link = _link(way.board, language.say(way.title), language).icon("dashboard")
    if way.range:
        return link.url(f"/d/{board_uid(way.board, language)}?from={way.range}&to=now")
    return link.keep_time(keep_time=True)


def _link(name: str, title: str, language: Language) -> DashboardLink:
    link = DashboardLink(title).type(DashboardLinkType.LINK).url(f"/d/{board_uid(name, language)}")
    return link.include_vars(include_vars=True)
