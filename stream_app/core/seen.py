"""What was seen of the recent past, so that an event finds in one step all that it concerns."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from city.event import Event
    from stream_app.core.aggregate import Reader, Reading
    from stream_app.core.lane import Lane, Window


class Bucket:
    """The events of one type, of a stretch of time that no window cuts.

    Attributes:
        ids: `(area, source, id, time)` of those that were counted, each as a 64-bit hash. One set serves all series,
            for an identity holds its time. The area belongs to it, or the number of partitions would decide what a
            copy is; so does the type, whose windows alone bring the first copy back when they are read again.
        read: takes the reading out of an observation.
        windows: those of every series of the type that hold this stretch.
    """

    __slots__ = ("ids", "read", "windows")

    def __init__(self, read: Callable[[object], Reading], windows: Sequence[Window]) -> None:
        self.ids: set[int] = set()
        self.read = read
        self.windows = windows


class Seen:
    """The buckets of one partition. One goes when no window over it is open."""

    def __init__(self, lanes: Mapping[type[Event], Sequence[Lane]], readers: Mapping[type[Event], Reader]) -> None:
        self._lanes = lanes
        self._readers = readers
        every = [lane for some in lanes.values() for lane in some]
        self._width = gcd(*(lane.window for lane in every))
        self._keep = max(lane.span for lane in every)
        self._buckets: dict[tuple[type[Event], int], Bucket] = {}

    def find(self, kind: type[Event], time: int) -> Bucket | None:
        """The bucket of a type and time, if there is one."""
        return self._buckets.get((kind, time // self._width))

    def make(self, kind: type[Event], time: int, clock: int) -> Bucket:
        """A new bucket; remembered unless all its windows have closed."""
        windows = [lane.window_of(time, clock) for lane in self._lanes[kind]]
        bucket = Bucket(self._readers[kind].read, windows)
        if any(clock < window.closes for window in windows):
            self._buckets[kind, time // self._width] = bucket
        return bucket

    def forget(self, clock: int) -> None:
        """Drop the buckets whose windows have all closed."""
        for key in [key for key in self._buckets if key[1] * self._width + self._keep <= clock]:
            del self._buckets[key]

    def __len__(self) -> int:
        return sum(len(bucket.ids) for bucket in self._buckets.values())
