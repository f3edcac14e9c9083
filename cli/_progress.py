"""How far a command has come: a bar on a terminal, a plain line every few seconds anywhere else."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY_S = 5.0
BAR_WIDTH = 14
"""With a count of half a million lines and a note, a line still fits into 80 columns."""


class Progress(Protocol):
    """Hears how much is done, with a word about it."""

    def __call__(self, done: int, note: str = "") -> None:
        """So much is done."""
        ...


@contextmanager
def progress(what: str, total: int | None, unit: str = "lines") -> Iterator[Progress]:
    """Show progress on standard error while the block runs; `total` None when the end is not known."""
    if not sys.stderr.isatty():
        yield _plain(what, total, unit)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    count = TextColumn(f"{{task.completed:,}} {unit}") if total is None else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(BAR_WIDTH), count, TimeElapsedColumn())
    with Bar(*columns, TextColumn("{task.fields[note]}"), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total, note="")

        def tell(done: int, note: str = "") -> None:
            bar.update(task, completed=done, note=note)

        yield tell


def _plain(what: str, total: int | None, unit: str) -> Progress:
    told = time.monotonic()

    def tell(done: int, note: str = "") -> None:
        nonlocal told
        if time.monotonic() >= told + EVERY_S:
            told = time.monotonic()
            of = "" if total is None else f" of {total}"
            sys.stderr.write(f"{what}: {done}{of} {unit}{', ' if note else ''}{note}\n")

    return tell
