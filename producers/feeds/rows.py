"""Rows of a comma-separated file, a line each: one header, any line end, perhaps a BOM; quoted only where asked for."""

from __future__ import annotations

import csv
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from city.errors import DataError
from producers.feeds.model import Dirt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from producers.feeds.model import InFile
    from producers.files import Text

_SHOWN = 40


class Row(NamedTuple):
    """A line cut at its commas; `cells` is None, and `fault` says why, where it cannot be."""

    number: int
    cells: list[str] | None
    what: str
    fault: Dirt | None = None


def header_and_rows(file: InFile, *, quoted: bool = False) -> tuple[list[str], Iterator[Row]]:
    """The cells of the first line, and the rows after it.

    Args:
        file: the table.
        quoted: whether a cell may stand in quotes, and hold commas then.

    Raises:
        DataError: the file is empty, or its first line is longer than any header.
    """
    lines = iter(file.lines)
    first = next(lines, None)
    if first is None:
        raise DataError(f"{file.name}: is empty")
    if first.cut:
        raise DataError(f"{file.name} line {first.number}: {first.length:,} bytes without an end: no table")
    header = first.data.decode("utf-8-sig", "replace")
    return [cell.strip() for cell in header.split(",")], map(partial(_row, quoted=quoted), lines)


def cut_short(text: str) -> str:
    """A text as a message may show it: quoted, on one line, not long."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _row(line: Text, *, quoted: bool) -> Row:
    if line.cut:
        return Row(line.number, None, f"{line.length:,} bytes", Dirt.TOO_LONG)
    text = line.data.decode("utf-8", "replace")
    return Row(line.number, _unquoted(text) if quoted else text.split(","), cut_short(text))


def _unquoted(text: str) -> list[str] | None:
    """The cells of a line with quotes; None where a quote is not closed in it."""
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error:
        return None
