"""The worker: a Faust app that feeds batches to folds and flushes them. Composition only; the rules are in `core`."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import faust
from aiokafka.errors import CorruptRecordException, KafkaError
from faust.exceptions import FaustError

from city.catalogue import load as load_catalogue
from city.errors import CityopsError, ConfigurationError
from city.instant import NS
from runtime.ask import ask
from runtime.connect import find_broker, find_store
from runtime.log import configure as configure_log
from runtime.part import EX_CONFIG, announce, end_with_supervisor
from runtime.part import run as run_part
from runtime.settings import load as load_settings
from stream_app import fast_lane
from stream_app.core.checkpoint import NEVER
from stream_app.keeper import LIVE, Bounds, Keeper
from stream_app.metrics import Metrics
from stream_app.operations import Roll, known_sources, next_round, pipeline_lines
from stream_app.side import BATCH_BYTES
from stream_app.sink import Sink, StoreAwayError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from faust.types import TP

    from city.catalogue import Catalogue
    from runtime.settings import Settings
    from stream_app.metrics import Sample

_log = logging.getLogger(__name__)

_WAITING: Final = 2  # batches
_LEAVE_S: Final = 3.0
_STANDS_S: Final = 30.0


def app_of_settings() -> faust.App:
    """The app of this process's settings, for `faust -A stream_app worker`."""
    return Worker(load_settings(), load_catalogue()).app


def main() -> None:
    """Run one worker until SIGTERM or Ctrl-C.

    Raises:
        SystemExit: 0 when stopped, 78 when only a person can help, 1 otherwise.
    """
    run_part(_run)


def _run() -> None:
    settings = load_settings()
    configure_log(settings.log_level)
    end_with_supervisor()
    worker = Worker(settings, load_catalogue(), stop=lambda: os.kill(os.getpid(), signal.SIGTERM))
    fast_lane.await_broker(worker.app)
    worker.refuse_compaction()
    runner = faust.Worker(worker.app, quiet=True, override_logging=False, redirect_stdouts=False)
    try:
        runner.execute_from_commandline()
    finally:
        worker.failure = worker.failure or _unreadable(worker)
        if worker.failure:
            sys.stderr.write(f"cityops: {worker.failure}\n")
            sys.exit(EX_CONFIG)


def _unreadable(worker: Worker) -> CityopsError | None:
    """A record that aiokafka cannot read (a header name that is no UTF-8, a damaged batch): nobody gets past it."""
    reason = worker.app.crash_reason
    if not isinstance(reason, CorruptRecordException | UnicodeDecodeError):
        return None
    stood = ", ".join(
        f"{tp.topic}-{tp.partition} at or after {pos}" for tp, pos in sorted(worker.keeper.positions.items())
    )
    return CityopsError(
        f"the log holds a record that no Kafka client of ours can read ({reason}), in {stood}: move the group's "
        "offset past it by Kafka's own tools; windows that may miss it are counted as damaged and not written"
    )


