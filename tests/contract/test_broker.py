"""What every part leans on in a broker, on the embedded one and on a real Kafka: records, offsets, commits, groups.

What only Faust's lane and the publisher ask is held beside them, on both brokers too: `tests/stream/test_fast_lane.py`,
`tests/producers/test_publisher_on_a_broker.py`, `tests/producers/test_replay_on_a_broker.py`.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as Place
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import OffsetAndMetadata
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

from city.geography import HANOI
from city.partition import partition_of
from embedded.broker import Broker as Embedded
from producers.client import connect
from runtime.connect import Broker
from tests.stream.brokers import PARTITIONS, real_kafka

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

PATIENCE_S = 60.0
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


class Record(NamedTuple):
    """What a client writes, and reads again."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    timestamp_ms: int = 1_795_305_600_000


@pytest.fixture(scope="module")
def embedded() -> Iterator[Broker]:
    cluster = Embedded()  # it lives as long as this object
    yield Broker(cluster.address, embedded=True)
    del cluster


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with real_kafka(tmp_path_factory.mktemp("kafka")) as server:
        yield Broker(server.address, embedded=False)


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.live)])
def broker(request: pytest.FixtureRequest) -> Broker:
    found: Broker = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def topic() -> str:
    """A topic nobody has asked for yet: both brokers make it then, with `PARTITIONS` partitions."""
    return f"contract-{uuid.uuid4().hex}"


# ----------------------------------------------------------------------------------------------------- the clients


def write(broker: Broker, topic: str, records: Sequence[Record], partition: int = 0, codec: str = "none") -> list[int]:
    """Store records in one partition; their offsets."""
    offsets: list[int] = []

    def stored(error: KafkaError | None, message: Any) -> None:
        assert error is None, error
        offsets.append(message.offset())

    config = {"enable.idempotence": True, "compression.type": codec, "linger.ms": 50}
    producer = Producer({"bootstrap.servers": broker.address, **config})
    for one in records:
        producer.produce(
            topic, one.value, one.key, partition, stored, timestamp=one.timestamp_ms, headers=list(one.headers)
        )
    assert producer.flush(PATIENCE_S) == 0
    return offsets


def by_librdkafka(broker: Broker, topic: str, count: int, start: int = 0) -> list[Record]:
    """So many records of partition 0."""
    with consumer(broker) as client:
        client.assign([TopicPartition(topic, 0, start)])
        messages = collected(client, count)
    return [Record(one.key(), one.value(), tuple(one.headers() or ()), one.timestamp()[1]) for one in messages]


def by_aiokafka(broker: Broker, topic: str, count: int, start: int = 0) -> list[Record]:
    """The same, as the worker's client reads them."""

    async def read() -> list[Record]:
        async with AIOKafkaConsumer(bootstrap_servers=broker.address) as client, asyncio.timeout(PATIENCE_S):
            client.assign([Place(topic, 0)])
            client.seek(Place(topic, 0), start)
            found = [await client.getone() for _ in range(count)]
        return [Record(one.key, one.value, tuple(one.headers), one.timestamp) for one in found]

    return asyncio.run(read())


READERS: dict[str, Callable[[Broker, str, int], list[Record]]] = {
    "librdkafka": by_librdkafka,
    "aiokafka": by_aiokafka,
}


@contextmanager
def consumer(broker: Broker, group: str = "contract", **config: Any) -> Iterator[Consumer]:
    client = Consumer(
        {
            "bootstrap.servers": broker.address,
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "session.timeout.ms": 6_000,
            **config,
        }
    )
    try:
        yield client
    finally:
        client.close()


def collected(client: Consumer, count: int) -> list[Any]:
    """The next messages."""
    found: list[Any] = []
    deadline = time.monotonic() + PATIENCE_S
    while len(found) < count:
        assert time.monotonic() < deadline, f"only {len(found)} of {count}"
        if (message := client.poll(0.2)) is not None:
            assert message.error() is None, message.error()
            found.append(message)
    return found


