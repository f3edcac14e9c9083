"""The store as pages see it: questions asked once for everybody who looks, refreshed as they grow old."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from console.boards.asking import Asker
from runtime.ask import ask
from runtime.connect import find_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from console.boards.asking import Results
    from runtime.settings import Settings

LIVE: Final = "city_live"
ROLLUP: Final = "city_rollup"

PATIENCE_S: Final = 15.0
"""How long the store may take for one question."""
KEPT_S: Final = 120.0
"""An answer that nobody wanted for so long is forgotten."""


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


@dataclass
class _Asked:
    at: float
    answer: asyncio.Task[Answer]

    def old(self, limit: float) -> bool:
        """Whether it was asked before then. A failure is old at once: it may be over, and `Asker` spares the store."""
        return self.answer.done() and (self.at < limit or self.answer.exception() is not None)


@dataclass
class CachedStore:
    """Remembers what was asked: a hundred pages that want the same make one question.

    Attributes:
        asker: bucket, InfluxQL → the series of the answer.
    """

    asker: Callable[[str, str], Awaitable[tuple[dict[str, Any], ...]]]
    clock: Callable[[], float] = time.monotonic
    _asked: dict[tuple[str, str], _Asked] = field(default_factory=dict, init=False)

    async def ask(self, bucket: str, influxql: str, fresh_s: float) -> Answer:
        """See `Store`."""
        now, key = self.clock(), (bucket, influxql)
        known = self._asked.get(key)
        if known is None or known.old(now - fresh_s):
            self._forget(now)
            known = self._asked[key] = _Asked(now, asyncio.create_task(self._fetch(bucket, influxql)))
        # Who leaves takes nobody else's answer along.
        return await asyncio.shield(known.answer)

    async def _fetch(self, bucket: str, influxql: str) -> Answer:
        return tuple(map(_line, await self.asker(bucket, influxql)))

    def _forget(self, now: float) -> None:
        for key, known in [*self._asked.items()]:
            if known.answer.done() and now > known.at + KEPT_S:
                known.answer.exception()  # seen, so that asyncio does not report it
                del self._asked[key]


def asker_of(settings: Settings) -> Asker:
    """Asks the store that the settings name, looked for at each question: it may come, go, and come back elsewhere."""

    def fetch(database: str, influxql: str) -> Results:
        return ask(find_store(settings), database, influxql, PATIENCE_S, "ms")

    return Asker(fetch)


def _line(series: dict[str, Any]) -> Line:
    columns = series["columns"]
    points = tuple(dict(zip(columns, row, strict=True)) for row in series.get("values", ()))
    return Line(series.get("tags", {}), points)
