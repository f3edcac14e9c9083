"""Every place where we lean on Faust below its documented surface, in one file, held by contract tests.

The lane: Faust's `ConsumerScheduler` setting hands out a fetch's records one by one, and four asyncio tasks are made
for each. Ours hands out one batch per partition and fetch, so that those tasks are paid once for thousands.

Checked against faust-streaming 0.15.3 and aiokafka 0.14.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.auth import SASLCredentials, SSLCredentials
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, credentials_to_aiokafka_auth
from faust.types import TP
from mode import Service
from mode.loop import use as use_loop

from stream_app.core.checkpoint import Log

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import faust
    from faust.auth import Credentials

    from runtime.kafka_access import KafkaAccess
    from stream_app.core import Record

_log = logging.getLogger(__name__)
_ASK_AGAIN_S: Final = 5.0
_MOUTHFUL: Final = 1_048_576  # bytes
_ENOUGH: Final = 8_000  # records: a batch costs as much as a hundred of them; more would only be held in memory
_FETCH_WAITS_MS: Final = 250
"""At 6,000 events/s in 36 partitions the worker takes half as much CPU as with a fetch for every few records that came,
and a sixth less than with 100 ms."""


def prepare_process() -> None:
    """What the lane asks of its process, before Faust is made: each is worth a tenth of the worker's time or more.

    Records come and go by the thousand and hold no cycles, so the collector need not look at all of them again and
    again as Python's own thresholds have it do. The first threshold is above what a worker of a dozen partitions keeps
    unfolded (`core.fold`), or it would look at all of that each time.
    """
    use_loop("uvloop")
    gc.set_threshold(1_000_000, 20, 100)
    for owner, name, ours in PATCHES:
        setattr(owner, name, ours)


class _Whole(list[Any]):
    """All records of one record batch, where aiokafka expects one record of it."""

    @property
    def offset(self) -> int:
        """Of the last: below the next fetch offset, all of them were handed out before."""
        return int(self[-1].offset)


class _WholeBatch:
    """aiokafka's record batch, but that it is walked through in one step."""

    def __init__(self, batch: Any) -> None:
        self._batch = batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[_Whole]:
        if records := _Whole(self._batch):
            yield records

    def __next__(self) -> Any:
        return next(self._batch)  # of a control batch, whose only record is looked at


class _WholeBatches:
    """What one fetch brought for one partition, batch by batch."""

    def __init__(self, records: Any) -> None:
        self.has_next = records.has_next
        self._next_batch = records.next_batch

    def next_batch(self) -> _WholeBatch:
        return _WholeBatch(self._next_batch())


_aiokafka_s_own = PartitionRecords._unpack_records  # noqa: SLF001 - see the file's first line


def _batch_by_batch(self: PartitionRecords) -> Any:
    """Aborted, control and compacted batches as aiokafka has it; records by the batch, for each costs a microsecond."""
    self._records = _WholeBatches(self._records)
    return _aiokafka_s_own(self)


def _as_they_were_read(self: PartitionRecords, _tp: TP, whole: _Whole) -> list[Any]:
    """No copy of each record into a `ConsumerRecord`: what aiokafka's reader made has all that a `Record` needs."""
    wanted = self.next_fetch_offset
    return whole if whole[0].offset >= wanted else [record for record in whole if record.offset >= wanted]


def _some(self: FetchResult, max_records: int | None = None) -> list[Any]:
    """Of what is fetched of a partition, whole record batches until they are enough; the rest waits."""
    del max_records  # it would count record batches
    records: list[Any] = []
    if self.check_assignment(self._topic_partition) and self.has_more():
        whole = None
        while len(records) < _ENOUGH and (whole := next(self._partition_records, None)) is not None:
            records += whole
        self._update_position()
        if whole is None:
            self._partition_records = None
    return records


_faust_s_own = AIOKafkaConsumerThread._create_worker_consumer  # noqa: SLF001 - see the file's first line


