"""Brokers for contract tests: the embedded one, and a real Kafka where there is one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from infra.native.kafka import Kafka
from tests.servers import needs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from confluent_kafka import Message

PARTITIONS = 4

Raw = tuple[int, bytes | None, bytes | None, int]
"""Partition, key, value, timestamp in ms."""


@contextmanager
def real_kafka(folder: Path) -> Iterator[Kafka]:
    """A real Kafka for as long as the block; skips the test where none is installed, fails it with CITYOPS_LIVE=1."""
    needs(Kafka)
    with Kafka(folder, partitions=PARTITIONS) as server:
        yield server


def make_topics(address: str, *names: str, **config: str) -> None:
    """Make topics of `PARTITIONS` partitions on a real Kafka; `_` in a setting's name stands for its dot."""
    admin = AdminClient({"bootstrap.servers": address, "log_level": 4})
    said = {name.replace("_", "."): value for name, value in config.items()}
    for one in admin.create_topics([NewTopic(name, PARTITIONS, 1, config=said) for name in names]).values():
        one.result(30)


def configure(address: str, topic: str, **config: str) -> None:
    """Set what a topic is to be like; `_` in a setting's name stands for its dot."""
    wish = {name.replace("_", "."): value for name, value in config.items()}
    admin = KafkaAdminClient(bootstrap_servers=address)
    try:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, wish)])
    finally:
        admin.close()


def send(address: str, topic: str, values: Iterable[bytes], partition: int = 0) -> None:
    """Store values in one partition."""
    producer = Producer({"bootstrap.servers": address})
    for value in values:
        producer.produce(topic, value, partition=partition)
    assert producer.flush(30) == 0


def produce(address: str, topic: str, records: Iterable[Raw]) -> list[str]:
    """Store raw records; each one's topic-partition-offset."""
    places: list[str] = []
    producer = Producer({"bootstrap.servers": address, "message.max.bytes": 30_000_000})

    def stored(error: object, message: Message) -> None:
        assert error is None, error
        places.append(f"{message.topic()}-{message.partition()}-{message.offset()}")

    for partition, key, value, timestamp_ms in records:
        producer.produce(topic, value, key, partition, on_delivery=stored, timestamp=timestamp_ms)
        assert producer.flush(30) == 0
    return places


def send_in_a_transaction(
    address: str, topic: str, records: Iterable[tuple[int, bytes | None, bytes]], *, abort: bool = False
) -> None:
    """Store records (partition, key, value) in one transaction, which ends each partition with a control record."""
    producer = Producer({"bootstrap.servers": address, "transactional.id": topic})
    producer.init_transactions(30)
    producer.begin_transaction()
    for partition, key, value in records:
        producer.produce(topic, value, key, partition)
    if abort:
        assert producer.flush(30) == 0
        producer.abort_transaction(30)
    else:
        producer.commit_transaction(30)


def delete_records(address: str, topic: str, before: int, partition: int = 0) -> None:
    """Let the log of a partition begin at an offset."""
    admin = AdminClient({"bootstrap.servers": address, "log_level": 4})
    for one in admin.delete_records([TopicPartition(topic, partition, before)]).values():
        one.result(30)
