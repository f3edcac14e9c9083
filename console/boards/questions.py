"""What a panel asks: its questions for a range and a choice, ready but for the moment they are asked at.

https://grafana.com/docs/grafana/latest/dashboards/variables/add-template-variables/#global-variables
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city.errors import DataError
from city.rules import expression
from console.boards import interpolate
from console.boards.document import Math, Question, Reduce
from console.boards.span import TimeRange, duration_ms, duration_text, group_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.boards.document import Board, Expression, Panel
    from console.boards.interpolate import Chosen
    from console.boards.library import DataSource

POINTS_A_COLUMN: Final = 50
"""Points of a picture for each of the grid's 24 columns: what Grafana takes from the panel's width in pixels.

A fixed number, so that all who watch a panel share its answers whatever their screens are. With this one the time
groups of the usual ranges are whole tens of seconds, so that each holds as many windows as the others."""


SELDOM_MS: Final[Mapping[str, int]] = {"city_rollup": 60_000}
"""Database → how often its points come at the most. Its questions are asked anew no more often than that."""
SPREAD_MS: Final = 10_000
"""They are asked anew so far apart from each other: all at once would keep each other waiting."""


@dataclass(frozen=True, slots=True)
class Instant:
    """What macros become at a moment, all in milliseconds; both ends of the range belong to it."""

    now_ms: int
    start_ms: int
    end_ms: int
    step_ms: int

    def text(self, question: str, start_ms: int = 0, before_ms: int = 0) -> str:
        """The InfluxQL to be sent; with `start_ms` or `before_ms` for this part of the range alone."""
        until = f"time < {before_ms}ms" if before_ms else f"time <= {self.end_ms}ms"
        macros = {
            "timeFilter": f"time >= {start_ms or self.start_ms}ms and {until}",
            "__interval": duration_text(self.step_ms),
            "__interval_ms": str(self.step_ms),
            "__from": str(self.start_ms),
            "__to": str(self.end_ms),
        }
        return interpolate.fill_in(question, macros)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question; equal ones have equal answers.

    Attributes:
        text: its variables are filled in, its macros not.
        range: what `$timeFilter` becomes.
        points: how many a picture holds.
        least_ms: the least length of a time group.
    """

    database: str
    text: str
    range: TimeRange
    points: int
    least_ms: int

    @property
    def every_ms(self) -> int:
        """How long an answer stands, whatever a picture is made of beside it; 0: no longer than the picture."""
        return SELDOM_MS.get(self.database, 0)

    def moment(self, now_ms: int) -> int:
        """The moment of the answer that a picture of `now_ms` is made with."""
        if not self.every_ms:
            return now_ms
        ahead_ms = zlib.crc32(self.text.encode()) % (self.every_ms // SPREAD_MS) * SPREAD_MS
        return now_ms - (now_ms + ahead_ms) % self.every_ms

    def instant(self, now_ms: int) -> Instant:
        """Its range and the length of its time groups at that moment.

        Raises:
            UsageError: the range is none.
        """
        moment = self.range.at(now_ms)
        return Instant(now_ms, moment.start_ms, moment.end_ms, group_ms(moment, self.points, self.least_ms))

    def at(self, now_ms: int) -> str:
        """The InfluxQL to be sent at that moment.

        Raises:
            UsageError: the range is none.
        """
        return self.instant(now_ms).text(self.text)


def questions(
    panel: Panel, sources: Mapping[str, DataSource], chosen: Mapping[str, Chosen], span: TimeRange
) -> dict[str, Asked]:
    """The questions that must be asked for a panel, by refId: the shown ones, and those that others compute from.

    Raises:
        DataError: a data source or a variable is not known.
    """
    computed_from = frozenset(ref for target in panel.targets for ref in inputs(target))
    return {
        target.ref_id: _asked(target, panel, sources, chosen, of_panel(span, panel))
        for target in panel.targets
        if isinstance(target, Question) and (not target.hide or target.ref_id in computed_from)
    }


def inputs(target: Question | Expression) -> frozenset[str]:
    """The refIds that a target computes from."""
    match target:
        case Reduce():
            return frozenset({target.expression})
        case Math():
            return expression.variables(expression.parse(target.expression))
        case Question():
            return frozenset()


def of_board(board: Board, start: str, end: str) -> TimeRange:
    """A range of the board: where it lasts until now, now is as late as the board says."""
    end = f"now-{board.now_delay}" if end == "now" and board.now_delay else end
    return TimeRange(start, end, board.timezone)


def of_panel(span: TimeRange, panel: Panel) -> TimeRange:
    """The panel's range: its own instead of a relative one, and shifted."""
    start, end = span.start, span.end
    if panel.time_from and span.relative:
        start, end = f"now-{panel.time_from}", "now"
    return TimeRange(start, end, span.timezone, span.shift_ms + duration_ms(panel.time_shift))


def _asked(
    question: Question,
    panel: Panel,
    sources: Mapping[str, DataSource],
    chosen: Mapping[str, Chosen],
    span: TimeRange,
) -> Asked:
    source = sources.get(question.datasource.uid)
    if source is None:
        raise DataError(f"no data source is called {question.datasource.uid}")
    return Asked(
        database=source.database,
        text=interpolate.question(question.query, chosen),
        range=span,
        points=panel.grid.w * POINTS_A_COLUMN,
        least_ms=duration_ms(panel.interval or source.interval),
    )
