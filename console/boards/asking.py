"""Asks the store from an event loop, a few questions at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from runtime.ask import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.connect import Store

AT_ONCE: Final = 4
"""Questions under way together: the store answers from as many threads as the machine has cores."""

PATIENCE_S: Final = 20.0


class Asker:
    """Asks a store.

    Args:
        find: where the store is; asked each time, so that a store which came back elsewhere is found.
        at_once: questions under way together; others wait.
    """

    def __init__(self, find: Callable[[], Store], at_once: int = AT_ONCE) -> None:
        self._find = find
        self._room = asyncio.Semaphore(at_once)
        self.asked = 0

    async def __call__(self, database: str, influxql: str) -> tuple[dict[str, Any], ...]:
        """The series of the one statement's answer, times in milliseconds since 1970.

        Raises:
            CityopsError: the store does not answer, or refuses the question.
        """
        async with self._room:
            self.asked += 1
            return await asyncio.to_thread(self._series, database, influxql)

    def _series(self, database: str, influxql: str) -> tuple[dict[str, Any], ...]:
        results = ask(self._find(), database, influxql, PATIENCE_S, "ms")
        return tuple(series for result in results for series in result.get("series", ()))
