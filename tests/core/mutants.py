"""Workers that lack one rule of the protocol each: their `begin`, fold or flush is the real one, but for that rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from city.event import Tick, UnusableError
from stream_app.core import Checkpoint, PartitionFold, Snapshot, Start
from stream_app.core.checkpoint import NEVER, parse
from tests.core.domain import CITY, PARTITION
from tests.core.owner import Owner, open_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from city.event import Event
    from stream_app.core.fold import Record
    from stream_app.core.lane import Window
    from stream_app.core.seen import Bucket

# ------------------------------------------------------------------------------------------ rules of the start


class NoClockInMetadata(Owner):
    def begin(self) -> Start:
        return replace(super().begin(), clock=NEVER)


class NoResume(Owner):
    def begin(self) -> Start:
        start = super().begin()
        return replace(start, resume=start.pos)


class NoBarrier(Owner):
    def begin(self) -> Start:
        return replace(super().begin(), barrier=NEVER, barrier_unknown=False)


class BarrierOnlyFromMetadata(Owner):
    """The log start between the offset and the position raises none."""

    def begin(self) -> Start:
        start, known = super().begin(), self.world.committed and parse(*self.world.committed)
        return replace(start, barrier=known.barrier if known else start.barrier)


class UnknownBarrierIsNone(Owner):
    def begin(self) -> Start:
        return replace(super().begin(), barrier_unknown=False)


class EarlyLive(Owner):
    def begin(self) -> Start:
        return replace(super().begin(), head=0)


class FingerprintsIgnored(Owner):
    def begin(self) -> Start:
        return replace(super().begin(), barriers={})


class TruncationNotCounted(Owner):
    def begin(self) -> Start:
        return replace(super().begin(), truncated=0)


# ---------------------------------------------------------------------------------------- rules of a commit


class _Forgetful(PartitionFold):
    """A fold that states something else than it knows."""

    def _checkpoint(self) -> Checkpoint | None:
        said = super()._checkpoint()
        return said and self.instead(said)

    def instead(self, said: Checkpoint) -> Checkpoint:
        raise NotImplementedError


class BarrierForgotten(_Forgetful):
    def instead(self, said: Checkpoint) -> Checkpoint:
        return replace(said, barrier=NEVER)


class SeriesBarrierForgotten(_Forgetful):
    def instead(self, said: Checkpoint) -> Checkpoint:
        return replace(said, prints=dict.fromkeys(said.prints, NEVER))


class CommitPosition(_Forgetful):
    def instead(self, said: Checkpoint) -> Checkpoint:
        return replace(said, offset=said.pos)


class CommitFirstOfTheLongestWindow(_Forgetful):
    """Series closed together: the offset is of one of them."""

    def instead(self, said: Checkpoint) -> Checkpoint:
        firsts = [cell.first for cell in open_cells(self._lanes[1])]
        return replace(said, offset=min(firsts, default=said.pos))


class CommitBelowResume(PartitionFold):
    def _checkpoint(self) -> Checkpoint | None:
        resume, self.resume = self.resume, 0
        said = super()._checkpoint()
        self.resume = resume
        return said


class CommitWithoutBarrier(PartitionFold):
    def _checkpoint(self) -> Checkpoint | None:
        unknown, self.barrier_unknown = self.barrier_unknown, False
        said = super()._checkpoint()
        self.barrier_unknown = unknown
        return said


class CommitEarly(Owner):
    def flush(self) -> None:
        idle = self.flight is None
        super().flush()
        if idle and self.flight and self.flight.snapshot.checkpoint:
            self.world.commit(self, self.flight.snapshot.checkpoint)


class AcknowledgeUnsent(Owner):
    def acknowledge(self) -> None:
        for request in self.flight.requests if self.flight else ():
            request.landed = True
        super().acknowledge()


class OneHome(Owner):
    def flush(self) -> None:
        super().flush()
        for request in self.flight.requests if self.flight else ():
            if request.home == "live":
                request.home = "settled"


class FailedIsForgotten(PartitionFold):
    def failed(self, snapshot: Snapshot) -> None:
        self.acknowledged(snapshot)


class FailedStaysUnchanged(PartitionFold):
    def failed(self, snapshot: Snapshot) -> None:
        pass


# ----------------------------------------------------------------------------------------- rules of the fold


class BatchClock(PartitionFold):
    def feed(self, records: Sequence[Record]) -> None:
        for record in records:
            try:
                *_, heard = self._gate.admit(record.value, record.key, record.headers, record.timestamp * 1_000_000)
            except UnusableError:
                continue
            self.clock = max(self.clock, heard)
        super().feed(records)


class _Admitting(PartitionFold):
    """A fold that is told something else of each record than it says."""

    def __init__(self, *made_of: Any) -> None:
        super().__init__(*made_of)
        gate = self._gate.admit
        self._gate.admit = lambda *record: self.instead(*gate(*record))

    def instead(self, event: Any, time: int, heard: int) -> tuple[Any, int, int]:
        raise NotImplementedError


class BeginIgnored(_Admitting):
    def instead(self, event: Any, time: int, heard: int) -> tuple[Any, int, int]:
        return (msgspec.structs.replace(event, begin=False) if isinstance(event, Tick) else event), time, heard


class LateByTime(_Admitting):
    def instead(self, event: Any, time: int, heard: int) -> tuple[Any, int, int]:
        return event, time, heard if isinstance(event, Tick) else time


class TicksIgnored(_Admitting):
    def instead(self, event: Any, time: int, heard: int) -> tuple[Any, int, int]:
        return event, time, self.clock if isinstance(event, Tick) else heard


class ClockMayFall(_Admitting):
    def instead(self, event: Any, time: int, heard: int) -> tuple[Any, int, int]:
        self.clock = min(self.clock, heard)
        return event, time, heard


class LateByWallClock(Owner):
    def poll(self, count: int) -> None:
        super().poll(count)
        self.fold.clock = max(self.fold.clock, self.world.now)


class PoisonMovesTheClock(PartitionFold):
    def _reject(self, record: Record, error: UnusableError) -> None:
        super()._reject(record, error)
        self.clock = max(self.clock, record.timestamp * 1_000_000)


class ClosesOneTooLate(PartitionFold):
    def __init__(self, *made_of: Any) -> None:
        super().__init__(*made_of)
        for lane in self._lanes:
            lane.span += 1


class DedupeDroppedEarly(PartitionFold):
    def __init__(self, *made_of: Any) -> None:
        super().__init__(*made_of)
        self._seen._keep = 0


class _Nothing(set[int]):
    """Remembers nothing."""

    def add(self, _: int) -> None:
        pass


class NoDedupe(PartitionFold):
    def _bucket(self, kind: type[Event], time: int) -> Bucket:
        bucket = super()._bucket(kind, time)
        bucket.ids = _Nothing()
        return bucket


class IdentityWithoutType(PartitionFold):
    """A copy under another type counts as the same, and a re-read may not come upon the first one."""

    def __init__(self, *made_of: Any) -> None:
        super().__init__(*made_of)
        self._ids: dict[int, set[int]] = {}

    def _bucket(self, kind: type[Event], time: int) -> Bucket:
        bucket = super()._bucket(kind, time)
        bucket.ids = self._ids.setdefault(time // self._seen.width, set())
        return bucket


class LateIsCounted(PartitionFold):
    """A late event opens its window again."""

    def _bucket(self, kind: type[Event], time: int) -> Bucket:
        clock, self.clock = self.clock, NEVER
        bucket = super()._bucket(kind, time)
        self.clock = clock
        return bucket

    def _still_open(self, bucket: Bucket) -> Sequence[Window]:
        return bucket.windows


class BarrierExclusive(PartitionFold):
    """A window that starts at the barrier itself is written."""

    def _raise_barrier(self, until: int) -> None:
        super()._raise_barrier(until - 1)


class OpenWindowsSurviveBegin(PartitionFold):
    def _raise_barrier(self, until: int) -> None:
        self.barrier = max(self.barrier, until)


class DamagedNotCounted(PartitionFold):
    def feed(self, records: Sequence[Record]) -> None:
        super().feed(records)
        for lane in self._lanes:
            lane.damaged.clear()


class ClosedIsStillChanged(PartitionFold):
    """A window that has closed, or may be incomplete, is told of once more as an open one."""

    def __init__(self, *made_of: Any) -> None:
        super().__init__(*made_of)
        lanes: list[Any] = self._lanes
        for lane in lanes:
            lane._drop_gone = lambda: None


class ChangedOnceForAll(PartitionFold):
    """What changes after it was taken is not told again."""

    def snapshot(self) -> Snapshot:
        taken = super().snapshot()
        for _, cells in taken.changed:
            for cell in cells:
                cell.changed = True
        return taken


class LateNotSent(PartitionFold):
    def snapshot(self) -> Snapshot:
        self._side = [side for side in self._side if side.kind != "late"]
        return super().snapshot()


def folding(fold: type[PartitionFold]) -> type[Owner]:
    """The worker that has this fold."""

    def fold_from(self: Owner, start: Start) -> PartitionFold:
        return fold(self.domain, CITY, PARTITION, start)

    return type(fold.__name__, (Owner,), {"fold_from": fold_from})


MUTANTS: tuple[type[Owner], ...] = (
    NoClockInMetadata,
    NoResume,
    NoBarrier,
    BarrierOnlyFromMetadata,
    UnknownBarrierIsNone,
    EarlyLive,
    FingerprintsIgnored,
    TruncationNotCounted,
    CommitEarly,
    AcknowledgeUnsent,
    OneHome,
    LateByWallClock,
    *map(
        folding,
        (
            BarrierForgotten,
            SeriesBarrierForgotten,
            CommitPosition,
            CommitFirstOfTheLongestWindow,
            CommitBelowResume,
            CommitWithoutBarrier,
            FailedIsForgotten,
            FailedStaysUnchanged,
            BatchClock,
            BeginIgnored,
            LateByTime,
            TicksIgnored,
            ClockMayFall,
            PoisonMovesTheClock,
            ClosesOneTooLate,
            DedupeDroppedEarly,
            NoDedupe,
            IdentityWithoutType,
            LateIsCounted,
            BarrierExclusive,
            OpenWindowsSurviveBegin,
            DamagedNotCounted,
            ClosedIsStillChanged,
            ChangedOnceForAll,
            LateNotSent,
        ),
    ),
)