@asynccontextmanager
async def member(broker: Broker, group: str, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    """The worker's client as a member of a group, with all partitions."""
    async with (
        AIOKafkaConsumer(
            topic,
            bootstrap_servers=broker.address,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=6_000,
        ) as client,
        asyncio.timeout(PATIENCE_S),
    ):
        yield client


def committed(broker: Broker, group: str, topic: str) -> dict[int, tuple[int, str]]:
    """Partition → what the group has committed there, as the worker asks for it."""

    async def ask() -> dict[int, tuple[int, str]]:
        admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
        await admin.start()
        try:
            places = [Place(topic, number) for number in range(PARTITIONS)]
            said = await admin.list_consumer_group_offsets(group, partitions=places)
        finally:
            await admin.close()
        return {place.partition: (one.offset, one.metadata) for place, one in said.items() if one.offset >= 0}

    return asyncio.run(ask())


# --------------------------------------------------------------------------------------------------------- records


RECORDS = (
    Record(b"00070", b'{"a": 1}', (("content-type", b"application/cloudevents+json"),)),
    Record(None, b"without a key"),
    Record(b"", b"", (), 1),
    Record(b"00004", None, (("twice", b"1"), ("twice", b"2"), ("empty", b""), ("none", None)), 1_795_305_600_123),
    Record(bytes(range(256)), bytes(range(256)) * 3_500, (("caf\u00e9", "Hà Nội".encode()),), 1_000),
)


@pytest.mark.parametrize("reader", READERS)
def test_a_record_is_read_as_it_was_written(broker: Broker, topic: str, reader: str) -> None:
    assert write(broker, topic, RECORDS) == [0, 1, 2, 3, 4]
    assert READERS[reader](broker, topic, len(RECORDS)) == list(RECORDS)


@pytest.mark.parametrize("codec", CODECS)
def test_whatever_it_is_packed_with_every_client_reads_it_in_order(broker: Broker, topic: str, codec: str) -> None:
    records = [Record(b"%d" % number, b"x" * number) for number in range(500)]
    assert write(broker, topic, records, codec=codec) == list(range(500))
    for read in READERS.values():
        assert read(broker, topic, 500) == records


def test_what_the_publisher_s_client_writes_is_read_by_the_others(broker: Broker, topic: str) -> None:
    producer = connect(broker)
    records = [Record(b"00070", b"%d" % number, (("a", b"b"),)) for number in range(50)]
    for one in records:
        producer.send(topic, one.value, one.key, [("a", b"b")], 0, one.timestamp_ms)
    producer.flush(PATIENCE_S)
    producer.close(PATIENCE_S)
    for read in READERS.values():
        assert read(broker, topic, 50) == records


def test_a_topic_appears_at_its_first_use_and_librdkafka_puts_keys_where_murmur2_does(
    broker: Broker, topic: str
) -> None:
    areas = sorted(HANOI.zone_of)
    where: dict[str, int | None] = {}
    producer = Producer({"bootstrap.servers": broker.address, "partitioner": "murmur2_random"})
    for area in areas:
        producer.produce(
            topic, b"", area, on_delivery=lambda _, message: where.update({_text(message): message.partition()})
        )
    assert producer.flush(PATIENCE_S) == 0
    assert where == {area: partition_of(area.encode(), PARTITIONS) for area in areas}
    assert len(producer.list_topics(topic, timeout=PATIENCE_S).topics[topic].partitions) == PARTITIONS


def _text(message: Any) -> str:
    return str(message.key().decode())


# --------------------------------------------------------------------------------------------- offsets and commits


def test_a_log_begins_at_zero_and_ends_behind_its_last_record(broker: Broker, topic: str) -> None:
    write(broker, topic, RECORDS[:3], partition=2)
    with consumer(broker) as client:
        bounds = [
            client.get_watermark_offsets(TopicPartition(topic, number), PATIENCE_S) for number in range(PARTITIONS)
        ]
    assert bounds == [(0, 0), (0, 0), (0, 3), (0, 0)]


@pytest.mark.parametrize("read", [by_librdkafka, by_aiokafka])
def test_a_log_is_read_from_any_offset(
    broker: Broker, topic: str, read: Callable[[Broker, str, int, int], list[Record]]
) -> None:
    write(broker, topic, RECORDS)
    assert read(broker, topic, 2, 3) == list(RECORDS[3:])


def test_an_offset_behind_the_end_is_refused_and_not_waited_at(broker: Broker, topic: str) -> None:
    write(broker, topic, RECORDS)
    with consumer(broker, **{"auto.offset.reset": "error"}) as client:
        client.assign([TopicPartition(topic, 0, 1_000)])
        deadline = time.monotonic() + PATIENCE_S
        while (message := client.poll(0.2)) is None:
            assert time.monotonic() < deadline
        error = message.error()
    assert error is not None
    assert error.code() == KafkaError._AUTO_OFFSET_RESET


def test_a_commit_keeps_its_metadata_for_its_group_alone_and_the_group_goes_on_there(
    broker: Broker, topic: str
) -> None:
    write(broker, topic, RECORDS)
    group = f"of-{topic}"

    async def commit(told: dict[int, tuple[int, str]]) -> list[int]:
        """The offsets of the records from where the group stands, and then a commit."""
        async with member(broker, group, topic) as client:
            stands = await client.committed(Place(topic, 0)) or 0
            read = [(await client.getone()).offset for _ in range(stands, len(RECORDS))]
            await client.commit({Place(topic, number): OffsetAndMetadata(*one) for number, one in told.items()})
        return read

    first = {0: (3, "v1 3 - - 4 abc"), 1: (0, "ü" * 90), 2: (0, "")}
    assert asyncio.run(commit(first)) == [0, 1, 2, 3, 4]
    assert committed(broker, group, topic) == first
    assert committed(broker, f"another-{topic}", topic) == {}
    assert asyncio.run(commit({0: (1, "back")})) == [3, 4]
    assert committed(broker, group, topic) == {**first, 0: (1, "back")}


# ---------------------------------------------------------------------------------------------------------- groups


def test_a_group_shares_the_partitions_and_who_stays_takes_over(broker: Broker, topic: str) -> None:
    for partition in range(PARTITIONS):
        write(broker, topic, RECORDS[:1], partition)
    with consumer(broker, f"of-{topic}") as stays:
        stays.subscribe([topic])
        shared(topic, stays)
        with consumer(broker, f"of-{topic}") as leaves:
            leaves.subscribe([topic])
            parts = shared(topic, stays, leaves)
            assert all(len(part) == PARTITIONS // 2 for part in parts)
        assert shared(topic, stays) == [set(range(PARTITIONS))]


def test_two_groups_each_read_everything(broker: Broker, topic: str) -> None:
    write(broker, topic, RECORDS)
    with consumer(broker, f"one-{topic}") as one, consumer(broker, f"other-{topic}") as other:
        for client in (one, other):
            client.subscribe([topic])
        assert [record.value() for record in collected(one, 5)] == [record.value() for record in collected(other, 5)]


def shared(topic: str, *members: Consumer) -> list[set[int]]:
    """The partitions of each member, when all have some and each is one member's."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        for member in members:
            member.poll(0.1)
        parts = [{one.partition for one in member.assignment()} for member in members]
        if all(parts) and sorted(number for part in parts for number in part) == list(range(PARTITIONS)):
            return parts
        assert time.monotonic() < deadline, (topic, parts)
