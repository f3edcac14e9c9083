"""`/boards` and `/boards/<uid>`: the boards that Grafana is given, drawn here."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from nicegui import html, ui

from city.errors import CityopsError, UsageError
from city.geography import without_diacritics
from console.boards.document import Panel, Strange
from console.boards.questions import of_board
from console.boards.span import duration_ms
from console.elements import Words
from console.faults import fault_of, fault_words
from console.panels.address import Wanted, here, path_of
from console.panels.bar import OFF, pickers, ways
from console.panels.box import Box, Stage
from console.panels.studio import Scene
from console.texts import prefix_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nicegui.element import Element

    from console.boards.document import Board, GridPos, Row
    from console.boards.variables import Choice
    from console.view import View

AGAIN_S: Final = 5.0
"""When a store that did not say what can be chosen is asked again."""


def boards_page(view: View) -> None:
    """An index of all boards."""
    own = sorted(
        (board for uid, board in view.desk.studio.shelf.boards.items() if uid.endswith(f"-{view.language}")),
        key=lambda board: without_diacritics(board.title),
    )
    with html.ul().classes("board-index"):
        for board in own:
            with html.li():
                html.a(board.title, href=path_of(prefix_of(view.language), board.uid))
                html.p(board.description).classes("quiet")


def board_page(view: View) -> None:
    """One board. What can be chosen is asked of the store when the page is there, and again until it answers."""
    board = view.desk.studio.board(view.places["uid"], view.language)
    if board is None:
        html.h1(view.say("boards.title"))
        html.p(view.say("boards.unknown", name=view.places["uid"]))
        html.a(view.say("boards.title"), href=view.link("/boards"))
        return
    ui.add_body_html('<script src="/static/menus.js" defer></script>')
    ui.page_title(f"{board.title} · {view.say('frame.name')}")
    html.h1(board.title).classes("board-title")
    html.p(board.description).classes("board-about quiet")
    wanted, refused = _granted(view, board, Wanted.of(ui.context.client.request.query_params.multi_items()))
    state = Words("p", view.say("boards.loading"), "panel-trouble waiting").props("role=status")
    content = html.div()

    async def fill() -> None:
        try:
            choices = await view.desk.studio.choices(board, wanted.variables)
        except CityopsError as error:
            state.say(view.say("boards.trouble", fault=fault_words(view, fault_of(error))), "panel-trouble")
            return
        timer.cancel()
        state.delete()
        with content:
            _build(view, board, choices, wanted, [*refused, *_refusals(view, board, choices)])

    timer = ui.timer(AGAIN_S, fill)


def _granted(view: View, board: Board, wanted: Wanted) -> tuple[Wanted, list[str]]:
    """What is asked for, as far as it can be: a range or a refresh that is none is refused in a line."""
    refused = []
    try:
        span = of_board(board, wanted.start or board.time.from_, wanted.end or board.time.to)
        span.at(int(time.time() * 1_000))
    except UsageError:
        asked = f"{wanted.start[:40]} – {wanted.end[:40]}"
        refused.append(view.say("boards.refused", value=asked, name=view.say("boards.range")))
        wanted = replace(wanted, start="", end="")
    if wanted.refresh not in {"", OFF, *board.refreshes}:
        refused.append(view.say("boards.refused", value=wanted.refresh[:40], name=view.say("boards.refresh")))
        wanted = replace(wanted, refresh="")
    return wanted, refused


def _refusals(view: View, board: Board, choices: dict[str, Choice]) -> list[str]:
    """A line for each variable that something else than its values was asked of."""
    return [
        view.say(
            "boards.refused", value=", ".join(value[:40] for value in choices[one.name].refused[:3]), name=one.title
        )
        for one in board.variables
        if choices[one.name].refused
    ]


def _build(view: View, board: Board, choices: dict[str, Choice], wanted: Wanted, refused: Sequence[str]) -> None:
    for line in refused:
        html.p(line).classes("panel-trouble").props("role=alert")

    def address(url: str) -> str:
        return here(prefix_of(view.language), url)

    def scene(dark: bool) -> Scene:  # noqa: FBT001 - it is the one thing that a page cannot know beforehand
        refresh = wanted.refresh or board.refresh
        return Scene(
            uid=board.uid,
            chosen=tuple((name, choice.chosen) for name, choice in choices.items()),
            start=wanted.start or board.time.from_,
            end=wanted.end or board.time.to,
            every_ms=0 if refresh == OFF else duration_ms(refresh),
            dark=dark,
        )

    ways(view, board, wanted, address)
    pickers(view, board, choices, wanted)
    boxes = _rows(Stage(view, view.desk.studio, scene, address), board, wanted)

    def stop() -> None:
        for box in boxes:
            box.stop()

    def go_on() -> None:
        for box in boxes:
            box.go_on()

    ui.context.client.on_disconnect(stop)
    ui.context.client.on_connect(go_on)


def _rows(stage: Stage, board: Board, wanted: Wanted) -> list[Box]:
    """The panels of all rows, or the one that is wanted alone."""
    boxes: list[Box] = []
    view = stage.view

    def add(panel: Panel | Strange, heading: str, top: int) -> None:
        alone = wanted.panel == panel.id
        path = path_of(prefix_of(view.language), board.uid)
        turned = replace(wanted, panel=0 if alone else panel.id).at(path)
        if isinstance(panel, Strange):
            root = _strange(view, panel, heading)
        else:
            way = (view.say("boards.whole" if alone else "boards.alone"), turned)
            box = Box(stage, panel, way, heading)
            boxes.append(box)
            root = box.root
        if not alone:
            root.style(_place(panel.grid, top))

    one = board.panel(wanted.panel) if wanted.panel else None
    if one is not None:
        with html.div().classes("one-panel"):
            add(one, "h2", 0)
        return boxes
    for row in board.rows:
        with _row(row):
            top = min((panel.grid.y for panel in row.panels), default=0)
            with html.div().classes("panels"):
                for panel in sorted(row.panels, key=lambda panel: (panel.grid.y, panel.grid.x)):
                    add(panel, "h3" if row.title else "h2", top)
    return boxes


def _row(row: Row) -> Element:
    """A heading that closes and opens what stands below it; nothing but the panels where it has no title."""
    root: Element = html.details(open=not row.collapsed) if row.title else html.section()
    if row.title:
        with root.classes("board-row"), html.summary():
            html.h2(row.title)
    return root


def _strange(view: View, panel: Strange, heading: str) -> Element:
    """In place of a panel that the console does not know."""
    root: Element = html.article().classes("panel")
    with root:
        Words(heading, panel.title, "panel-title")
        html.p(view.say("boards.strange", why=panel.why)).classes("nothing")
    return root


def _place(grid: GridPos, top: int) -> str:
    """Where a panel stands within its row; narrow screens put one below the other, as high."""
    return (
        f"grid-column: {grid.x + 1} / span {grid.w}; grid-row: {grid.y - top + 1} / span {grid.h}; --height: {grid.h}"
    )
