"""What was seen of the recent past, so that an event finds in one step all that it concerns."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from city.event import Event
    from stream_app.core.aggregate import Reader, Reading
    from stream_app.core.lane import Lane, Window

_FOR_EVER: Final = 2**63


class Bucket:
    """The events of one type, of a stretch of time that no window cuts.

    Attributes:
        ids: `(area, source, id, time)` of those that were counted, each as a 64-bit hash. One set serves all series,
            for an identity holds its time. The area belongs to it, or the number of partitions would decide what a
            copy is; so does the type, whose windows alone bring the first copy back when they are read again.
        read: takes the reading out of an observation.
        windows: those of every series of the type that hold this stretch.
        closes: until then all of them are open; without any, for ever.
    """

    __slots__ = ("closes", "ids", "read", "windows")

    def __init__(self, read: Callable[[object], Reading], windows: Sequence[Window]) -> None:
        self.ids: set[int] = set()
        self.read = read
        self.windows = windows
        self.closes = min((window.closes for window in windows), default=_FOR_EVER)


class Seen:
    """The buckets of one partition. One goes when no window over it is open.

    Attributes:
        width: of every bucket (ns).
        buckets: event type → number of the stretch (`time // width`) → bucket.
    """

    def __init__(self, lanes: Mapping[type[Event], Sequence[Lane]], readers: Mapping[type[Event], Reader]) -> None:
        self._lanes = lanes
        self._readers = readers
        every = [lane for some in lanes.values() for lane in some]
        self.width = gcd(*(lane.window for lane in every))
        self._keep = max(lane.span for lane in every)
        self.buckets: dict[type[Event], dict[int, Bucket]] = {kind: {} for kind in lanes}

    def make(self, kind: type[Event], time: int, clock: int) -> Bucket:
        """A new bucket; remembered unless all its windows have closed."""
        windows = [lane.window_of(time, clock) for lane in self._lanes[kind]]
        bucket = Bucket(self._readers[kind].read, windows)
        if any(clock < window.closes for window in windows):
            self.buckets[kind][time // self.width] = bucket
        return bucket

    def forget(self, clock: int) -> None:
        """Drop the buckets whose windows have all closed."""
        for buckets in self.buckets.values():
            for number in [number for number in buckets if number * self.width + self._keep <= clock]:
                del buckets[number]

    def __len__(self) -> int:
        return sum(len(bucket.ids) for buckets in self.buckets.values() for bucket in buckets.values())
