"""Every panel of every board is drawn, as picture, table and file: from full answers, from nulls, from nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from console.boards.document import Board, Panel, Question
from console.boards.evaluation import evaluated
from console.boards.interpolate import ALL, Chosen
from console.boards.library import library, provisioned
from console.boards.questions import of_board, of_panel, questions
from console.draw.drawing import draw
from console.draw.pictures import Alerts, Chart, Figures, Look, Nothing, Picture, Places, Table, Words
from console.draw.tables import Headings, twin, written
from console.panels.studio import writing_of

NOW_MS = 1_795_347_600_000
SHELF = library(provisioned())
EMPTY = (Nothing, Words, Alerts)
BOARDS = [board for uid, board in SHELF.boards.items() if uid.endswith("-vi")]
TAGS = {
    "zone": "cau-giay",
    "area": "00004",
    "domain": "traffic",
    "source": "traffic/00004/001",
    "kpi": "x",
    "hour": "07",
}


def drawn(board: Board, panel: Panel, value: float | None, rows: int) -> tuple[Picture, Table]:
    """The panel when every question is answered by series of so many rows of one value."""
    chosen = {variable.name: Chosen((ALL,), ("a", "b"), variable.all_value) for variable in board.variables}
    span = of_board(board, board.time.from_, board.time.to)
    asked = questions(panel, SHELF.sources, chosen, span)
    targets = {target.ref_id: target for target in panel.targets if isinstance(target, Question)}
    answers = {ref: tuple(_series(targets[ref].query, value, rows)) for ref in asked}
    look = Look(writing_of(board), dark=False, moment=of_panel(span, panel).at(NOW_MS), chosen=chosen)
    frames = evaluated(panel, answers)
    return draw(panel, frames, look), twin(panel, frames, look, Headings("t", "n", "v"))


def _series(query: str, value: float | None, rows: int) -> Iterator[dict[str, Any]]:
    """A series with the names of the question's columns and the tags that it groups by."""
    names = [part.split('"')[0] for part in query.split(" FROM ", maxsplit=1)[0].split('AS "')[1:]]
    grouped = query.rpartition("GROUP BY")[2] if "GROUP BY" in query else ""
    tags = {name: one for name, one in TAGS.items() if f'"{name}"' in grouped}
    moments = [NOW_MS - 86_400_000 * place for place in range(rows)]
    if rows:
        values = [[moment, *[value] * len(names)] for moment in reversed(moments)]
        yield {"name": "m", "tags": tags, "columns": ["time", *names], "values": values}


def panels_of(board: Board) -> Iterator[Panel]:
    return (panel for panel in board.panels if isinstance(panel, Panel))


@pytest.mark.parametrize("board", BOARDS, ids=[board.uid for board in BOARDS])
def test_panels_with_answers_show_them(board: Board) -> None:
    for panel in panels_of(board):
        picture, table = drawn(board, panel, 3.0, rows=3)
        assert not isinstance(picture, Nothing), panel.title
        assert bool(table.rows) == bool(panel.targets), panel.title
        assert len(written(table).splitlines()) == len(table.rows) + 1
        if isinstance(picture, Chart):
            json.dumps(picture.option, allow_nan=False)
        if isinstance(picture, Places):
            assert set(picture.places) == {TAGS["area"]}


@pytest.mark.parametrize("board", BOARDS, ids=[board.uid for board in BOARDS])
def test_panels_of_nulls_are_drawn_and_say_so(board: Board) -> None:
    for panel in panels_of(board):
        picture, _ = drawn(board, panel, None, rows=2)
        if isinstance(picture, Figures):
            assert {one.text for one in picture.figures} == {panel.defaults.no_value}, panel.title
        else:
            assert isinstance(picture, (*EMPTY, Table, Places)), panel.title


@pytest.mark.parametrize("board", BOARDS, ids=[board.uid for board in BOARDS])
def test_panels_without_answers_say_so(board: Board) -> None:
    for panel in panels_of(board):
        picture, table = drawn(board, panel, 1.0, rows=0)
        assert isinstance(picture, EMPTY), panel.title
        assert table.rows == (), panel.title


def test_who_looks_in_english_shares_the_answers_of_those_who_look_in_vietnamese() -> None:
    def asked(uid: str) -> set[str]:
        board = SHELF.boards[uid]
        chosen = {variable.name: Chosen((ALL,), ("a",), variable.all_value) for variable in board.variables}
        span = of_board(board, "now-3h", "now")
        made = (questions(panel, SHELF.sources, chosen, span) for panel in panels_of(board))
        return {f"{one.database}: {one.at(NOW_MS)}" for each in made for one in each.values()}

    for board in BOARDS:
        assert asked(board.uid) == asked(f"{board.uid.removesuffix('-vi')}-en")
