"""The store as pages see it: questions asked once for everybody who looks, refreshed as they grow old."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from runtime.ask import ask
from runtime.connect import find_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.settings import Settings

LIVE: Final = "city_live"
SETTLED: Final = "city"
ROLLUP: Final = "city_rollup"

PATIENCE_S: Final = 20.0
KEPT_S: Final = 120.0
"""An answer that nobody wanted for so long is forgotten."""
AT_ONCE: Final = 4
"""Questions that the store is asked side by side."""


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


@dataclass
class CachedStore:
    """Asks in threads, and remembers: a hundred pages that want the same make one question.

    Attributes:
        fetch: bucket, InfluxQL, seconds of patience → results as InfluxDB's JSON has them; may block.
    """

    fetch: Callable[[str, str, float], list[dict[str, Any]]]
    clock: Callable[[], float] = time.monotonic
    _asked: dict[tuple[str, str], _Asked] = field(default_factory=dict, init=False)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE), init=False)

    async def ask(self, bucket: str, influxql: str, fresh_s: float) -> Answer:
        """See `Store`."""
        now, key = self.clock(), (bucket, influxql)
        known = self._asked.get(key)
        if known is None or (known.answer.done() and now > known.at + fresh_s):
            self._forget(now)
            known = self._asked[key] = _Asked(now, asyncio.create_task(self._fetch(bucket, influxql)))
        # Who leaves takes nobody else's answer along.
        return await asyncio.shield(known.answer)

    async def _fetch(self, bucket: str, influxql: str) -> Answer:
        async with self._room:
            results = await asyncio.to_thread(self.fetch, bucket, influxql, PATIENCE_S)
        return tuple(_line(one) for result in results for one in result.get("series", ()))

    def _forget(self, now: float) -> None:
        for key, known in [*self._asked.items()]:
            if known.answer.done() and now > known.at + KEPT_S:
                known.answer.exception()  # seen, so that asyncio does not report it
                del self._asked[key]


def store_of(settings: Settings) -> CachedStore:
    """The store that the settings name, looked for at each question: it may come, go, and come back elsewhere."""

    def fetch(bucket: str, influxql: str, patience_s: float) -> list[dict[str, Any]]:
        return ask(find_store(settings), bucket, influxql, patience_s)

    return CachedStore(fetch)


def _line(series: dict[str, Any]) -> Line:
    columns = series["columns"]
    points = tuple(dict(zip(columns, row, strict=True)) for row in series.get("values", ()))
    return Line(series.get("tags", {}), points)
