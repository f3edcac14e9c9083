"""The store as pages see it: questions asked once for everybody who looks, refreshed as they grow old."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from console.boards.answers import Answers
from console.boards.asking import Asker
from runtime.ask import ask
from runtime.connect import find_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.boards.answers import Ask
    from console.boards.asking import Results
    from runtime.settings import Settings

LIVE: Final = "city_live"
ROLLUP: Final = "city_rollup"

PATIENCE_S: Final = 15.0
"""How long the store may take for one question."""
KEPT_S: Final = 60.0
"""How long an answer is kept: as long as the least hurried want it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One series of an answer: its tags, and its points, each a mapping from column to value, `time` among them."""

    tags: dict[str, str]
    points: tuple[dict[str, Any], ...]

    def last(self, column: str) -> float | None:
        """The last value of a column."""
        return next((value for point in reversed(self.points) if (value := point.get(column)) is not None), None)


Answer = tuple[Line, ...]


class Store(Protocol):
    """What pages need of a store."""

    async def ask(self, bucket: str, influxql: str, fresh_s: float) -> Answer:
        """The answer to a question, no older than `fresh_s`.

        Raises:
            CityopsError: the store does not answer, or refuses the question.
        """


class SharedStore:
    """Asks once for everybody who looks within `fresh_s`.

    Args:
        ask: bucket, InfluxQL → the series of the answer.
        clock_s: any that goes on.
    """

    def __init__(self, ask: Ask, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._answers = Answers(ask, KEPT_S)
        self._clock_s = clock_s

    async def ask(self, bucket: str, influxql: str, fresh_s: float) -> Answer:
        """See `Store`."""
        return tuple(map(_line, await self._answers.get(bucket, influxql, int(self._clock_s() // fresh_s))))


def asker_of(settings: Settings) -> Asker:
    """Asks the store that the settings name, looked for at each question: it may come, go, and come back elsewhere."""

    def fetch(database: str, influxql: str) -> Results:
        return ask(find_store(settings), database, influxql, PATIENCE_S, "ms")

    return Asker(fetch)


def _line(series: dict[str, Any]) -> Line:
    columns = series["columns"]
    points = tuple(dict(zip(columns, row, strict=True)) for row in series.get("values", ()))
    return Line(series.get("tags", {}), points)
