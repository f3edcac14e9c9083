from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from city import catalogue
from city.errors import CityopsError, UnreachableError
from cli._emptying import empty_log
from infra.native.kafka import Kafka
from runtime.settings import Settings, load
from stream_app.core.checkpoint import NEVER, Log, begin
from tests.servers import needs

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACES = [TopicPartition("city.traffic", number) for number in range(3)]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings that name a real Kafka whose log holds 30 records, ten of them read by the group."""
    needs(Kafka)
    with Kafka(tmp_path_factory.mktemp("kafka")) as server:
        address = f"127.0.0.1:{server.port}"
        admin = KafkaAdminClient(bootstrap_servers=address)
        admin.create_topics([NewTopic(name="city.traffic", num_partitions=3, replication_factor=1)])
        admin.close()
        producer = KafkaProducer(bootstrap_servers=address)
        for place in PLACES:
            for _ in range(10):
                producer.send(place.topic, b"x", partition=place.partition)
        producer.flush(30)
        producer.close()
        yield load(broker=address, group="emptied")


@pytest.mark.live
def test_an_emptied_log_begins_anew_and_whole_at_its_end(settings: Settings) -> None:
    empty_log(settings)

    consumer = KafkaConsumer(bootstrap_servers=settings.broker, group_id=settings.group, enable_auto_commit=False)
    starts, ends = consumer.beginning_offsets(PLACES), consumer.end_offsets(PLACES)
    assert starts == ends == dict.fromkeys(PLACES, 10)
    domain = catalogue.load().domain("traffic")
    for place in PLACES:
        committed = consumer.committed(place, metadata=True)
        start = begin((committed.offset, committed.metadata), Log(10, 10, 3), domain.series)
        assert (start.pos, start.resume, start.barrier) == (10, 10, NEVER)
        assert not start.barrier_unknown, "the first windows of the new log are whole and must be written"
        assert set(start.barriers.values()) == {NEVER}
        assert start.truncated == 0
    consumer.close()


@pytest.mark.live
def test_a_log_is_not_emptied_under_a_worker_that_reads_it(settings: Settings) -> None:
    reader = KafkaConsumer("city.traffic", bootstrap_servers=settings.broker, group_id=settings.group)
    try:
        reader.poll(timeout_ms=10_000)
        with pytest.raises(CityopsError, match="stop its workers first"):
            empty_log(settings)
    finally:
        reader.close()


def test_a_broker_that_is_not_there_is_one_line() -> None:
    with pytest.raises(UnreachableError, match="no broker at"):
        empty_log(load(broker="127.0.0.1:1"))