def _a_mouthful_at_a_time(self: AIOKafkaConsumerThread, transport: Any) -> Any:
    """Faust fetches whatever there is, aborted transactions too; ours waits a little for more, of what is committed."""
    consumer: Any = _faust_s_own(self, transport)
    consumer._isolation_level = "read_committed"  # noqa: SLF001 - all three are read when the consumer starts
    consumer._fetch_min_bytes = _MOUTHFUL  # noqa: SLF001
    consumer._fetch_max_wait_ms = _FETCH_WAITS_MS  # noqa: SLF001
    return consumer


PATCHES: Final = (
    (PartitionRecords, "_unpack_records", _batch_by_batch),
    (PartitionRecords, "_consumer_record", _as_they_were_read),
    (FetchResult, "getall", _some),
    (AIOKafkaConsumerThread, "_create_worker_consumer", _a_mouthful_at_a_time),
)
"""Where this process's clients do otherwise than their libraries: class, method, ours."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one fetch brought for one partition; `fetch` counts the fetches of this process."""

    records: Sequence[Record]
    fetch: int


class _Carrier:
    """Stands where Faust expects one record, and carries a batch as its value."""

    key = None
    headers = ()
    checksum = None
    serialized_key_size = 0
    serialized_value_size = 0

    def __init__(self, tp: TP, batch: Batch, last: Any) -> None:
        self.topic = tp.topic
        self.partition = tp.partition
        self.offset = last.offset
        self.timestamp = last.timestamp
        self.timestamp_type = last.timestamp_type
        self.value = batch


class BatchScheduler:
    """Faust's `ConsumerScheduler`: one batch per partition and fetch."""

    fetches = 0

    def iterate(self, records: Mapping[TP, Sequence[Any]]) -> Iterator[tuple[TP, _Carrier]]:
        """Yield each partition's records of this fetch as one."""
        self.fetches += 1
        for tp, fetched in records.items():
            if fetched:
                yield tp, _Carrier(tp, Batch(fetched, self.fetches), fetched[-1])


def _consumer(app: faust.App) -> Any:
    return app.consumer


def fetches(app: faust.App) -> int:
    """How many fetches have been handed out so far."""
    return int(_consumer(app).scheduler.fetches)


async def commit(app: faust.App, statements: Mapping[TP, tuple[int, str]]) -> None:
    """Commit offsets with metadata; Faust's own commit has none.

    Raises:
        aiokafka.errors.KafkaError: the broker refused, or we are no longer a member.
    """
    thread = _consumer(app)._thread  # noqa: SLF001 - see the file's first line
    offsets = {
        TopicPartition(tp.topic, tp.partition): OffsetAndMetadata(offset, text)
        for tp, (offset, text) in statements.items()
    }
    await thread.call_thread(thread._ensure_consumer().commit, offsets)  # noqa: SLF001


async def committed(app: faust.App, tps: Sequence[TP]) -> dict[TP, tuple[int, str]]:
    """Offset and metadata of what the group has committed, asked of the broker; partitions without are left out."""
    thread = _consumer(app)._thread  # noqa: SLF001
    coordinator = thread._ensure_consumer()._coordinator  # noqa: SLF001
    wanted = [TopicPartition(tp.topic, tp.partition) for tp in tps]
    found = await thread.call_thread(coordinator.fetch_committed_offsets, wanted)
    return {TP(tp.topic, tp.partition): (said.offset, said.metadata) for tp, said in found.items()}


async def logs(app: faust.App, tps: Sequence[TP]) -> dict[TP, Log]:
    """Start and end of each partition's log now, and its topic's partition count."""
    thread = _consumer(app)._thread  # noqa: SLF001
    kafka = thread._ensure_consumer()  # noqa: SLF001
    wanted = [TopicPartition(tp.topic, tp.partition) for tp in tps]
    # Each waits for the fetch in flight on the same connection: both at once.
    starts, ends = await asyncio.gather(
        thread.call_thread(kafka.beginning_offsets, wanted), thread.call_thread(kafka.end_offsets, wanted)
    )
    counts = {tp.topic: len(kafka.partitions_for_topic(tp.topic) or ()) for tp in tps}
    return {
        tp: Log(
            starts[TopicPartition(tp.topic, tp.partition)],
            ends[TopicPartition(tp.topic, tp.partition)],
            counts[tp.topic],
        )
        for tp in tps
    }


