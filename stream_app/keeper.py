"""Keeps the folds of the partitions this worker owns: begins them, feeds them, and makes what they say durable."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError
from faust.exceptions import FaustError

from city.errors import CityopsError
from stream_app import fast_lane, side
from stream_app.continuity import Continuity, Verdict
from stream_app.core import PartitionFold, begin
from stream_app.sink import BackOff, StoreAwayError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import faust
    from faust.types import TP

    from city.catalogue import Catalogue
    from city.domain import Domain
    from stream_app.core import Snapshot
    from stream_app.sink import Sink

_log = logging.getLogger(__name__)

SETTLED, LIVE = "city", "city_live"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a worker holds before it stops. Nothing is ever dropped for them."""

    pending_points: int
    open_windows: int
    remembered_ids: int


@dataclass
class _Owned:
    """A partition of ours, since its last assignment."""

    domain: Domain
    fold: PartitionFold
    continuity: Continuity = field(default_factory=Continuity)
    idle_at: int | None = None
    """The fetch position when nothing came, to see whether control records end the log."""
    windows: int = 0
    ids: int = 0
    """Open windows and remembered ids after the last batch: to count those of all partitions for each batch took a
    tenth of the worker."""


@dataclass
class Figures:
    """What is told in the `pipeline` series and as metrics; counted since this process began."""

    flushes: int = 0
    failed_flushes: int = 0
    bounds_hit: int = 0


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
        self._stood: dict[TP, int] = {}
        self._moved = time.monotonic()

    @property
    def folds(self) -> dict[TP, PartitionFold]:
        """The partitions we own and have begun."""
        return {tp: owned.fold for tp, owned in self._owned.items()}

    @property
    def positions(self) -> dict[TP, int]:
        """Where each partition stands, or stood when it was given up."""
        return self._stood | {tp: owned.fold.pos for tp, owned in self._owned.items()}

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
        begun: dict[TP, _Owned] = {}
        if mine:
            said = await fast_lane.committed(self._app, mine)
            logs = await fast_lane.logs(self._app, mine)
            for tp in mine:
                domain = self._domain_of[tp.topic]
                start = begin(said.get(tp), logs[tp], domain.series)
                if start.truncated:
                    _log.error("%s-%d: the log lost %d records before their windows were durable", *tp, start.truncated)
                begun[tp] = _Owned(domain, PartitionFold(domain, self._catalogue.city, tp.partition, start))
        self.forget()
        self._owned = begun
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
        self.forget()

    def forget(self) -> None:
        """Own nothing any more: what is under way is not committed."""
        self._stood = self.positions
        self._owned = {}

    # ----------------------------------------------------------------------------------------------- feeding

    async def feed(self, tp: TP, batch: fast_lane.Batch) -> None:
        """Give a batch to its fold, when there is room and when it goes on where the fold stands.

        Raises:
            CityopsError: only a person can help: a bound that no flush relieves, or another log.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: tp in self._owned)
            if self._full():
                self.figures.bounds_hit += 1
                _log.warning("reading stops until what waits is written: max_pending_points is reached")
                await self._changed.wait_for(lambda: not self._full())
        owned = self._owned.get(tp)
        if owned is None:
            return
        fold, first, last = owned.fold, batch.records[0].offset, batch.records[-1].offset
        verdict = owned.continuity.judge(fold.pos, first, last, batch.fetch)
        if verdict is Verdict.FEED:
            owned.idle_at = None
            fold.feed([r for r in batch.records if r.offset >= fold.pos] if first < fold.pos else batch.records)
            self._hold_bounds(owned)
        elif verdict is not Verdict.DROP:
            await self._look_at_the_log(tp, owned, verdict)

    async def _look_at_the_log(self, tp: TP, owned: _Owned, verdict: Verdict) -> None:
        """A batch does not begin where the fold stands: is the log cut, is it another one, or was a batch lost?"""
        pos = owned.fold.pos
        try:
            log = (await fast_lane.logs(self._app, [tp]))[tp]
            if self._owned.get(tp) is not owned:
                return
            if log.end < pos:
                raise CityopsError(
                    f"{tp.topic}-{tp.partition} ends at {log.end} and we had read to {pos}: this is another log. "
                    "Reset the group's offsets (./cityops reset), or point the worker at the right broker"
                )
            if log.start > pos:
                _log.error("%s-%d: the log begins at %d, we had read to %d: beginning again", *tp, log.start, pos)
                await self.assigned(self._owned)
            elif verdict is Verdict.SEEK:
                await fast_lane.seek(self._app, tp, pos)
                owned.continuity.sought(fast_lane.fetches(self._app))
        except (KafkaError, FaustError) as error:
            # The batch is not fed, so the next one shows the same gap.
            _log.warning("%s-%d: could not look at the log, the next batch asks again: %r", *tp, error)

    def _full(self) -> bool:
        """Whether more must not be read before the store, or the side topics, have taken something."""
        folds = [owned.fold for owned in self._owned.values()]
        return sum(fold.pending_points + fold.pending_side for fold in folds) > self._bounds.pending_points

    def _hold_bounds(self, fed: _Owned) -> None:
        """What only reading can relieve must not stop the reading for ever, in silence: it ends the worker, loudly."""
        fed.windows, fed.ids = fed.fold.open_windows, fed.fold.remembered_ids
        for name, held, most in (
            ("max_open_windows", sum([owned.windows for owned in self._owned.values()]), self._bounds.open_windows),
            ("max_remembered_ids", sum([owned.ids for owned in self._owned.values()]), self._bounds.remembered_ids),
        ):
            if held > most:
                self.figures.bounds_hit += 1
                raise CityopsError(
                    f"this worker holds {held} where {name} = {most} are allowed: nothing is lost. "
                    f"Raise {name}, or start more workers"
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
        """All three at once; whatever fails, the others are waited for, so that one flush is under way at a time."""
        ends = await asyncio.gather(
            self._sink.write(LIVE, [line for snapshot in snapshots.values() for line in snapshot.live]),
            self._sink.write(SETTLED, [line for snapshot in snapshots.values() for line in snapshot.settled]),
            side.send(
                self._app,
                [(tp, record) for tp, snapshot in snapshots.items() for record in snapshot.side],
                self._set_aside,
            ),
            return_exceptions=True,
        )
        for failed in filter(None, ends):
            raise failed

    def _set_aside(self) -> None:
        self._moved = time.monotonic()

    @property
    def moved(self) -> float:
        """When a flush last came a step further, on the monotonic clock: a large one is no standstill."""
        return max(self._moved, self._sink.figures.answered)

    async def flush_soon(self) -> float:
        """Flush; seconds to wait before the next one beyond the usual, when it failed.

        Raises:
            CityopsError: only a person can help.
        """
        try:
            await self.flush()
            await self._look_beyond_the_end()
        except StoreAwayError as error:
            wait = self._back_off.after(error)
            _log.warning("the store is away, nothing is lost, next try in %.1f s: %s", wait, error)
            return wait
        except (KafkaError, FaustError) as error:
            _log.warning("the broker did not take it, nothing is lost: %r", error)
            return self._back_off.shortest_s
        self._back_off.reset()
        return 0.0

    async def _look_beyond_the_end(self) -> None:
        """Control records at the end of a log are never handed out: the fetch position tells that we passed them."""
        for tp, owned in list(self._owned.items()):
            if owned.fold.pos < owned.fold.head:
                reached = await fast_lane.position(self._app, tp)
                if reached == owned.idle_at and reached >= owned.fold.head:
                    owned.fold.head = owned.fold.pos
                owned.idle_at = reached
