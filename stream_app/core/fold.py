"""One partition's fold: records in offset order become windows, and windows become points.

This is transitions 2 to 4 of the checkpoint protocol, and the only implementation of the fold that the worker has.
`city.gate` decides which records count; everything here follows from them and from the start.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from city.event import AHEAD_NS, Tick, UnusableError
from city.gate import Gate
from stream_app.core.aggregate import readers
from stream_app.core.checkpoint import NEVER, SKEW_NS, Checkpoint, fingerprint
from stream_app.core.lane import Lane
from stream_app.core.seen import Seen
from stream_app.core.tally import Tally, claimed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from city.domain import Domain
    from city.event import Event
    from city.geography import City
    from stream_app.core.aggregate import Reading
    from stream_app.core.checkpoint import Start
    from stream_app.core.lane import Cell, Window
    from stream_app.core.seen import Bucket

Said = tuple["type[Event]", str, int, "Reading"]
"""What a source said last: the event's type, its area, its time (ns), and the reading of it by the type's `Reader`.

Of the event itself nothing is kept: it would be cold when its memory is freed. No class of its own: one is made for
every event.
"""

_FOLD_AFTER: Final = 30_000
"""Readings kept unfolded at the most: bounds memory between two flushes of a fast partition."""


class Record(Protocol):
    """What the fold needs of a Kafka record; `timestamp` in ms. aiokafka's records are such."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int


