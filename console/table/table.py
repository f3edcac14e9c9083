"""The table as an element of a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from nicegui.element import Element

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from console.view import View


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `head`: its cells name their rows."""

    key: str
    title: str
    kind: Literal["text", "number"] = "text"
    head: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        sort: what it is ordered by; None stands last. Without it, its text.
        href: where it leads; empty: nowhere.
        mark: the state whose colour stands behind it (its text says the same).
    """

    text: str
    sort: float | str | None = ""
    href: str = ""
    mark: str = ""


class Table(Element, component="table.js"):
    """Rows that people sort and search.

    Args:
        view: whose language the controls speak.
        name: what a screen reader calls the table.
        columns: from left to right.
        empty: what is said where there are no rows at all.
        sort: the column it is ordered by at first, and whether downwards; None: as the rows come.
        wanted: the text that is searched at first.
        tools: whether there is a search; a table of a few rows needs none.
    """

    def __init__(
        self,
        view: View,
        name: str,
        columns: Sequence[Column],
        *,
        empty: str,
        sort: tuple[str, bool] | None = None,
        wanted: str = "",
        tools: bool = True,
    ) -> None:
        super().__init__()
        self.props["columns"] = [
            {"key": one.key, "title": one.title, "kind": one.kind, "head": one.head} for one in columns
        ]
        self.props["name"] = name
        self.props["words"] = {word: view.say(f"table.{word}") for word in ("search", "nothing", "more", "waiting")} | {
            "count": view.say("table.count", n="{n}", of="{of}"),
            "empty": empty,
        }
        self.props["sort"] = list(sort) if sort else None
        self.props["wanted"] = wanted
        self.props["tools"] = tools
        self.props["rows"] = None

    def show(self, rows: Iterable[tuple[str, Mapping[str, Cell]]]) -> None:
        """Show these rows, each with a key of its own; sent only when they have changed."""
        shown = [_row(key, cells) for key, cells in rows]
        if shown != self.props["rows"]:
            self.props["rows"] = shown
            self.update()


def _row(key: str, cells: Mapping[str, Cell]) -> dict[str, Any]:
    held: dict[str, dict[str, Any]] = {}
    for name, cell in cells.items():
        held[name] = {"text": cell.text} | ({} if cell.sort == "" else {"sort": cell.sort})
        held[name] |= {part: value for part in ("href", "mark") if (value := getattr(cell, part))}
    return {"key": key, "cells": held}
