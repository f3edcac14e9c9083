"""One partition's fold: records in offset order become windows, and windows become points.

This is transitions 2 to 4 of the checkpoint protocol, and the only implementation of the fold that the worker has.
`city.gate` decides which records count; everything here follows from them and from the start.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from city.event import AHEAD_NS, Event, Tick, UnusableError
from city.gate import Gate
from city.instant import NS
from stream_app.core.aggregate import Aggregate, Parts
from stream_app.core.checkpoint import NEVER, SKEW_NS, Checkpoint, fingerprint
from stream_app.core.lineprotocol import point, tag_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from city.domain import Domain, Series
    from city.geography import City
    from stream_app.core.checkpoint import Start

_FOLD_AFTER: Final = 50_000
"""Observations kept unfolded at the most: bounds memory between two flushes of a fast partition."""


class Record(Protocol):
    """What the fold needs of a Kafka record; `timestamp` in ms. aiokafka's `ConsumerRecord` is one."""

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
    changed: tuple[_Cell, ...] = field(repr=False)


class _Cell:
    """An open window of one group: its first record, what was folded, and what is still to fold."""

    __slots__ = ("changed", "first", "parts", "pending", "prefix")

    def __init__(self, first: int, prefix: str) -> None:
        self.first = first
        self.prefix = prefix
        self.parts: Parts | None = None
        self.pending: list[Any] = []
        self.changed = False


class _Lane:
    """One series in one partition: its open windows, `panes[start][group]`."""

    def __init__(self, series: Series, city: City, barrier: int) -> None:
        self.series = series
        self.event = series.event
        self.mark = fingerprint(series)
        self.window = series.window_s * NS
        self.span = self.window + series.lateness_s * NS
        self.barrier = barrier
        self.group = attrgetter("area", *(tag.path for tag in series.tags)) if series.tags else _area_alone
        self.panes: dict[int, dict[tuple[str | None, ...], _Cell]] = {}
        self.damaged: set[tuple[int, tuple[str | None, ...]]] = set()
        self.windows_lost = 0
        self._aggregate = Aggregate(series)
        self._zone_of = city.zone_of

    def open(self, start: int, group: tuple[str | None, ...], offset: int, barrier: int) -> _Cell | None:
        """A new cell, or None where the window may be incomplete."""
        if start <= barrier or start <= self.barrier:
            if (start, group) not in self.damaged:
                self.damaged.add((start, group))
                self.windows_lost += 1
            return None
        cell = _Cell(offset, tag_prefix(self.series, self._zone_of, group))
        self.panes.setdefault(start, {})[group] = cell
        return cell

    def fold(self, cell: _Cell) -> None:
        """Fold what is pending into the cell's parts."""
        if cell.pending:
            parts = self._aggregate.of(cell.pending)
            cell.parts = parts if cell.parts is None else self._aggregate.merge(cell.parts, parts)
            cell.pending = []
            cell.changed = True

    def line(self, start: int, cell: _Cell, *, final: bool) -> str:
        """The cell as a line; it has been folded and is not empty."""
        assert cell.parts is not None
        return point(cell.prefix, self._aggregate.fields(cell.parts), start, final=final)

    def cells(self) -> Iterator[tuple[int, _Cell]]:
        """Every open cell and the start of its window."""
        for start, pane in self.panes.items():
            for cell in pane.values():
                yield start, cell

    def close(self, clock: int) -> Iterator[str]:
        """Close every window with `end + lateness ≤ clock`, the oldest first; yields their final lines."""
        for start in sorted(start for start in self.panes if start + self.span <= clock):
            for cell in self.panes.pop(start).values():
                self.fold(cell)
                yield self.line(start, cell, final=True)
        if self.barrier != NEVER and self.barrier + self.span <= clock:
            self.barrier = NEVER
        if self.damaged:
            self.damaged = {key for key in self.damaged if key[0] + self.span > clock}

    def drop_until(self, barrier: int) -> None:
        """Forget the open windows that a barrier has reached."""
        for start in [start for start in self.panes if start <= barrier]:
            groups = self.panes.pop(start)
            self.windows_lost += len(groups)
            self.damaged.update((start, group) for group in groups)


def _area_alone(event: Event) -> tuple[str | None, ...]:
    return (event.area,)