class SideRecord(NamedTuple):
    """A record that no window took: `kind` is `rejected` or `late`, `why` its reason or its series."""

    kind: str
    why: str
    detail: str
    record: Record


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A partition at a batch boundary. After all of it is durable, `checkpoint` is a true statement.

    Attributes:
        settled: lines for the bucket of settled windows; written nowhere else, never with another value.
        live: lines for the bucket of all windows: the settled ones, and the open ones that changed.
        side: what goes to `city.late` and `city.rejected`.
        checkpoint: None while the fold re-reads what an earlier owner has decided.
    """

    settled: tuple[str, ...]
    live: tuple[str, ...]
    side: tuple[SideRecord, ...]
    checkpoint: Checkpoint | None
    changed: tuple[tuple[Lane, list[Cell]], ...] = field(repr=False)


class PartitionFold:
    """The state of one partition of a domain's topic, always begun with nothing but a `Start`.

    Args:
        domain: whose topic it is.
        city: whose areas its events may name.
        partition: its number.
        start: where and with what knowledge it begins.
    """

    def __init__(self, domain: Domain, city: City, partition: int, start: Start) -> None:
        self._gate = Gate(domain.events, city.zone_of, (partition, start.partitions))
        self.partitions = start.partitions
        reader_of = readers(domain)
        self._lanes = [
            Lane(series, city, reader_of[series.event].paths, start.barriers.get(fingerprint(series), NEVER))
            for series in domain.series
        ]
        lanes_of = {kind: [lane for lane in self._lanes if lane.series.event is kind] for kind in domain.events}
        self._seen = Seen(lanes_of, reader_of)
        self.pos = start.pos
        self.clock = start.clock
        self.resume = start.resume
        self.head = start.head
        self.barrier = start.barrier
        self.barrier_unknown = start.barrier_unknown
        self._next_close = 0
        self._unfolded = 0
        self._final: list[str] = []
        self._side: list[SideRecord] = []
        self.latest: dict[str, Said] = {}
        self.counts: Counter[str] = Counter(truncated=start.truncated)
        self.tally = Tally()

    # -------------------------------------------------------------------------------------------- transition 2

    def feed(self, records: Sequence[Record]) -> None:  # noqa: C901, PLR0912 - a call for each event would tell
        """Fold a batch, record by record: how batches are cut decides nothing."""
        admit, buckets, width = self._gate.admit, self._seen.buckets, self._seen.width
        clock, resume, latest = self.clock, self.resume, self.latest
        counted = 0
        for record in records:
            try:
                event, time, heard = admit(record.value, record.key, record.headers, record.timestamp * 1_000_000)
            except UnusableError as error:
                self._reject(record, error)
                continue
            if heard > clock:
                self.clock = clock = heard
                if heard >= self._next_close:
                    self._close()
            if self.barrier_unknown:
                self._learn_barrier()
            kind = type(event)
            if kind is Tick:
                if event.begin:
                    self._raise_barrier(heard)
                continue
            # Into the open windows of its time, unless it was there before; late for the closed ones.
            bucket = buckets[kind].get(time // width) or self._bucket(kind, time)
            windows = bucket.windows if clock < bucket.closes else self._still_open(bucket)
            identity = hash((event.area, event.source, event.id, time))
            known = identity in bucket.ids
            reading = bucket.read(event.data)
            if windows and not known:
                bucket.ids.add(identity)
                for window in windows:
                    group = window.group(event)
                    cell = window.cells.get(group) or window.lane.open(window, group, record.offset, self.barrier)
                    if cell is not None:
                        if not (pending := cell.pending):
                            window.lane.touched.append(cell)
                        pending.append(reading)
            if record.offset >= resume:
                counted += 1
                latest[event.source] = (kind, event.area, time, reading)
                if known and windows:
                    self.counts["duplicate"] += 1
                    self.tally.add("duplicate", event.source)
                if windows is not bucket.windows:
                    self._late(record, event.source, bucket, windows)
        self.counts["in"] += counted
        if records:
            self.pos = records[-1].offset + 1
            self._unfolded += len(records)
            if self._unfolded > _FOLD_AFTER:
                self._fold_all()

    def _late(self, record: Record, source: str, bucket: Bucket, windows: Sequence[Window]) -> None:
        """Some windows of its time have closed before it was heard."""
        late = (window.lane.series.name for window in bucket.windows if window not in windows)
        self.counts["late"] += 1
        self.tally.add("late", source)
        self._side.append(SideRecord("late", ",".join(late), "", record))

    def _still_open(self, bucket: Bucket) -> Sequence[Window]:
        return [window for window in bucket.windows if self.clock < window.closes]

    def _bucket(self, kind: type[Event], time: int) -> Bucket:
        """A new bucket, and with it the windows that it is the first to meet."""
        bucket = self._seen.make(kind, time, self.clock)
        self._next_close = min([self._next_close, *(window.closes for window in bucket.windows)])
        return bucket

    def _reject(self, record: Record, error: UnusableError) -> None:
        if record.offset >= self.resume:
            self.counts[f"rejected:{error.reason}"] += 1
            self.tally.add("rejected", claimed(record))
            self._side.append(SideRecord("rejected", error.reason, error.detail, record))

    def _close(self) -> None:
        """The clock has reached the end of a window and its lateness."""
        for lane in self._lanes:
            self._final.extend(lane.close(self.clock))
        self._seen.forget(self.clock)
        ends = [window.closes for lane in self._lanes for window in lane.windows.values()]
        # Without an open window the next look is due a span later: barriers and identities are dropped then.
        self._next_close = min(ends, default=self.clock + min(lane.span for lane in self._lanes))

    def _learn_barrier(self) -> None:
        self.barrier_unknown = False
        self._raise_barrier(self.clock + AHEAD_NS + SKEW_NS)

    def _raise_barrier(self, until: int) -> None:
        if until > self.barrier:
            self.barrier = until
            for lane in self._lanes:
                lane.drop_until(until)

    def _fold_all(self) -> None:
        self._unfolded = 0
        for lane in self._lanes:
            lane.fold()

    # -------------------------------------------------------------------------------------------- transition 3

    def snapshot(self) -> Snapshot:
        """What is to be made durable now. One at a time: give it to `acknowledged` or to `failed` first."""
        changed: list[tuple[Lane, list[Cell]]] = []
        live = list(self._final)
        if self.pos >= self.head:
            self._fold_all()
            changed = [(lane, lane.take_changed()) for lane in self._lanes]
            live += [lane.line(cell, final=False) for lane, cells in changed for cell in cells]
        return Snapshot(tuple(self._final), tuple(live), tuple(self._side), self._checkpoint(), tuple(changed))

    def acknowledged(self, snapshot: Snapshot) -> None:
        """All of the snapshot is durable."""
        del self._final[: len(snapshot.settled)]
        del self._side[: len(snapshot.side)]

    def failed(self, snapshot: Snapshot) -> None:
        """Something of it may not be durable: all of it will be sent again."""
        for lane, cells in snapshot.changed:
            lane.give_back(cells)

    # -------------------------------------------------------------------------------------------- transition 4

    def _checkpoint(self) -> Checkpoint | None:
        if self.pos < self.resume or self.barrier_unknown:
            return None
        firsts = (window.first for lane in self._lanes for window in lane.windows.values() if window.cells)
        return Checkpoint(
            offset=min(firsts, default=self.pos),
            pos=self.pos,
            clock=self.clock,
            barrier=self.barrier,
            partitions=self.partitions,
            prints={lane.mark: lane.barrier for lane in self._lanes},
        )

    # ------------------------------------------------------------------------------------------------- bounds

    @property
    def open_windows(self) -> int:
        """Open windows, each group counted."""
        return sum(len(window.cells) for lane in self._lanes for window in lane.windows.values())

    @property
    def damaged(self) -> int:
        """Windows that could not be complete, and so were never written."""
        return sum(lane.windows_lost for lane in self._lanes)

    @property
    def pending_points(self) -> int:
        """Closed windows that are not durable yet."""
        return len(self._final)

    @property
    def pending_side(self) -> int:
        """Late and rejected records that are not set aside yet."""
        return len(self._side)

    @property
    def remembered_ids(self) -> int:
        """Identities held against duplicates."""
        return len(self._seen)
