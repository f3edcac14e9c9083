"""What many watch is made once: refreshed in the background while somebody watches, forgotten when nobody does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Final, Generic, TypeVar

from city.errors import CityopsError
from console.faults import Fault, fault_of

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

AGAIN_S: Final = 5.0
"""When something that failed is tried again at the latest."""

OLD_S: Final = 60.0
"""From when on something that is made only once is made anew for who comes."""

MOST: Final = 2_000
"""Things that are watched at the same time."""

_log = logging.getLogger("console.boards")


@dataclass(frozen=True, slots=True)
class State(Generic[Value]):
    """What is known of a thing.

    Attributes:
        value: the last good one; None where there was none yet.
        at_ms: the moment it is of.
        fault: why there is no newer one.
    """

    value: Value | None = None
    at_ms: int = 0
    fault: Fault = ""


Tell = Callable[[State[Value]], None]


@dataclass(slots=True)
class _Watched(Generic[Value]):
    state: State[Value] = field(default_factory=State)
    watchers: dict[object, Tell[Value]] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None


class Shared(Generic[Key, Value]):
    """Things by key.

    Args:
        make: makes the thing for a moment (milliseconds since 1970); raises CityopsError.
        every_ms: how often a thing is made anew; 0: once, and again only after it failed.
        clock_s: seconds since 1970.
        most: things that are watched at the same time; one more is refused.
    """

    def __init__(
        self,
        make: Callable[[Key, int], Awaitable[Value]],
        every_ms: Callable[[Key], int],
        clock_s: Callable[[], float],
        most: int = MOST,
    ) -> None:
        self._make = make
        self._every_ms = every_ms
        self._clock_s = clock_s
        self._most = most
        self._watched: dict[Key, _Watched[Value]] = {}

    def __len__(self) -> int:
        return len(self._watched)

    def watch(self, key: Key, tell: Tell[Value]) -> Callable[[], None]:
        """Be told of a thing now, if it is known, and whenever it changes; returns what ends that.

        Raises:
            CityopsError: too much is watched already.
        """
        watched = self._watched.get(key)
        if watched is None:
            if len(self._watched) >= self._most:
                raise CityopsError(f"more than {self._most} pictures are watched at the same time: close some")
            watched = self._watched[key] = _Watched()
        if watched.task is None or (watched.task.done() and self._is_old(watched.state)):
            watched.task = asyncio.create_task(self._refresh(key, watched))
        mark = object()
        watched.watchers[mark] = tell
        if watched.state.value is not None or watched.state.fault:
            _told(tell, watched.state)
        return lambda: self._leave(key, watched, mark)

    def _is_old(self, state: State[Value]) -> bool:
        """Whether who comes now would see what was made once, long ago."""
        return self._clock_s() - state.at_ms / 1_000 > OLD_S

    def _leave(self, key: Key, watched: _Watched[Value], mark: object) -> None:
        watched.watchers.pop(mark, None)
        if not watched.watchers and self._watched.get(key) is watched:
            del self._watched[key]
            if watched.task is not None:
                watched.task.cancel()

    async def _refresh(self, key: Key, watched: _Watched[Value]) -> None:
        """Make it at every whole period, for ever; a failure keeps the last good value."""
        every_ms = self._every_ms(key)
        while True:
            now_ms = int(self._clock_s() * 1_000)
            moment = now_ms - now_ms % every_ms if every_ms else now_ms
            try:
                state = State(await self._make(key, moment), moment)
            except Exception as error:  # noqa: BLE001 - a fault of ours in one picture must not end its refreshing; the log has it
                state = replace(watched.state, fault=fault_of(error))
                if state.fault == "failed":
                    _log.exception("a picture could not be made: %r", key)
            if state != watched.state:
                watched.state = state
                for tell in tuple(watched.watchers.values()):
                    _told(tell, state)
            if not state.fault and not every_ms:
                return
            await asyncio.sleep(self._pause_s(every_ms, failed=bool(state.fault)))

    def _pause_s(self, every_ms: int, *, failed: bool) -> float:
        """Until the next whole period; sooner after a failure."""
        until_next = (every_ms - self._clock_s() * 1_000 % every_ms) / 1_000 if every_ms else AGAIN_S
        return min(until_next, AGAIN_S) if failed else until_next


def _told(tell: Tell[Value], state: State[Value]) -> None:
    """Tell one; a page that is gone must not keep the others from hearing."""
    try:
        tell(state)
    except Exception:  # noqa: BLE001 - whatever a page does, the others must hear; the log has it
        _log.exception("a page could not be told")
