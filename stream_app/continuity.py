"""Proves, by offsets alone, that a partition's batches follow each other. Pure.

Between Kafka and a fold batches can get lost (a rebalance empties queues), come twice (a seek) or come late (fetched
before a seek, handed over after it), and a log itself has gaps: the control records of transactions, compaction. A
log's content never changes, so a batch that begins where the fold stands is right, whoever fetched it. One that
begins beyond is not believed until it has come again, at the very same offset, after seeks of our own.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

_PROOFS: Final = 2


class Verdict(Enum):
    """What to do with a batch."""

    FEED = "it goes on where the fold stands, or a gap before it is proven"
    DROP = "fetched before our last seek: what is missing before it is on its way"
    SEEK = "records are missing before it: look at the log, and fetch again from where the fold stands"
    BEHIND = "all of it was read before"


class Continuity:
    """What is known of a gap in one partition; nothing, as long as batches follow each other."""

    def __init__(self) -> None:
        self._beyond: int | None = None
        """The least offset that a batch began at beyond the fold, since the last one that was fed."""
        self._seen = 0
        self._stale_until = 0

    def judge(self, pos: int, first: int, last: int, fetch: int) -> Verdict:
        """What to do with a batch of offsets `first` to `last`, brought by a fetch of that number, at `pos`."""
        if last < pos:
            return Verdict.BEHIND
        if first > pos and not self._proven(first):
            stale = self._beyond is not None and first > self._beyond and fetch <= self._stale_until
            return Verdict.DROP if stale else Verdict.SEEK
        self._beyond, self._seen = None, 0
        return Verdict.FEED

    def _proven(self, first: int) -> bool:
        """Whether the gap before `first` has shown itself after enough seeks."""
        if self._beyond is None or first < self._beyond:
            self._beyond, self._seen = first, 0
        if first > self._beyond:
            return False
        self._seen += 1
        return self._seen > _PROOFS

    def sought(self, fetches: int) -> None:
        """A seek to `pos` is done; `fetches` had been handed out by then, and one more may have been on its way."""
        self._stale_until = fetches + 1
