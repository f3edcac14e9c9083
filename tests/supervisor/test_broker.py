from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import pytest
from confluent_kafka import Consumer, TopicPartition

from city import catalogue
from city.event import Tick
from city.instant import nanoseconds
from embedded.limits import PARTITIONS
from runtime.part import read_json, run_file
from tests.supervisor.conftest import ROOT, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime.settings import Settings

TOPICS = [domain.topic for domain in catalogue.load().domains]


@contextmanager
def broker(settings: Settings, *arguments: str) -> Iterator[str]:
    """The embedded broker as the supervisor starts it; its address."""
    path = run_file(settings.data_dir, "broker")
    path.unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "embedded.broker", *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings.environment()},
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        try:
            eventually(lambda: read_json(path), "the broker announces itself")
            said = read_json(path)
            assert said is not None
            yield said["address"]
        finally:
            process.terminate()
            code = process.wait(30)
    assert code == 0


@contextmanager
def reader(address: str) -> Iterator[Consumer]:
    consumer = Consumer({"bootstrap.servers": address, "group.id": "test", "auto.offset.reset": "earliest"})
    try:
        yield consumer
    finally:
        consumer.close()


def test_every_topic_of_the_catalogue_is_there_and_empty(settings: Settings) -> None:
    with broker(settings) as address, reader(address) as consumer:
        there = consumer.list_topics(timeout=10).topics
        for topic in (*TOPICS, "city.rejected", "city.late"):
            assert len(there[topic].partitions) == PARTITIONS
            for number in range(PARTITIONS):
                assert consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=10) == (0, 0)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_log_beside_an_older_store_begins_with_a_tick_in_every_partition(settings: Settings, topic: str) -> None:
    before = time.time_ns()
    with broker(settings, "--begin") as address, reader(address) as consumer:
        consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
        records = [consumer.poll(10) for _ in range(PARTITIONS)]
        assert consumer.poll(0.2) is None, "one tick each, and nothing more"
    after = time.time_ns()
    seen = set()
    for record in records:
        assert record is not None
        assert record.error() is None
        value = record.value()
        assert value is not None
        tick = msgspec.json.decode(value, type=Tick)
        assert tick.begin
        assert tick.recordedtime is not None
        assert before <= nanoseconds(tick.recordedtime) <= after
        assert record.offset() == 0
        seen.add(record.partition())
    assert seen == set(range(PARTITIONS))