class _Seen:
    """Which events were counted: `(source, id, time)` as a 64-bit hash, in buckets of event time.

    One set serves all series, for an identity holds its time. A bucket goes when no window of its times is open.
    The area is hashed with it, or the number of partitions would decide what a copy is; so is the type, whose windows
    alone bring the first copy back when they are read again.
    """

    def __init__(self, lanes: Sequence[_Lane]) -> None:
        self.width = max(lane.window for lane in lanes)
        self._keep = self.width + max(lane.span for lane in lanes)
        self._buckets: dict[int, set[int]] = {}

    def bucket(self, time: int) -> set[int]:
        """The bucket of a time."""
        start = time - time % self.width
        found = self._buckets.get(start)
        if found is None:
            found = self._buckets[start] = set()
        return found

    def forget(self, clock: int) -> None:
        """Drop the buckets whose windows have all closed."""
        for start in [start for start in self._buckets if start + self._keep <= clock]:
            del self._buckets[start]

    def __len__(self) -> int:
        return sum(map(len, self._buckets.values()))


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
        self._lanes = [_Lane(series, city, start.barriers.get(fingerprint(series), NEVER)) for series in domain.series]
        self._lanes_of = {kind: [lane for lane in self._lanes if lane.event is kind] for kind in domain.events}
        self.pos = start.pos
        self.clock = start.clock
        self.resume = start.resume
        self.head = start.head
        self.barrier = start.barrier
        self.barrier_unknown = start.barrier_unknown
        self._next_close = 0
        self._seen = _Seen(self._lanes)
        self._unfolded = 0
        self._final: list[str] = []
        self._side: list[SideRecord] = []
        self.latest: dict[str, Event] = {}
        self.counts: Counter[str] = Counter(truncated=start.truncated)

    # -------------------------------------------------------------------------------------------- transition 2

    def feed(self, records: Sequence[Record]) -> None:
        """Fold a batch, record by record: how batches are cut decides nothing."""
        admit = self._gate.admit
        for record in records:
            try:
                event, time, heard = admit(record.value, record.key, record.headers, record.timestamp * 1_000_000)
            except UnusableError as error:
                self._reject(record, error)
                continue
            if heard > self.clock:
                self.clock = heard
                if heard >= self._next_close:
                    self._close()
            if self.barrier_unknown:
                self._learn_barrier()
            if type(event) is not Tick:
                self._count(event, time, record)
            elif event.begin:
                self._raise_barrier(heard)
        if records:
            self.pos = records[-1].offset + 1
            self._unfolded += len(records)
            if self._unfolded > _FOLD_AFTER:
                self._fold_all()

    def _count(self, event: Event, time: int, record: Record) -> None:
        """An event: into the open windows of its time, unless it was there before; late for the closed ones."""
        bucket = self._seen.bucket(time)
        identity = hash((type(event), event.area, event.source, event.id, time))
        known = identity in bucket
        late = []
        for lane in self._lanes_of[type(event)]:
            start = time - time % lane.window
            if start + lane.span <= self.clock:
                late.append(lane.series.name)
            elif not known:
                self._add(lane, start, event, record.offset)
        lanes = len(self._lanes_of[type(event)])
        if len(late) < lanes:
            bucket.add(identity)
        if record.offset < self.resume:
            return
        self.counts["in"] += 1
        self.latest[event.source] = event
        if known and len(late) < lanes:
            self.counts["duplicate"] += 1
        if late:
            self.counts["late"] += 1
            self._side.append(SideRecord("late", ",".join(late), "", record))

    def _add(self, lane: _Lane, start: int, event: Event, offset: int) -> None:
        group = lane.group(event)
        pane = lane.panes.get(start)
        cell = pane.get(group) if pane else None
        if cell is None:
            cell = lane.open(start, group, offset, self.barrier)
            if cell is None:
                return
            self._next_close = min(self._next_close, start + lane.span)
        cell.pending.append(event.data)

    def _reject(self, record: Record, error: UnusableError) -> None:
        if record.offset >= self.resume:
            self.counts[f"rejected:{error.reason}"] += 1
            self._side.append(SideRecord("rejected", error.reason, error.detail, record))

    def _close(self) -> None:
        """The clock has reached the end of a window and its lateness."""
        for lane in self._lanes:
            self._final.extend(lane.close(self.clock))
        self._seen.forget(self.clock)
        ends = (start + lane.span for lane in self._lanes for start in lane.panes)
        # Without an open window the next look is due a window later: barriers and identities are dropped then.
        self._next_close = min(ends, default=self.clock + self._seen.width)

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
            for _, cell in lane.cells():
                lane.fold(cell)

    # -------------------------------------------------------------------------------------------- transition 3

    def snapshot(self) -> Snapshot:
        """What is to be made durable now. One at a time: give it to `acknowledged` or to `failed` first."""
        self._fold_all()
        changed: list[_Cell] = []
        live = list(self._final)
        if self.pos >= self.head:
            for lane in self._lanes:
                for start, cell in lane.cells():
                    if cell.changed:
                        cell.changed = False
                        changed.append(cell)
                        live.append(lane.line(start, cell, final=False))
        return Snapshot(tuple(self._final), tuple(live), tuple(self._side), self._checkpoint(), tuple(changed))

    def acknowledged(self, snapshot: Snapshot) -> None:
        """All of the snapshot is durable."""
        del self._final[: len(snapshot.settled)]
        del self._side[: len(snapshot.side)]

    def failed(self, snapshot: Snapshot) -> None:
        """Something of it may not be durable: all of it will be sent again."""
        for cell in snapshot.changed:
            cell.changed = True

    # -------------------------------------------------------------------------------------------- transition 4

    def _checkpoint(self) -> Checkpoint | None:
        if self.pos < self.resume or self.barrier_unknown:
            return None
        firsts = (cell.first for lane in self._lanes for _, cell in lane.cells())
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
        return sum(len(pane) for lane in self._lanes for pane in lane.panes.values())

    @property
    def damaged(self) -> int:
        """Windows that could not be complete, and so were never written."""
        return sum(lane.windows_lost for lane in self._lanes)

    @property
    def pending_points(self) -> int:
        """Closed windows that are not durable yet."""
        return len(self._final)

    @property
    def remembered_ids(self) -> int:
        """Identities held against duplicates."""
        return len(self._seen)
