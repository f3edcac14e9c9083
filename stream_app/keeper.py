"""Keeps the folds of the partitions this worker owns: begins them, feeds them, and makes what they say durable."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError
from faust.exceptions import FaustError

from stream_app import fast_lane, side
from stream_app.core import PartitionFold, begin
from stream_app.sink import BackOff, StoreAwayError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import faust
    from faust.types import TP

    from city.catalogue import Catalogue
    from city.domain import Domain
    from stream_app.core import Snapshot
    from stream_app.sink import Sink

_log = logging.getLogger(__name__)

SETTLED, LIVE = "city", "city_live"
_GAP_PROOFS = 2  # fetches, each after a seek of its own, that must begin beyond a gap before it is believed


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a worker holds before it stops reading. Nothing is ever dropped for them."""

    pending_points: int
    open_windows: int
    series: int
    remembered_ids: int


@dataclass
class _Owned:
    """A partition of ours, since its last assignment."""

    domain: Domain
    fold: PartitionFold
    fetch: int = 0
    """The last fetch that was in flight when we last sought: batches up to it are stale."""
    doubts: int = 0
    idle_at: int | None = None
    """The fetch position when nothing came, to see whether control records end the log."""


@dataclass
class Figures:
    """What is told in the `pipeline` series and as metrics; counted since this process began."""

    flushes: int = 0
    failed_flushes: int = 0
    bounds_hit: int = 0
    begun: Counter[str] = field(default_factory=Counter)
    """What folds that are gone had counted, by domain and counter: `traffic:in`."""


