"""One question is asked once, however many need its answer for the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from city.errors import CityopsError, UnreachableError

Series = tuple[dict[str, Any], ...]
Ask = Callable[[str, str], Awaitable[Series]]
"""Database, InfluxQL → series; raises CityopsError."""

_Key = tuple[str, str, int]

KEPT_S: Final = 30.0
MOST: Final = 1_000
"""Answers that are kept; the oldest goes first."""


@dataclass(slots=True)
class _Asked:
    task: asyncio.Task[Series | CityopsError]
    waiting: int = 0


class Answers:
    """Answers by database, text and moment, for as long as others may ask the same.

    Args:
        ask: asks the store.
        kept_s: how long after its asking an answer is kept, unless who asks wants it for longer.
        most: how many are kept.
    """

    def __init__(self, ask: Ask, kept_s: float = KEPT_S, most: int = MOST) -> None:
        self._ask = ask
        self._kept_s = kept_s
        self._most = most
        self._asked: dict[_Key, _Asked] = {}

    def __len__(self) -> int:
        return len(self._asked)

    async def get(self, database: str, text: str, moment: int, kept_s: float = 0.0) -> Series:
        """The answer for that moment; who comes while it is under way waits for the same one.

        Args:
            database: to ask.
            text: the question.
            moment: any number; of another moment it is another question.
            kept_s: for how long others may ask the same.

        Raises:
            CityopsError: as the store says; for all who asked.
        """
        key = (database, text, moment)
        asked = self._asked.get(key) or self._begin(key, kept_s)
        asked.waiting += 1
        try:
            # One who no longer waits must not end it for the others.
            answer = await asyncio.shield(asked.task)
        finally:
            asked.waiting -= 1
            if not asked.waiting and not asked.task.done():
                asked.task.cancel()  # the last one has left: those whom it kept waiting come first
                self._asked.pop(key, None)
        if isinstance(answer, CityopsError):
            raise answer.with_traceback(None)
        return answer

    def _begin(self, key: _Key, kept_s: float) -> _Asked:
        asked = self._asked[key] = _Asked(asyncio.create_task(self._outcome(key)))
        asyncio.get_running_loop().call_later(max(kept_s, self._kept_s), self._asked.pop, key, None)
        while len(self._asked) > self._most:
            del self._asked[next(iter(self._asked))]
        return asked

    async def _outcome(self, key: _Key) -> Series | CityopsError:
        database, text, _ = key
        try:
            return await self._ask(database, text)
        except UnreachableError as error:
            self._asked.pop(key, None)  # who comes later asks again: the store may be back
            return error
        except CityopsError as error:
            return error
