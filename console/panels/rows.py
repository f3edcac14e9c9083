"""A table of a board as an element of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nicegui import html

from console import table
from console.panels.colours import COLOURS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from console.draw.pictures import Cell, Table
    from console.view import View

WAY: Final = "↗"


class Rows:
    """A table that people sort and search; made anew only when its columns are others.

    A cell's first way leads from its text; its others have columns of their own, at the end.

    Args:
        view: of the page.
        name: what a screen reader calls it.
        address: a link of Grafana's → one of the console's.
    """

    def __init__(self, view: View, name: str, address: Callable[[str], str]) -> None:
        self._view, self._name, self._address = view, name, address
        self._root = html.div()
        self._columns: list[table.Column] = []
        self._table: table.Table | None = None

    def show(self, shown: Table) -> None:
        """Show this table."""
        columns = list(_columns(shown))
        if self._table is None or columns != self._columns:
            self._columns = columns
            sort = (str(shown.sort[0]), shown.sort[1]) if shown.sort else None
            self._root.clear()
            with self._root:
                empty = self._view.say("boards.nothing")
                self._table = table.Table(self._view, self._name, columns, empty=empty, sort=sort)
        self._table.show((str(number), dict(self._cells(row))) for number, row in enumerate(shown.rows))

    def _cells(self, row: tuple[Cell, ...]) -> Iterator[tuple[str, table.Cell]]:
        for number, cell in enumerate(row):
            first, *others = [self._address(way.url) for way in cell.ways] or [""]
            sort = cell.text if cell.named or isinstance(cell.raw, bool) else cell.raw
            yield str(number), table.Cell(cell.text, sort, first, COLOURS.get(cell.colour, ""))
            for place, url in enumerate(others):
                yield f"{number}-{place}", table.Cell(f"{WAY} {cell.text}", cell.text, url)


def _columns(shown: Table) -> Iterator[table.Column]:
    ways: list[table.Column] = []
    for number, column in enumerate(shown.columns):
        yield table.Column(str(number), column.title, "number" if column.number else "text", head=number == 0)
        longest = max((row[number].ways for row in shown.rows), key=len, default=())
        ways += [table.Column(f"{number}-{place}", way.title) for place, way in enumerate(longest[1:])]
    yield from ways
