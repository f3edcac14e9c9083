from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from city.errors import CityopsError, UnreachableError, UsageError
from city.geography import HANOI
from city.instant import nanoseconds
from city.partition import partition_of
from producers.client import LINGER_S
from producers.log import Log
from producers.opening import open_publisher
from runtime.connect import Broker
from tests.producers.doubles import event
from tests.whole.proxy import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from city.lines import Line
    from infra.native.kafka import Kafka
    from producers.client import Future


AREAS = sorted(HANOI.zone_of)
ROOT = Path(__file__).parents[2]


def _stored(broker: Broker, topic: str) -> list[Line]:
    log = Log(broker, [topic])
    try:
        return log.tails(1_000_000)
    finally:
        log.close()


def _numbers(lines: list[Line]) -> dict[int, list[int]]:
    """Partition → the events' numbers, in the order of the log."""
    found: dict[int, list[int]] = {}
    for line in lines:
        said = msgspec.json.decode(line.value)
        if "data" in said:
            assert line.place is not None
            found.setdefault(line.place.partition, []).append(int(said["id"]))
    return found


def test_events_are_stored_once_in_order_where_murmur2_puts_them(broker: Broker, topic: str) -> None:
    publisher = open_publisher(broker, [topic], 4)
    for number in range(2_000):
        publisher.accept(topic, event(number, area=AREAS[number % 126]))
    publisher.tick_now()
    assert publisher.close(30) == 0
    expected: dict[int, list[int]] = {}
    for number in range(2_000):
        expected.setdefault(partition_of(AREAS[number % 126].encode(), 4), []).append(number)
    lines = _stored(broker, topic)
    assert _numbers(lines) == expected
    assert all(dict(line.headers)["content-type"] == b"application/cloudevents+json" for line in lines)
    assert len(lines) == 2_004


def _are_done(sent: Sequence[Future]) -> bool:
    return all(one.is_done for one in sent)


def test_what_is_sent_at_any_moment_goes_without_a_call_that_follows(broker: Broker, topic: str) -> None:
    publisher = open_publisher(broker, [topic], 4)
    chance = random.Random(7)
    publisher.put(publisher.addressed(topic, b"garbage", None))
    assert publisher.flush(30) == 0
    producer = publisher._producer
    for _ in range(60):
        sent = []
        for partition in chance.sample(range(4), chance.randint(1, 3)):
            sent.append(producer.send(topic, b"garbage", None, [], partition, None))
            time.sleep(chance.choice((0, 0.001, LINGER_S / 2, LINGER_S, LINGER_S + 0.003)))
        wait_until(partial(_are_done, sent), 20, "nobody wakes the sender any more")
    assert publisher.close(30) == 0


@pytest.mark.parametrize("embedded", [True, False])
def test_an_address_where_nobody_listens_is_one_clear_line(*, embedded: bool) -> None:
    with pytest.raises(UnreachableError, match=r"^no Kafka answers at 127\.0\.0\.1:9: Connection refused$"):
        open_publisher(Broker("127.0.0.1:9", embedded=embedded), ["city.traffic"], 4)


@pytest.mark.parametrize("address", ["localhost", "localhost:", ":x", "localhost:99999"])
def test_an_address_that_is_none_is_a_usage_error(address: str) -> None:
    with pytest.raises(UsageError, match="is not HOST:PORT"):
        open_publisher(Broker(address, embedded=False), ["city.traffic"], 4)


@pytest.mark.live
@pytest.mark.parametrize(
    ("partitions", "config", "complaint"),
    [
        (4, {"cleanup.policy": "compact"}, "compaction would eat events"),
        (4, {"cleanup.policy": "compact,delete"}, "compaction would eat events"),
        (3, {}, "has 3 partitions and the settings say 4"),
    ],
)
def test_a_topic_that_would_lose_or_misplace_events_is_refused(
    kafka_server: Kafka, topic: str, partitions: int, config: dict[str, str], complaint: str
) -> None:
    admin = AdminClient({"bootstrap.servers": kafka_server.address})
    admin.create_topics([NewTopic(topic, partitions, 1, config=config)])[topic].result(30)
    with pytest.raises(CityopsError, match=complaint):
        open_publisher(Broker(kafka_server.address, embedded=False), [topic], 4)


@pytest.mark.live
@pytest.mark.usefixtures("collected")
@pytest.mark.filterwarnings(
    "ignore:unclosed <socket:ResourceWarning"
)  # kafka-python leaves failed ones to the collector
def test_a_kafka_that_is_restarted_loses_doubles_and_delays_nothing(kafka_server: Kafka, topic: str) -> None:
    broker = Broker(kafka_server.address, embedded=False)
    publisher = open_publisher(broker, [topic], 4)
    for number in range(100):
        publisher.accept(topic, event(number))
    assert publisher.flush(30) == 0
    kafka_server.stop()
    said = time.time_ns()
    for number in range(100, 200):
        publisher.accept(topic, event(number))
    accepted = time.time_ns()
    assert publisher.waiting == 100
    kafka_server.start()
    for number in range(200, 300):
        publisher.accept(topic, event(number))
    assert publisher.close(60) == 0
    lines = _stored(broker, topic)
    assert _numbers(lines) == {partition_of(b"00070", 4): list(range(300))}
    heard = {int(one["id"]): one["recordedtime"] for one in (msgspec.json.decode(line.value) for line in lines)}
    assert all(said - 1_000_000 <= nanoseconds(heard[number]) <= accepted for number in range(100, 200))


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[tuple[Broker, Callable[[int], None]]]:
    """An embedded broker of its own, and a way to send it signals."""
    environment = {**os.environ, "CITYOPS_DATA_DIR": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-m", "embedded.broker"], cwd=ROOT, env=environment)
    said = tmp_path / "run" / "broker.json"
    deadline = time.monotonic() + 30
    while not said.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    try:
        yield Broker(json.loads(said.read_text())["address"], embedded=True), process.send_signal
    finally:
        process.kill()
        process.wait(10)


def test_a_broker_that_freezes_and_wakes_has_everything_once_and_in_order(
    frozen: tuple[Broker, Callable[[int], None]], topic: str
) -> None:
    broker, send_signal = frozen
    publisher = open_publisher(broker, [topic], 4)
    for number in range(500):
        publisher.accept(topic, event(number))
        if number == 200:
            send_signal(signal.SIGSTOP)
    assert publisher.flush(1.0) > 0
    send_signal(signal.SIGCONT)
    assert publisher.close(60) == 0
    assert _numbers(_stored(broker, topic)) == {partition_of(b"00070", 4): list(range(500))}
