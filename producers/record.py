"""Joins the partitions of a log into one file, in the order things were heard."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec

from city.instant import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from city.lines import Line

At = tuple[str, int]
_MS: Final = 1_000_000


class _Heard(msgspec.Struct):
    recordedtime: str | None = None


_decoder = msgspec.json.Decoder(_Heard)


def heard_of(line: Line) -> int:
    """When a recorded line was heard (ns): as it says itself, else as its log stamped it."""
    assert line.place is not None, "a record of a log has its place"
    said = dict(line.headers).get("ce_recordedtime", b"").decode("ascii", "replace")
    try:
        said = said or _decoder.decode(line.value).recordedtime or ""
        return nanoseconds(said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return line.place.timestamp_ms * _MS


class Merge:
    """Holds records back until nothing heard earlier can come from another partition.

    A partition's own order is kept. Ticks come to every partition each second, so that a quiet one holds the others
    back no longer than that.

    Args:
        places: every partition that is read.
    """

    def __init__(self, places: Iterable[At]) -> None:
        self._waiting: dict[At, deque[tuple[int, Line]]] = {at: deque() for at in places}
        self._latest: dict[At, int] = {}

    def add(self, line: Line) -> int:
        """Take the next record of its partition; how many of that partition wait now."""
        assert line.place is not None
        at = (line.place.topic, line.place.partition)
        heard = self._latest[at] = max(self._latest.get(at, 0), heard_of(line))
        self._waiting[at].append((heard, line))
        return len(self._waiting[at])

    def ready(self, quiet: frozenset[At] = frozenset()) -> Iterator[Line]:
        """What can be written. Partitions in `quiet` are not waited for."""
        while True:
            heads = [(waiting[0][0], at) for at, waiting in self._waiting.items() if waiting]
            if not heads or any(not waiting and at not in quiet for at, waiting in self._waiting.items()):
                return
            yield self._waiting[min(heads)[1]].popleft()[1]

    def rest(self) -> Iterator[Line]:
        """All that still waits."""
        return self.ready(frozenset(self._waiting))

    def depth(self, at: At) -> int:
        """How many records of a partition wait."""
        return len(self._waiting[at])
