from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psutil
import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

if TYPE_CHECKING:
    from infra.native.kafka import Kafka

pytestmark = pytest.mark.live


def _send(kafka: Kafka, topic: str, value: bytes, timestamp_ms: int = 0) -> None:
    failures: list[KafkaError] = []
    producer = Producer({"bootstrap.servers": kafka.address, "message.timeout.ms": 60_000})
    producer.produce(
        topic,
        value,
        key=b"01",
        partition=3,
        timestamp=timestamp_ms,
        on_delivery=lambda error, _: failures.append(error) if error else None,
    )
    assert producer.flush(60) == 0
    if failures:
        raise KafkaException(failures[0])


def _read(kafka: Kafka, topic: str, events: int) -> list[bytes | None]:
    consumer = Consumer({"bootstrap.servers": kafka.address, "group.id": "test", "auto.offset.reset": "earliest"})
    try:
        consumer.assign([TopicPartition(topic, 3, 0)])
        return [message.value() for message in consumer.consume(events, timeout=60)]
    finally:
        consumer.close()


def test_events_come_back_also_after_a_crash_at_the_same_address(kafka: Kafka) -> None:
    address = kafka.address
    _send(kafka, "city.crash", b"before")
    kafka.kill()
    kafka.start()
    _send(kafka, "city.crash", b"after")

    assert kafka.address == address
    assert _read(kafka, "city.crash", 2) == [b"before", b"after"]


def test_a_topic_of_first_use_has_twelve_partitions(kafka: Kafka) -> None:
    _send(kafka, "city.first", b"event")
    topics = AdminClient({"bootstrap.servers": kafka.address}).list_topics("city.first", timeout=60).topics
    assert set(topics["city.first"].partitions) == set(range(12))


def test_a_record_stamped_far_ahead_is_refused(kafka: Kafka) -> None:
    now_ms = int(time.time() * 1000)
    _send(kafka, "city.clock", b"half a minute ahead", now_ms + 30_000)
    with pytest.raises(KafkaException, match="INVALID_TIMESTAMP"):
        _send(kafka, "city.clock", b"two minutes ahead", now_ms + 120_000)


def test_it_listens_on_loopback_alone(kafka: Kafka) -> None:
    connections = psutil.Process(kafka.pid).net_connections("tcp")
    listening = [connection.laddr for connection in connections if connection.status == psutil.CONN_LISTEN]
    assert len(listening) == 2  # clients, controller
    assert {address.ip.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}
