"""Above a board: what is chosen, when, how often it asks again, and the ways to other boards."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from nicegui import html, ui

from console.boards.interpolate import ALL
from console.boards.span import RANGES
from console.numbers import place
from console.panels.address import path_of
from console.panels.pick import Pick
from console.texts import prefix_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from console.boards.document import Board, Variable
    from console.boards.variables import Choice
    from console.panels.address import Wanted
    from console.view import View

WHOLE: Final = frozenset({"now-1d/d"})
OFF: Final = "off"


def pickers(view: View, board: Board, choices: Mapping[str, Choice], wanted: Wanted) -> None:
    """All that can be chosen. Whoever chooses gets the address of what they chose."""
    path = path_of(prefix_of(view.language), board.uid)

    def go(to: Wanted) -> None:
        ui.navigate.to(to.at(path))

    with html.div().classes("pickers"):
        for variable in board.variables:
            if variable.shown:
                _variable(view, variable, choices[variable.name], wanted, go)
        _range(view, board, wanted, go)
        _refresh(view, board, wanted, go)


def ways(view: View, board: Board, wanted: Wanted, address: Callable[[str], str]) -> None:
    """The links to other boards; the other language stands in the header of every page."""
    with html.nav(**{"aria-label": view.say("boards.ways")}).classes("ways"):
        for link in board.links:
            url = address(link.url)
            own, _, parameters = url.partition("?")
            if not url or own == path_of(prefix_of(view.language), board.uid):
                continue
            kept = replace(wanted, panel=0) if link.keep_time else replace(wanted, panel=0, start="", end="")
            kept = kept if link.include_vars else replace(kept, variables={})
            html.a(link.title, href="&".join(filter(None, (kept.at(own), parameters))) if "?" in kept.at(own) else url)


def _variable(view: View, variable: Variable, choice: Choice, wanted: Wanted, go: Callable[[Wanted], None]) -> None:
    named = {option.value: _named(view, variable.name, option.value, option.text) for option in choice.options}
    everything = {ALL: view.say("boards.all")} if variable.include_all else {}
    Pick(
        view,
        variable.title,
        everything | named,
        choice.chosen.values,
        lambda values: go(wanted.but(variable.name, values)),
        multi=variable.multi,
        by_name=variable.name in {"area", "zone"},
    )


def _named(view: View, variable: str, value: str, text: str) -> str:
    """Places by their names."""
    city = view.desk.catalogue.city
    if variable == "area":
        return place(city, view.language, area=value) if value in city.units else place(city, view.language)
    return place(city, view.language, zone=value) if variable == "zone" else text


def _range(view: View, board: Board, wanted: Wanted, go: Callable[[Wanted], None]) -> None:
    start, end = wanted.start or board.time.from_, wanted.end or board.time.to
    options = {name: view.say(f"ranges.{name.replace('/', '_')}") for name in RANGES}
    if start not in options or end not in {"now", start}:
        options = {start: _said(board, start, end)} | options

    def choose(values: list[str]) -> None:
        (chosen,) = values
        go(replace(wanted, start=chosen, end=chosen if chosen in WHOLE else "now"))

    Pick(view, view.say("boards.range"), options, [start], choose)
    with html.details().classes("menu own-range"):
        html.summary(view.say("boards.own_range"))
        zone = ZoneInfo(board.timezone)
        with html.div().classes("own-range-fields"):
            first = ui.input(view.say("boards.from")).props("type=datetime-local dense stack-label")
            last = ui.input(view.say("boards.to")).props("type=datetime-local dense stack-label")

            def apply() -> None:
                try:
                    begin, finish = (
                        datetime.fromisoformat(str(field.value)).replace(tzinfo=zone) for field in (first, last)
                    )
                except ValueError:
                    ui.notify(view.say("boards.no_range"))
                    return
                go(replace(wanted, start=str(int(begin.timestamp() * 1_000)), end=str(int(finish.timestamp() * 1_000))))

            html.button(view.say("boards.apply"), type="button").classes("plain").on("click", apply)


def _said(board: Board, start: str, end: str) -> str:
    """A range that is none of the usual ones."""
    zone = ZoneInfo(board.timezone)

    def one(text: str) -> str:
        return datetime.fromtimestamp(int(text) / 1_000, zone).strftime("%d/%m/%Y %H:%M") if text.isdigit() else text

    return f"{one(start)} – {one(end)}"


def _refresh(view: View, board: Board, wanted: Wanted, go: Callable[[Wanted], None]) -> None:
    chosen = wanted.refresh or board.refresh or OFF
    options = {OFF: view.say("boards.off")} | {name: name for name in board.refreshes}
    Pick(view, view.say("boards.refresh"), options, [chosen], lambda values: go(replace(wanted, refresh=values[0])))
