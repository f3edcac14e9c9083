"""One series in one partition: its open windows, and what they hold."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from city.instant import NS
from city.remembered import Remembered
from stream_app.core.aggregate import Aggregate
from stream_app.core.checkpoint import NEVER, fingerprint
from stream_app.core.lineprotocol import point, tag_prefix

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from city.domain import Series
    from city.event import Event
    from city.geography import City
    from stream_app.core.aggregate import Parts, Reading

Group = tuple[str | None, ...]
"""The area, then the values of the series' own tags; None: not stated."""

_GROUPS_REMEMBERED: Final = 65_536


class Cell:
    """A window of one group: its first record, what was folded, and what is still to fold.

    `changed`: since it was taken last; `gone`: its window has closed, or may be incomplete.
    """

    __slots__ = ("changed", "first", "gone", "parts", "pending", "prefix", "start")

    def __init__(self, start: int, first: int, prefix: str) -> None:
        self.start = start
        self.first = first
        self.prefix = prefix
        self.parts: Parts | None = None
        self.pending: list[Reading] = []
        self.changed = False
        self.gone = False


class Window:
    """A window of a series, `[start, start + window)`; the clock `closes` it. A cell for each group in it."""

    __slots__ = ("cells", "closes", "group", "lane", "start")

    def __init__(self, lane: Lane, start: int) -> None:
        self.lane = lane
        self.group = lane.group
        self.start = start
        self.closes = start + lane.span
        self.cells: dict[Group, Cell] = {}

    @property
    def first(self) -> int:
        """The offset of its first record: that of its oldest cell, for cells are made in the log's order."""
        return next(iter(self.cells.values())).first


class Lane:
    """One series in one partition.

    Args:
        series: the series.
        city: whose zones its points name.
        paths: what the readings hold.
        barrier: windows that start until then may be incomplete.
    """

    def __init__(self, series: Series, city: City, paths: Sequence[str], barrier: int) -> None:
        self.series = series
        self.mark = fingerprint(series)
        self.window = series.window_s * NS
        self.span = self.window + series.lateness_s * NS
        self.barrier = barrier
        self.group = attrgetter("area", *(tag.path for tag in series.tags)) if series.tags else _area_alone
        self.windows: dict[int, Window] = {}
        self.damaged: set[tuple[int, Group]] = set()
        self.windows_lost = 0
        # Most open windows stand still between two snapshots: only these two are looked at.
        self.touched: list[Cell] = []
        """Those with something to fold."""
        self._changed: list[Cell] = []
        self._aggregate = Aggregate(series, paths)
        # The same sensors speak in every window.
        self._prefix_of = Remembered(partial(tag_prefix, series, city.zone_of), _GROUPS_REMEMBERED)

    def window_of(self, time: int, clock: int) -> Window:
        """The window of a time; kept here unless it has closed."""
        start = time - time % self.window
        window = self.windows.get(start)
        if window is None:
            window = Window(self, start)
            if clock < window.closes:
                self.windows[start] = window
        return window

    def open(self, window: Window, group: Group, offset: int, barrier: int) -> Cell | None:
        """A new cell, or None where the window may be incomplete."""
        if window.start <= barrier or window.start <= self.barrier:
            if (window.start, group) not in self.damaged:
                self.damaged.add((window.start, group))
                self.windows_lost += 1
            return None
        cell = window.cells[group] = Cell(window.start, offset, self._prefix_of[group])
        return cell

    def fold(self) -> None:
        """Fold what is pending into the parts of its cells."""
        touched, self.touched = self.touched, []
        for cell in touched:
            if not cell.gone:
                self._fold(cell)
                self._mark(cell)

    def take_changed(self) -> list[Cell]:
        """The cells of open windows that have changed since they were taken last, as far as they are folded."""
        taken, self._changed = self._changed, []
        for cell in taken:
            cell.changed = False
        return taken

    def give_back(self, taken: Iterable[Cell]) -> None:
        """They count as changed again, as far as their windows are still open."""
        for cell in taken:
            if not cell.gone:
                self._mark(cell)

    def line(self, cell: Cell, *, final: bool) -> str:
        """The cell as a line; it has been folded and is not empty."""
        assert cell.parts is not None
        return point(cell.prefix, self._aggregate.fields(cell.parts), cell.start, final=final)

    def close(self, clock: int) -> Iterator[str]:
        """Close every window with `end + lateness ≤ clock`, the oldest first; yields their final lines."""
        for start in sorted(start for start, window in self.windows.items() if window.closes <= clock):
            for cell in self.windows.pop(start).cells.values():
                self._fold(cell)
                cell.gone = True
                yield self.line(cell, final=True)
        self._drop_gone()
        if self.barrier != NEVER and self.barrier + self.span <= clock:
            self.barrier = NEVER
        if self.damaged:
            self.damaged = {key for key in self.damaged if key[0] + self.span > clock}

    def drop_until(self, barrier: int) -> None:
        """Empty the open windows that a barrier has reached."""
        for start, window in self.windows.items():
            if start <= barrier:
                self.windows_lost += len(window.cells)
                self.damaged.update((start, group) for group in window.cells)
                for cell in window.cells.values():
                    cell.gone = True
                window.cells.clear()
        self._drop_gone()

    def _fold(self, cell: Cell) -> None:
        if cell.pending:
            parts = self._aggregate.of(cell.pending)
            cell.parts = parts if cell.parts is None else self._aggregate.merge(cell.parts, parts)
            cell.pending = []

    def _mark(self, cell: Cell) -> None:
        if not cell.changed:
            cell.changed = True
            self._changed.append(cell)

    def _drop_gone(self) -> None:
        """Nobody takes them while a log is read again, and that may be for long."""
        self._changed = [cell for cell in self._changed if not cell.gone]


def _area_alone(event: Event) -> Group:
    return (event.area,)
