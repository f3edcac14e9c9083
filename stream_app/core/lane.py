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
    from collections.abc import Iterator, Sequence

    from city.domain import Series
    from city.event import Event
    from city.geography import City
    from stream_app.core.aggregate import Parts, Reading

Group = tuple[str | None, ...]
"""The area, then the values of the series' own tags; None: not stated."""

_GROUPS_REMEMBERED: Final = 65_536


class Cell:
    """An open window of one group: its first record, what was folded, and what is still to fold."""

    __slots__ = ("changed", "first", "parts", "pending", "prefix")

    def __init__(self, first: int, prefix: str) -> None:
        self.first = first
        self.prefix = prefix
        self.parts: Parts | None = None
        self.pending: list[Reading] = []
        self.changed = False


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
        cell = window.cells[group] = Cell(offset, self._prefix_of[group])
        return cell

    def fold(self, cell: Cell) -> None:
        """Fold what is pending into the cell's parts."""
        if cell.pending:
            parts = self._aggregate.of(cell.pending)
            cell.parts = parts if cell.parts is None else self._aggregate.merge(cell.parts, parts)
            cell.pending = []
            cell.changed = True

    def line(self, start: int, cell: Cell, *, final: bool) -> str:
        """The cell as a line; it has been folded and is not empty."""
        assert cell.parts is not None
        return point(cell.prefix, self._aggregate.fields(cell.parts), start, final=final)

    def cells(self) -> Iterator[tuple[int, Cell]]:
        """Every open cell and the start of its window."""
        for start, window in self.windows.items():
            for cell in window.cells.values():
                yield start, cell

    def close(self, clock: int) -> Iterator[str]:
        """Close every window with `end + lateness ≤ clock`, the oldest first; yields their final lines."""
        for start in sorted(start for start, window in self.windows.items() if window.closes <= clock):
            for cell in self.windows.pop(start).cells.values():
                self.fold(cell)
                yield self.line(start, cell, final=True)
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
                window.cells.clear()


def _area_alone(event: Event) -> Group:
    return (event.area,)
