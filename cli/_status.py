"""How `up` shows its parts: a table that stays in place on a terminal, a line at each change elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Protocol

from embedded.post import State, Status

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.table import Table

_COLOURS = {State.READY: "green", State.RESTING: "red", State.STOPPED: "dim"}


class View(Protocol):
    """Where the states of the parts are shown."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, statuses: tuple[Status, ...]) -> None:
        """Show the parts as they are now."""

    def close_with(self, lines: str) -> None:
        """Set the last lines, below the parts."""

    def say(self, line: str) -> None:
        """Show one line that stays, from any thread."""


class PlainView:
    """A line for each part that has changed."""

    def __init__(self) -> None:
        self._shown: set[Status] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, statuses: tuple[Status, ...]) -> None:
        for status in statuses:
            if status not in self._shown:
                print(f"{time.strftime('%H:%M:%S')}  {status.name:<11}  {status.state:<10}  {_detail(status)}".rstrip())
        self._shown = set(statuses)
        sys.stdout.flush()

    def close_with(self, lines: str) -> None:
        print(lines, flush=True)

    def say(self, line: str) -> None:
        print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)


class LiveView:
    """A table that is drawn anew in place."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._live = Live(console=Console(highlight=False), auto_refresh=False, vertical_overflow="visible")
        self._statuses: tuple[Status, ...] = ()
        self._lines = ""

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, statuses: tuple[Status, ...]) -> None:
        self._statuses = statuses
        self._draw()

    def close_with(self, lines: str) -> None:
        self._lines = lines
        self._draw()

    def say(self, line: str) -> None:
        self._live.console.print(f"{time.strftime('%H:%M:%S')}  {line}", markup=False, soft_wrap=True)

    def _draw(self) -> None:
        from rich.console import Group
        from rich.text import Text

        over = all(status.state is State.STOPPED for status in self._statuses)
        self._live.update(Group(self._table(), Text("" if over else self._lines)), refresh=True)

    def _table(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for status in self._statuses:
            state = Text(status.state, style=_COLOURS.get(status.state, "yellow"))
            table.add_row(status.name, state, Text(_detail(status)))
        return table


def view_for_stdout() -> View:
    """The view that suits where standard output goes."""
    return LiveView() if sys.stdout.isatty() else PlainView()


def _detail(status: Status) -> str:
    restarts = f"restarts: {status.restarts}" if status.restarts else ""
    return ", ".join(part for part in (status.detail, restarts) if part)