class Keeper:
    """All partitions of one worker.

    Args:
        app: the Faust app whose consumer is committed and sought.
        catalogue: the packs, by whose topics partitions are folded.
        sink: the store.
        bounds: when to stop reading.
    """

    def __init__(self, app: faust.App, catalogue: Catalogue, sink: Sink, bounds: Bounds) -> None:
        self._app = app
        self._catalogue = catalogue
        self._domain_of = {domain.topic: domain for domain in catalogue.domains}
        self._sink = sink
        self._bounds = bounds
        self._owned: dict[TP, _Owned] = {}
        self._changed = asyncio.Condition()
        self._flushing = asyncio.Lock()
        self._back_off = BackOff()
        self.figures = Figures()

    @property
    def folds(self) -> dict[TP, PartitionFold]:
        """The partitions we own and have begun."""
        return {tp: owned.fold for tp, owned in self._owned.items()}

    def domain(self, tp: TP) -> Domain:
        """Whose topic it is."""
        return self._domain_of[tp.topic]

    # -------------------------------------------------------------------------------------------- assignment

    async def assigned(self, tps: Iterable[TP]) -> None:
        """Transition 1: begin every partition from nothing and what was committed.

        Raises:
            CityopsError: the log is not the one that was committed to.
        """
        mine = sorted(tp for tp in tps if tp.topic in self._domain_of)
        self._forget(list(self._owned))
        if mine:
            said = await fast_lane.committed(self._app, mine)
            logs = await fast_lane.logs(self._app, mine)
            for tp in mine:
                domain = self._domain_of[tp.topic]
                start = begin(said.get(tp), logs[tp], domain.series)
                if start.truncated:
                    _log.error("%s-%d: the log lost %d records before their windows were durable", *tp, start.truncated)
                self._owned[tp] = _Owned(domain, PartitionFold(domain, self._catalogue.city, tp.partition, start))
        async with self._changed:
            self._changed.notify_all()
        _log.info("assigned %s", ", ".join(f"{tp.topic}-{tp.partition}" for tp in mine) or "nothing")

    async def revoked(self, limit_s: float) -> None:
        """Transition 5: one flush and one commit within a time limit; open windows stay open."""
        try:
            async with asyncio.timeout(limit_s):
                await self.flush()
        except (TimeoutError, StoreAwayError, KafkaError, FaustError) as error:
            _log.warning("left without a last commit, the next owner reads again: %s", error or type(error).__name__)
        self._forget(list(self._owned))

    def _forget(self, tps: Sequence[TP]) -> None:
        for tp in tps:
            owned = self._owned.pop(tp)
            for name, count in owned.fold.counts.items():
                self.figures.begun[f"{owned.domain.name}:{name}"] += count

    # ----------------------------------------------------------------------------------------------- feeding

    async def feed(self, tp: TP, batch: fast_lane.Batch) -> None:
        """Give a batch to its fold, when there is room and when it goes on where the fold stands."""
        async with self._changed:
            await self._changed.wait_for(lambda: tp in self._owned)
            if self._full():
                self.figures.bounds_hit += 1
                await self._changed.wait_for(lambda: not self._full())
        owned = self._owned.get(tp)
        if owned is None:
            return
        fold = owned.fold
        if batch.records[0].offset > fold.pos and not await self._gap_is_real(tp, owned, batch):
            return
        if batch.records[-1].offset < fold.pos:
            return
        owned.doubts = 0
        owned.idle_at = None
        again = batch.records[0].offset < fold.pos
        fold.feed([record for record in batch.records if record.offset >= fold.pos] if again else batch.records)

    async def _gap_is_real(self, tp: TP, owned: _Owned, batch: fast_lane.Batch) -> bool:
        """Offsets are missing before this batch: control records, a truncated log, or a batch that got lost.

        Offsets are the one proof of continuity that no rebalance, stale queue or dropped fetch can blur.
        """
        pos = owned.fold.pos
        if batch.fetch <= owned.fetch:
            return False
        log = (await fast_lane.logs(self._app, [tp]))[tp]
        if self._owned.get(tp) is not owned:
            return False
        if log.start > pos:
            _log.error("%s-%d: the log begins at %d, we had read to %d: beginning again", *tp, log.start, pos)
            await self.assigned(self._owned)
            return False
        if owned.doubts >= _GAP_PROOFS:
            return True
        owned.doubts += 1
        await fast_lane.seek(self._app, tp, pos)
        owned.fetch = fast_lane.fetches(self._app) + 1
        return False

    def _full(self) -> bool:
        folds = [owned.fold for owned in self._owned.values()]
        bounds = self._bounds
        return (
            sum(fold.pending_points for fold in folds) > bounds.pending_points
            or sum(fold.open_windows for fold in folds) > bounds.open_windows
            or sum(len(fold.latest) for fold in folds) > bounds.series
            or sum(fold.remembered_ids for fold in folds) > bounds.remembered_ids
        )

    # ------------------------------------------------------------------------------------- flush and commit

    async def flush(self) -> None:
        """Transitions 3 and 4: make a snapshot of every partition durable, then commit what it states.

        Raises:
            StoreAwayError, KafkaError, FaustError: all of it will be sent again.
            CityopsError: only a person can help.
        """
        async with self._flushing:
            taken = {tp: (owned, owned.fold.snapshot()) for tp, owned in self._owned.items()}
            try:
                await self._make_durable({tp: snapshot for tp, (_, snapshot) in taken.items()})
            except BaseException:
                for owned, snapshot in taken.values():
                    owned.fold.failed(snapshot)
                self.figures.failed_flushes += 1
                raise
            statements = {}
            for tp, (owned, snapshot) in taken.items():
                owned.fold.acknowledged(snapshot)
                if snapshot.checkpoint and self._owned.get(tp) is owned:
                    statements[tp] = (snapshot.checkpoint.offset, snapshot.checkpoint.text())
            self.figures.flushes += 1
            async with self._changed:
                self._changed.notify_all()
            if statements:
                await fast_lane.commit(self._app, statements)

    async def _make_durable(self, snapshots: dict[TP, Snapshot]) -> None:
        await self._sink.write(SETTLED, [line for snapshot in snapshots.values() for line in snapshot.settled])
        await self._sink.write(LIVE, [line for snapshot in snapshots.values() for line in snapshot.live])
        await side.send(self._app, [(tp, record) for tp, snapshot in snapshots.items() for record in snapshot.side])

    async def flush_soon(self) -> float:
        """Flush; seconds to wait before the next one beyond the usual, when it failed.

        Raises:
            CityopsError: only a person can help.
        """
        try:
            await self.flush()
        except StoreAwayError as error:
            wait = self._back_off.after(error)
            _log.warning("the store is away, nothing is lost, next try in %.1f s: %s", wait, error)
            return wait
        except (KafkaError, FaustError) as error:
            _log.warning("the broker did not take it, nothing is lost: %r", error)
            return self._back_off.shortest_s
        self._back_off.reset()
        await self._look_beyond_the_end()
        return 0.0

    async def _look_beyond_the_end(self) -> None:
        """Control records at the end of a log are never handed out: the fetch position tells that we passed them."""
        for tp, owned in list(self._owned.items()):
            if owned.fold.pos < owned.fold.head:
                reached = await fast_lane.position(self._app, tp)
                if reached == owned.idle_at and reached >= owned.fold.head:
                    owned.fold.head = owned.fold.pos
                owned.idle_at = reached
