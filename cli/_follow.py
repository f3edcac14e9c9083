"""Shows the lines that are added to a file, as they are added."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

EVERY_S = 0.5


@contextmanager
def followed(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Say every whole line that is added to `path` meanwhile, in a thread of its own; the file may not be there yet."""
    stop = threading.Event()
    begin = path.stat().st_size if path.is_file() else 0
    thread = threading.Thread(target=_follow, args=(path, begin, say, stop), name="follow", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _follow(path: Path, position: int, say: Callable[[str], None], stop: threading.Event) -> None:
    last_look = False
    while True:
        added = _added(path, position)
        position = added.end
        for line in added.lines:
            say(line)
        if last_look:
            return
        last_look = stop.wait(EVERY_S)


class _Added(NamedTuple):
    """Whole lines, and the place in the file behind them."""

    lines: tuple[str, ...]
    end: int


def _added(path: Path, position: int) -> _Added:
    """What stands after `position`; a file that has shrunk begins anew."""
    try:
        with path.open("rb") as file:
            start = position if path.stat().st_size >= position else 0
            file.seek(start)
            whole, feed, _ = file.read().rpartition(b"\n")
    except OSError:
        return _Added((), position)
    lines = tuple(whole.decode("utf-8", errors="replace").split("\n")) if feed else ()
    return _Added(lines, start + len(whole) + len(feed))
