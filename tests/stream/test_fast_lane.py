"""What we lean on in Faust below its documented surface, on the embedded broker and on a real Kafka."""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import faust
import pytest
from aiokafka.errors import KafkaError
from faust.types import TP

from embedded.broker import Broker as Embedded
from stream_app import fast_lane
from stream_app.core.checkpoint import Log
from tests.stream.brokers import PARTITIONS, delete_records, make_topics, real_kafka, send, send_in_a_transaction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture(scope="module")
def embedded() -> Iterator[str]:
    cluster = Embedded()
    yield cluster.address
    del cluster


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real_kafka(tmp_path_factory.mktemp("kafka")) as server:
        yield server.address


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.live)])
def broker(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


class Lane:
    """A Faust app with the worker's scheduler, in this process, on a topic of its own."""

    def __init__(self, broker: str, topic: str, group: str, folder: str) -> None:
        self.tps = [TP(topic, number) for number in range(PARTITIONS)]
        self.batches: list[tuple[TP, fast_lane.Batch]] = []
        self.assigned = asyncio.Event()
        self._came = asyncio.Condition()
        self.app = faust.App(
            group,
            broker=f"kafka://{broker}",
            datadir=folder,
            ConsumerScheduler=fast_lane.BatchScheduler,
            stream_wait_empty=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            web_enabled=False,
            broker_commit_interval=3_600.0,
            broker_session_timeout=6.0,
            broker_heartbeat_interval=1.0,
            consumer_auto_offset_reset="earliest",
        )
        channel = self.app.topic(topic, key_serializer="raw", value_serializer="raw", acks=False, maxsize=32)
        self.app.agent(channel)(self._take)
        signal: Any = self.app.on_partitions_assigned
        signal.connect(self._begin, weak=False)

    async def _take(self, stream: Any) -> None:
        async for event in stream.events():
            async with self._came:
                self.batches.append((event.message.tp, event.message.value))
                self._came.notify_all()

    async def _begin(self, *_: Any, **__: Any) -> None:
        self.assigned.set()

    def offsets(self, partition: int) -> list[int]:
        """The offsets that have come of a partition, in the order in which they came."""
        of_it = [batch for tp, batch in self.batches if tp.partition == partition]
        return [record.offset for batch in of_it for record in batch.records]

    async def has(self, count: int, partition: int = 0) -> None:
        """Wait until so many records have come of a partition."""
        async with asyncio.timeout(30), self._came:
            await self._came.wait_for(lambda: len(self.offsets(partition)) >= count)


@asynccontextmanager
async def lane(broker: str, topic: str, group: str) -> AsyncIterator[Lane]:
    with tempfile.TemporaryDirectory() as folder:
        made = Lane(broker, topic, group, folder)
        await made.app.start()
        try:
            await asyncio.wait_for(made.assigned.wait(), 30)
            yield made
        finally:
            await made.app.stop()


@pytest.fixture(autouse=True)
def patched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients as a worker's process has them."""
    for owner, name, ours in fast_lane.PATCHES:
        monkeypatch.setattr(owner, name, ours)


@pytest.fixture
def topic(broker: str) -> str:
    """A topic of four partitions (both brokers make it at its first use): forty records in one, ten in the next."""
    name = f"lane-{uuid.uuid4().hex}"
    send(broker, name, [b"%d" % number for number in range(40)], 0)
    send(broker, name, [b"%d" % number for number in range(10)], 1)
    return name


def test_batches_keep_the_order_of_offsets_and_each_is_of_one_partition_and_fetch(broker: str, topic: str) -> None:
    async def run() -> None:
        async with lane(broker, topic, f"of-{topic}") as here:
            await here.has(40, 0)
            await here.has(10, 1)
            await asyncio.to_thread(send, broker, topic, [b"more"] * 5, 0)
            await here.has(45, 0)
            assert here.offsets(0) == list(range(45))
            assert here.offsets(1) == list(range(10))
            brought = [(tp, batch.fetch) for tp, batch in here.batches]
            assert len(set(brought)) == len(brought), "one batch for a partition and a fetch"
            assert [fetch for _, fetch in brought] == sorted(fetch for _, fetch in brought)
            assert fast_lane.fetches(here.app) >= brought[-1][1]
            records = [record for _, batch in here.batches for record in batch.records]
            assert {record.value for record in records} >= {b"0", b"39", b"more"}
            assert all(record.timestamp > 0 and record.key is None for record in records)

            await fast_lane.seek(here.app, here.tps[0], 43)
            await here.has(47, 0)
            assert here.offsets(0)[45:] == [43, 44]

    asyncio.run(run())


def test_a_long_log_comes_in_pieces_of_whole_record_batches_with_nothing_left_out(
    broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_lane, "_ENOUGH", 16)
    topic = f"lane-{uuid.uuid4().hex}"
    for _ in range(10):
        send(broker, topic, [b"x"] * 7, 0)  # each is flushed: a record batch of its own

    async def run() -> None:
        async with lane(broker, topic, f"of-{topic}") as here:
            await here.has(70)
            assert here.offsets(0) == list(range(70))
            assert max(len(batch.records) for _, batch in here.batches) < 16 + 7

            await fast_lane.seek(here.app, here.tps[0], 31)  # within a record batch
            await here.has(70 + 39)
            assert here.offsets(0)[70:] == list(range(31, 70))

    asyncio.run(run())


def test_a_commit_is_read_back_with_its_metadata_also_by_the_next_app_of_the_group(broker: str, topic: str) -> None:
    statements = {TP(topic, 0): (3, "v1 40 - - 4 abc"), TP(topic, 1): (10, "v1 ü"), TP(topic, 2): (0, "")}

    async def write() -> None:
        async with lane(broker, topic, f"of-{topic}") as here:
            assert await fast_lane.committed(here.app, here.tps) == {}
            await here.has(40, 0)
            await fast_lane.commit(here.app, statements)
            assert await fast_lane.committed(here.app, here.tps) == statements

    async def read() -> None:
        async with lane(broker, topic, f"of-{topic}") as here:
            assert await fast_lane.committed(here.app, here.tps) == statements, (
                "Faust's shutdown has not written over it"
            )
            await here.has(37, 0)
            assert here.offsets(0) == list(range(3, 40)), "Faust goes on from the committed offset"
            await fast_lane.commit(here.app, {TP(topic, 0): (1, "back")})
            assert (await fast_lane.committed(here.app, [TP(topic, 0)])) == {TP(topic, 0): (1, "back")}

    asyncio.run(write())
    asyncio.run(read())


def test_a_log_s_start_end_and_partition_count_and_the_place_of_the_next_fetch_are_known(
    broker: str, topic: str
) -> None:
    async def run() -> None:
        async with lane(broker, topic, f"of-{topic}") as here:
            logs = await fast_lane.logs(here.app, here.tps)
            assert [logs[tp] for tp in here.tps] == [Log(0, 40, 4), Log(0, 10, 4), Log(0, 0, 4), Log(0, 0, 4)]
            await here.has(40, 0)
            assert await fast_lane.position(here.app, here.tps[0]) == 40

    asyncio.run(run())


@pytest.mark.live
def test_a_log_whose_records_were_deleted_begins_later(kafka: str) -> None:
    topic = f"lane-{uuid.uuid4().hex}"
    make_topics(kafka, topic)
    send(kafka, topic, [b"x"] * 10)
    delete_records(kafka, topic, 7)

    async def run() -> None:
        async with lane(kafka, topic, f"of-{topic}") as here:
            assert (await fast_lane.logs(here.app, here.tps[:1]))[here.tps[0]] == Log(7, 10, 4)
            await here.has(3)
            assert here.offsets(0) == [7, 8, 9]

    asyncio.run(run())


@pytest.mark.live
def test_the_place_of_the_next_fetch_is_beyond_the_control_records_that_are_never_handed_out(kafka: str) -> None:
    topic = f"lane-{uuid.uuid4().hex}"
    make_topics(kafka, topic)
    send_in_a_transaction(kafka, topic, [(0, None, b"x")] * 5)

    async def run() -> None:
        async with lane(kafka, topic, f"of-{topic}") as here:
            await here.has(5)
            assert (await fast_lane.logs(here.app, here.tps[:1]))[here.tps[0]].end == 6
            async with asyncio.timeout(30):
                while await fast_lane.position(here.app, here.tps[0]) != 6:  # noqa: ASYNC110 - nothing tells of it
                    await asyncio.sleep(0.05)
            assert here.offsets(0) == [0, 1, 2, 3, 4]

    asyncio.run(run())


@pytest.mark.live
def test_what_a_transaction_has_aborted_is_never_handed_out(kafka: str) -> None:
    topic = f"lane-{uuid.uuid4().hex}"
    make_topics(kafka, topic)
    send_in_a_transaction(kafka, topic, [(0, None, b"never")] * 3, abort=True)
    send(kafka, topic, [b"said"] * 2)

    async def run() -> None:
        async with lane(kafka, topic, f"of-{topic}") as here:
            await here.has(2)
            assert [record.value for _, batch in here.batches for record in batch.records] == [b"said", b"said"]

    asyncio.run(run())


@pytest.mark.live
def test_metadata_of_4096_bytes_is_taken_and_one_byte_more_is_refused_with_all_of_the_commit(kafka: str) -> None:
    topic = f"lane-{uuid.uuid4().hex}"
    make_topics(kafka, topic)

    async def run() -> None:
        async with lane(kafka, topic, f"of-{topic}") as here:
            taken = dict.fromkeys(here.tps[:2], (0, "x" * 4096))
            await fast_lane.commit(here.app, taken)
            assert await fast_lane.committed(here.app, here.tps) == taken
            with pytest.raises(KafkaError):
                await fast_lane.commit(here.app, {here.tps[0]: (0, "y" * 4_097), here.tps[1]: (0, "y")})
            found = await fast_lane.committed(here.app, here.tps)
            assert found[here.tps[0]] == taken[here.tps[0]]

    asyncio.run(run())
