"""Asks the store from an event loop, a few questions at a time. A store that is away is not asked again by all."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from city.errors import CityopsError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger("console")

Results = list[dict[str, Any]]
"""One result a statement, as InfluxDB's JSON has it, times in milliseconds since 1970."""

AT_ONCE: Final = 4
"""Questions under way together: the store answers from as many threads as the machine has cores."""

SPARED_S: Final = 2.0
"""How long a store that did not answer is spared: those who wait behind the one who found out need not wait as long."""


class Asker:
    """Asks a store.

    Args:
        fetch: database, InfluxQL → its results; may block; raises CityopsError.
        at_once: questions under way together; others wait.
    """

    def __init__(self, fetch: Callable[[str, str], Results], at_once: int = AT_ONCE) -> None:
        self._fetch = fetch
        self._room = asyncio.Semaphore(at_once)
        self._answered = 0.0
        self._away = ""
        self._away_until = 0.0
        self._logged = ""

    def _log(self, error: CityopsError) -> None:
        """Once, however many ask: pages say what it means."""
        if str(error) != self._logged:
            self._logged = str(error)
            _log.warning("%s", error)

    async def __call__(self, database: str, influxql: str) -> tuple[dict[str, Any], ...]:
        """The series of the one statement's answer.

        Raises:
            CityopsError: the store does not answer, or refuses the question.
        """
        clock = asyncio.get_running_loop().time
        async with self._room:
            began = clock()
            if began < self._away_until:
                raise UnreachableError(self._away)
            try:
                results = await asyncio.to_thread(self._fetch, database, influxql)
            except UnreachableError as error:
                # Where others were answered meanwhile, it was the question that took too long.
                if self._answered < began:
                    self._away, self._away_until = str(error), clock() + SPARED_S
                self._log(error)
                raise
            except CityopsError as error:
                self._log(error)
                raise
            self._answered, self._logged = clock(), ""
        return tuple(series for result in results for series in result.get("series", ()))