async def position(app: faust.App, tp: TP) -> int:
    """The offset of the next fetch: beyond control records, which are never handed out."""
    return int(await _consumer(app).position(tp))


async def seek(app: faust.App, tp: TP, offset: int) -> None:
    """Fetch again from `offset`, and make Faust hand out what it has handed out before."""
    await app.consumer.seek_wait({tp: offset})
    _consumer(app)._read_offset[tp] = None  # noqa: SLF001


class Membership(Service):
    """Says why we are no member of the group, and lets aiokafka try again.

    Its coordinator waits until its user has heard of an error. Faust listens only while it fetches, and before the
    first assignment it neither does nor begins the app's tasks.
    """

    def __init__(self, app: faust.App) -> None:
        super().__init__()
        self._app = app

    @Service.task
    async def _hear_out(self) -> None:
        while not self.should_stop:
            await self.sleep(_ASK_AGAIN_S)
            try:
                await self._check()
            except KafkaError as error:
                _log.error("no member of group %s, trying again: %r", self._app.conf.id, error)

    async def _check(self) -> None:
        thread = _consumer(self._app)._thread  # noqa: SLF001
        if thread is None or thread._consumer is None:  # noqa: SLF001
            return
        coordinator = thread._consumer._coordinator  # noqa: SLF001

        async def check() -> None:
            coordinator.check_errors()

        await thread.call_thread(check)


def await_broker(app: faust.App) -> None:
    """Return when a broker answers; Faust's own start gives up at the first refusal, with a traceback."""
    addresses, shown = _addresses(app), _shown(app)
    while not asyncio.run(_answers(addresses, shown)):
        _log.warning("no broker answers at %s, next try in %.0f s", ",".join(addresses), _ASK_AGAIN_S)
        time.sleep(_ASK_AGAIN_S)


def _addresses(app: faust.App) -> list[str]:
    return [f"{url.host}:{url.port}" for url in app.conf.broker]


def cleanup_policies(app: faust.App, topics: Sequence[str]) -> dict[str, str]:
    """`cleanup.policy` of each topic that is there and may be asked; not for the embedded broker, which cannot be.

    Raises:
        aiokafka.errors.KafkaError: the broker does not answer.
    """
    return asyncio.run(_cleanup_policies(_addresses(app), topics, _shown(app)))


def credentials(access: KafkaAccess) -> Credentials | None:
    """What Faust's own clients show to a broker and check of it."""
    context = access.context()
    if access.user:
        return SASLCredentials(
            username=access.user, password=access.password, ssl_context=context, mechanism=access.mechanism
        )
    return None if context is None else SSLCredentials(context)


def _shown(app: faust.App) -> Mapping[str, Any]:
    """The app's credentials as aiokafka's arguments, as Faust itself gives them to its clients."""
    return credentials_to_aiokafka_auth(app.conf.broker_credentials)


async def _cleanup_policies(addresses: list[str], topics: Sequence[str], shown: Mapping[str, Any]) -> dict[str, str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=addresses, **shown)
    await admin.start()
    try:
        asked = [ConfigResource(ConfigResourceType.TOPIC, name, {"cleanup.policy": ""}) for name in topics]
        answers = await admin.describe_configs(asked)
    finally:
        await admin.close()
    # Of each topic: error code, message, kind, name, and its settings as (name, value, …).
    return {
        name: settings[0][1]
        for answer in answers
        for error, _, _, name, settings in answer.resources
        if not error and settings
    }


async def _answers(addresses: list[str], shown: Mapping[str, Any]) -> bool:
    client = AIOKafkaClient(bootstrap_servers=addresses, **shown)
    try:
        await client.bootstrap()
    except KafkaError:
        return False
    finally:
        await client.close()
    return True