def _make(folder: Path) -> None:
    """Faust makes its own folder in it, and only that."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CityopsError(f"data_dir {folder} cannot be made: {error.strerror}") from error


class Worker:
    """One worker process.

    Args:
        settings: where the broker and the store are, and the bounds.
        catalogue: the packs.
        stop: ends the process in order when only a person can help; without it (under Faust's own command) the app
            crashes, or its exit code would be 0.

    Attributes:
        app: the Faust app; run it with Faust's own worker.
        failure: why it stopped, where only a person can help.
    """

    def __init__(self, settings: Settings, catalogue: Catalogue, stop: Callable[[], None] | None = None) -> None:
        fast_lane.prepare_process()
        self._stop = stop
        self._settings = settings
        self._catalogue = catalogue
        broker = find_broker(settings)
        self._embedded = broker.embedded
        _make(settings.data_dir)
        self.app = faust.App(
            settings.group,
            broker=[f"kafka://{address}" for address in broker.address.split(",")],
            broker_credentials=fast_lane.credentials(broker.access),
            ConsumerScheduler=fast_lane.BatchScheduler,
            datadir=str(settings.data_dir / "faust"),
            stream_wait_empty=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            web_enabled=False,
            web_bind="127.0.0.1",  # Faust's own command starts its web server unless told `--without-web`
            cython_optimizations=True,
            broker_session_timeout=settings.session_seconds,
            broker_heartbeat_interval=settings.session_seconds / 5,
            # An outage of the store may last days; the partitions stay ours, and nothing depends on time.
            broker_max_poll_interval=30 * 86_400.0,
            broker_commit_interval=3_600.0,
            consumer_auto_offset_reset="earliest",
            consumer_metadata_max_age_ms=10_000,  # a topic that appears is read soon
            producer_acks=-1,
            producer_request_timeout=30.0,  # a side topic that is missing must not hold a flush for long
            producer_compression_type="gzip",
            producer_max_batch_size=BATCH_BYTES,
            producer_linger=0.02,  # what a flush puts aside goes together: one by one it cost 3 % of the worker
        )
        self._store = find_store(settings)
        self._sink = Sink(self._store, settings.data_dir / "refused")
        bounds = Bounds(
            settings.max_pending_points,
            settings.max_open_windows,
            settings.max_remembered_ids,
        )
        self.keeper = Keeper(self.app, catalogue, self._sink, bounds)
        self._rolls = {domain.name: Roll(domain, catalogue.city, settings.max_series) for domain in catalogue.domains}
        self._metrics: Metrics | None = None
        self._turned = time.monotonic()
        self._lag: dict[TP, int] = {}
        self._told: tuple[Sample, ...] = ()
        self._recalled = True
        self.failure: CityopsError | None = None
        self._wire()

    def _wire(self) -> None:
        """Agents, signals and timers: Faust's side of the worker."""
        app = self.app
        for domain in self._catalogue.domains:
            topic = app.topic(domain.topic, key_serializer="raw", value_serializer="raw", acks=False, maxsize=_WAITING)
            app.agent(topic, name=f"fold-{domain.name}")(self._fold)
        signals: tuple[tuple[Any, Any], ...] = (  # mode types a handler as nothing one can write
            (app.on_partitions_assigned, self._assigned),
            (app.on_partitions_revoked, self._revoked),
            (app.on_before_shutdown, self._stopping),
        )
        for fired, handler in signals:
            fired.connect(handler, weak=False)
        app.add_dependency(fast_lane.Membership(app))
        app.task(self._started)
        app.task(self._flushes)
        app.task(self._reports)

    def refuse_compaction(self) -> None:
        """What compaction has left of a log gives wrong windows when it is read again.

        Raises:
            ConfigurationError: a topic is compacted.
        """
        topics = [domain.topic for domain in self._catalogue.domains]
        try:
            policies = {} if self._embedded else fast_lane.cleanup_policies(self.app, topics)
        except KafkaError as error:
            _log.warning("the broker does not say whether it compacts the log: %r", error)
            return
        for topic, policy in policies.items():
            if "compact" in policy:
                raise ConfigurationError(
                    f"topic {topic} has cleanup.policy={policy}, and compaction eats events (their key is the area): "
                    "set it to delete; if it has been so for a while, begin anew behind it (./cityops reset)"
                )

    # ------------------------------------------------------------------------------------------ Faust's calls

    async def _fold(self, stream: Any) -> None:
        async for event in stream.events():
            message = event.message
            try:
                await self.keeper.feed(message.tp, message.value)
            except CityopsError as error:
                await self._give_up(error)
            await asyncio.sleep(0)  # a full queue would never let the flushes have their turn

    async def _assigned(self, _app: Any, assigned: set[TP], *_: Any, **__: Any) -> None:
        try:
            await self._begin(assigned)
        except CityopsError as error:
            await self._give_up(error)
            return
        for domain in self._catalogue.domains:
            mine = [tp.partition for tp in self.keeper.folds if tp.topic == domain.topic]
            if mine:
                count = next(fold.partitions for tp, fold in self.keeper.folds.items() if tp.topic == domain.topic)
                self._rolls[domain.name].own(mine, count, time.time_ns())
        self._recalled = False
        port = self._metrics.port if self._metrics else self._settings.metrics_port  # assigned before it was started
        try:
            announce(self._settings, "worker", metrics=f"http://127.0.0.1:{port}/metrics")
        except CityopsError as error:
            await self._give_up(error)

    async def _begin(self, assigned: set[TP]) -> None:
        """Begin the partitions, however long the broker takes to say what was committed and where its logs end.

        Not longer than the app runs: who leaves the group waits for its assignment, and nobody answers that any more.
        """
        while not self.app.should_stop:
            try:
                await self.app.wait(self.keeper.assigned(assigned))
            except (KafkaError, FaustError) as error:
                _log.warning("the broker does not say what was committed, asking again: %r", error)
                await asyncio.sleep(1)
            else:
                return

    async def _revoked(self, _app: Any, *_: Any, **__: Any) -> None:
        if self.failure is None:
            await self.keeper.revoked(_LEAVE_S)

    async def _started(self) -> None:
        try:
            self._metrics = Metrics(self._settings.metrics_port, lambda: self._told, self._healthy)
        except CityopsError as error:
            await self._give_up(error)

    async def _flushes(self) -> None:
        while not self.app.should_stop and self.failure is None:
            began = self._turned = time.monotonic()
            self._told = tuple(self._samples())
            try:
                wait = await self.keeper.flush_soon()
            except CityopsError as error:
                await self._give_up(error)
                return
            # From beginning to beginning: a slow store must not make what people see older still.
            await asyncio.sleep(max(wait, began + self._settings.flush_seconds - time.monotonic(), 0))

    async def _reports(self) -> None:
        while not self.app.should_stop:
            await next_round()
            try:
                await self._recall()
                await self._report(time.time_ns())
            except (StoreAwayError, KafkaError, FaustError) as error:
                _log.debug("no report this time: %s", error)
            except CityopsError as error:
                await self._give_up(error)
                return

    async def _stopping(self, _app: Any, *_: Any, **__: Any) -> None:
        """SIGTERM: one flush, one commit, within a limit; open windows stay open."""
        await self._revoked(_app)
        self._sink.close()
        if self._metrics:
            self._metrics.close()

    async def _give_up(self, error: CityopsError) -> None:
        """Only a person can help: say it in one line and stop; nothing more is written or committed."""
        self.failure = error
        self.keeper.forget()
        if self._stop:
            self._stop()
        else:
            await self.app.crash(error)

    # ----------------------------------------------------------------------------------------------- telling

    async def _recall(self) -> None:
        """The sources heard in the last day, as the store knows them: a silence must outlive a restart.

        Asked by the reports, not by the assignment: no heartbeat is sent while that one runs.
        """
        for domain in () if self._recalled else self._catalogue.domains:
            try:
                results = await asyncio.to_thread(ask, self._store, LIVE, known_sources(domain.name))
            except CityopsError as error:
                _log.warning("sources of before this start are not known: %s", error)
                return
            for series in (one for result in results for one in result.get("series", ())):
                heard_s = series["values"][0][1]
                tags = series["tags"]
                self._rolls[domain.name].remember(
                    tags["source"], tags["area"], round(heard_s * NS), tags.get("observation", "")
                )
        self._recalled = True

    async def _report(self, now_ns: int) -> None:
        lines: list[str] = []
        folds = self.keeper.folds
        ends = await fast_lane.logs(self.app, list(folds)) if folds else {}
        for tp, fold in folds.items():
            domain = self.keeper.domain(tp)
            roll = self._rolls[domain.name]
            roll.hear(fold.latest, now_ns)
            fold.latest.clear()
            fold.counts["unattributed"] += roll.blame(fold.tally.take())
            self._lag[tp] = max(0, ends[tp].end - fold.pos)
            sink = self._sink.figures
            figures = {"lag": self._lag[tp], "write_s": sink.write_s, "retries": sink.retries}
            figures["worker_share"] = 1 / len(folds)
            lines += pipeline_lines(domain.name, tp.partition, fold, figures, now_ns)
        rolls = [self._rolls[name] for name in {self.keeper.domain(tp).name for tp in folds}]
        for roll in rolls:
            lines += roll.lines(now_ns)
        await self._sink.write(LIVE, lines)
        for roll in rolls:
            roll.told()

    def _samples(self) -> Iterator[Sample]:
        now_ns = time.time_ns()
        for tp, fold in self.keeper.folds.items():
            labels = (self.keeper.domain(tp).name, str(tp.partition))
            for name, count in list(fold.counts.items()):
                kind, _, reason = name.partition(":")
                yield kind, (*labels, reason) if reason else labels, count
            yield "damaged", labels, fold.damaged
            yield "lag", labels, self._lag.get(tp, 0)
            yield "open_windows", labels, fold.open_windows
            yield "pending_points", labels, fold.pending_points
            if fold.clock != NEVER:
                yield "watermark_delay_seconds", labels, (now_ns - fold.clock) / NS
        for domain, roll in self._rolls.items():
            yield "overlooked", (domain,), roll.overlooked
        sink, figures = self._sink.figures, self.keeper.figures
        yield "points", (), sink.points
        yield "refused", (), sink.refused
        yield "retries", (), sink.retries
        yield "write_seconds", (), sink.write_s
        yield "flushes", (), figures.flushes
        yield "failed_flushes", (), figures.failed_flushes
        yield "bounds_hit", (), figures.bounds_hit

    def _healthy(self) -> bool:
        since = max(self._turned, self.keeper.moved)
        return time.monotonic() - since < max(_STANDS_S, 2 * self._settings.flush_seconds)
