"""Never more in the embedded broker than it keeps: what the workers have not committed must still be there.

It keeps five megabytes a partition and gives up the oldest. So a replay looks at each partition's log end and
the group's committed offset, and waits. Lag would not do: a worker re-reads from what it has committed.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Final, Protocol

from city.errors import CityopsError
from producers.client import BATCH_BYTES, LINGER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

At = tuple[str, int]

KEPT_BYTES: Final = 3_500_000
"""How much a partition may hold that is not committed, of the 5 MiB it keeps: sizes are estimates."""

_LOOK_BYTES: Final = 512 * 1024
_LOOK_S: Final = 1.0
_WAIT_S: Final = 0.2
_HOPELESS_S: Final = 90.0
_LARGE: Final = 16 * 1024
_UNKNOWN_BYTES: Final = 300  # a record somebody else wrote, taken as not compressed
# Events of 295 bytes, gzip, batches of 1, 2, 10 and 50: stored bytes are raw bytes divided by 0.89, 1.5, 4.4 and
# 8.4 (measured). Batch size in bytes → what to divide by, rounded to the safe side.
_DENSITY: Final = ((15_000, 6.0), (3_000, 4.0), (600, 1.5), (0, 0.85))


class Offsets(Protocol):
    """A log, as far as its offsets go."""

    def bounds(self) -> Mapping[At, tuple[int, int]]:
        """Partition → first offset kept, next offset."""
        ...

    def committed(self) -> Mapping[At, int]:
        """Partition → committed offset; -1 for none."""
        ...


def stored_bytes(raw: int, seconds: float) -> float:
    """What `raw` bytes of small records weigh in the log, sent evenly over so many seconds."""
    batch = min(BATCH_BYTES, raw * LINGER_S / max(seconds, LINGER_S))
    return raw / next(density for least, density in _DENSITY if batch >= least)


class Room:
    """Waits until a partition has room: call it before each record.

    Args:
        offsets: the log, asked about the group of the workers.
        flush: sends what is buffered and waits for it, so that log ends tell the truth.
        stopped: waits for so many seconds; whether to stop waiting.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        offsets: Offsets,
        flush: Callable[[], object],
        stopped: Callable[[float], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._offsets = offsets
        self._flush = flush
        self._stopped = stopped
        self._clock = clock
        self._looked = clock()
        self._new: defaultdict[At, float] = defaultdict(float)  # small records since the last look
        self._large: defaultdict[At, float] = defaultdict(float)
        self._since = 0
        self._held: dict[At, deque[tuple[int, float]]] = {}  # (log end, stored bytes up to there)
        committed = offsets.committed()
        for at, (low, high) in offsets.bounds().items():
            self._held[at] = deque([(high, float((high - max(low, committed[at])) * _UNKNOWN_BYTES))])

    def __call__(self, at: At, size: int) -> None:
        """Take `size` bytes more for a partition, and wait while it is full.

        Raises:
            CityopsError: nothing has been committed for long.
        """
        (self._large if size > _LARGE else self._new)[at] += size
        self._since += size
        if self._since >= _LOOK_BYTES or self._clock() >= self._looked + _LOOK_S:
            self._look()

    def _look(self) -> None:
        self._flush()
        now = self._clock()
        for at, (_, high) in self._offsets.bounds().items():
            took = stored_bytes(int(self._new[at]), now - self._looked) + self._large[at]
            if took:
                self._held[at].append((high, took))
        self._new.clear()
        self._large.clear()
        self._since, self._looked = 0, now
        self._wait()

    def _wait(self) -> None:
        since, least = self._clock(), float("inf")
        while (held := self._let_go()) > KEPT_BYTES:
            now = self._clock()
            if held < least:
                since, least = now, held
            if now - since > _HOPELESS_S:
                raise CityopsError(
                    f"nobody has committed anything for {_HOPELESS_S:.0f} s, and the embedded broker can hold no more: "
                    "no worker runs, or more events fall into one window than it can keep. A Kafka can: --broker"
                )
            if self._stopped(_WAIT_S):
                return
            self._looked = now

    def _let_go(self) -> float:
        """Forget what is committed; what the fullest partition holds, in bytes."""
        committed = self._offsets.committed()
        for at, held in self._held.items():
            while held and held[0][0] <= committed[at]:
                held.popleft()
        return max(sum(took for _, took in held) for held in self._held.values())
