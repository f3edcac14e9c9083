"""A small city that several workers of several groups read one after another: hours follow hours in one log."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import OffsetAndMetadata
from aiokafka.structs import TopicPartition as AioTopicPartition
from confluent_kafka import Consumer, TopicPartition
from prometheus_client.parser import text_string_to_metric_families

from city.domains.traffic.simulator import simulate
from city.event import encode
from city.instant import NS, nanoseconds
from producers.opening import open_publisher
from runtime.connect import Broker as Address
from stream_app.core.checkpoint import Checkpoint, parse
from tests.stream.brokers import PARTITIONS, make_topics, produce
from tests.whole.city import CATALOGUE, SmallCity, free_port, truth_of
from tests.whole.proxy import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from confluent_kafka import Message

    from city.domain import Series
    from producers.log import At
    from stream_app.truth import Truth
    from tests.stream.brokers import Raw

PROJECT = Path(__file__).parents[2]
TOPIC = "city.traffic"
BEGINS = nanoseconds("2026-03-02T07:00:00+07:00")
START_S = 60.0


class Run:
    """A worker's process, its log and its figures."""

    def __init__(self, argv: Sequence[str | Path], settings: Mapping[str, object], folder: Path) -> None:
        folder.mkdir(parents=True)
        self._log = folder / "log"
        self._url = f"http://127.0.0.1:{settings['metrics_port']}"
        # As from a checkout: neither the path nor the safe path that `./cityops test` has set.
        environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PYTHONSAFEPATH"}}
        environment |= {f"CITYOPS_{name.upper()}": str(value) for name, value in settings.items()}
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                argv, env=environment, cwd=PROJECT, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    @property
    def log(self) -> str:
        """What it has printed."""
        return self._log.read_text(errors="replace")

    def says(self, text: str, limit_s: float = START_S, times: int = 1) -> Self:
        """Wait until its log holds a text so many times."""

        def said() -> bool:
            assert self.process.poll() is None or text in self.log, self.log[-3_000:]
            return self.log.count(text) >= times

        wait_until(said, limit_s, f"the worker says {text!r}")
        return self

    def ready(self) -> Self:
        """Wait until it has its first partitions."""
        return self.says("assigned city.")

    def ends(self, limit_s: float = START_S) -> int:
        """Wait for its end; its exit code. Where it does not end, fail with what it said and where it stands."""
        try:
            return self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            said = self.log
            self.process.send_signal(signal.SIGUSR1)  # Faust prints the stacks of its threads and tasks
            wait_until(lambda: len(self.log) > len(said), 10, f"the worker says where it stands; it said {said}")
            time.sleep(1)  # the stacks come in pieces
            pytest.fail(f"the worker did not end in {limit_s} s:\n{self.log}")

    def stop(self) -> int:
        """Ask it to end, as a supervisor does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def asked(self, path: str) -> str:
        """What its metrics server answers."""
        with urllib.request.urlopen(self._url + path, timeout=10) as answer:  # noqa: S310 - of our own worker
            return str(answer.read(), "utf-8")

    def figure(self, name: str) -> float:
        """A figure of `/metrics`, summed over its labels; 0 where it is not told yet."""
        families = text_string_to_metric_families(self.asked("/metrics"))
        return sum(sample.value for family in families for sample in family.samples if sample.name == name)

    def kill(self) -> None:
        """End it, whatever it does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait(10)


class _RealBroker:
    """Stands where the small city has its embedded broker."""

    def __init__(self, address: str) -> None:
        self.address = address


class Town:
    """Broker, store and proxy; hours to publish and workers to start.

    Args:
        folder: everything is kept below.
        stack: what ends with the town.
        kafka: the address of a real Kafka to use; empty: an embedded broker.
    """

    def __init__(self, folder: Path, stack: ExitStack, kafka: str = "") -> None:
        self._folder = folder
        self._stack = stack
        self.city = SmallCity(folder / "city", stack)
        self.embedded = not kafka
        if kafka:
            make_topics(kafka, TOPIC, "city.late", "city.rejected")
            self.city.publisher.close(1.0)
            self._unused = self.city._broker
            self.city._broker = _RealBroker(kafka)  # type: ignore[assignment]  # all that is asked of it is its address
            self.city.publisher = open_publisher(Address(kafka, embedded=False), [TOPIC], PARTITIONS)
            stack.callback(self.city.publisher.close, 1.0)
        self.address = self.city._broker.address
        self._hours = 0
        self._runs: list[Run] = []

    # ------------------------------------------------------------------------------------------------- publishing

    def hour(self, *, minutes: int = 1, events_per_s: float = 10.0) -> tuple[list[bytes], int]:
        """The lines of the next hour's first minutes, and the time (ns) at which that hour is over."""
        start = BEGINS + self._hours * 3_600 * NS
        self._hours += 1
        events = simulate(self._hours, start, start + minutes * 60 * NS, events_per_s=events_per_s)
        return [encode(event) for event in events], start + 3_599 * NS

    def publish_hour(self, *, minutes: int = 1, events_per_s: float = 10.0) -> Truth:
        """Publish the next hour, to its end; its truth."""
        lines, over = self.hour(minutes=minutes, events_per_s=events_per_s)
        self.city.say(lines)
        self.city.tick(over)
        return truth_of(lines)

    def produce(self, records: Sequence[Raw]) -> list[str]:
        """Publish raw records (partition, key, value, timestamp in ms); each one's topic-partition-offset."""
        return produce(self.address, TOPIC, records)

    def series(self) -> dict[str, Series]:
        """The series of the town's topic, by name."""
        return {series.name: series for series in CATALOGUE.domain("traffic").series}

    # --------------------------------------------------------------------------------------------------- workers

    def start(self, *argv: str | Path, **settings: object) -> Run:
        """Start a worker (`python -m stream_app`, or another command) of a group of its own unless told otherwise."""
        number = len(self._runs) + 1
        folder = self._folder / f"worker-{number}"
        here = {
            "data_dir": folder / "data",
            "store_token_file": self._folder / "city" / "secrets" / "store-token",
            "broker": self.address,
            "broker_embedded": self.embedded,
            "store_url": self.city.proxy.url,
            "metrics_port": free_port(),
            "session_seconds": 4 if self.embedded else 6,
            "flush_seconds": 0.3,
            "group": f"group-{number}",
        }
        run = Run(argv or (sys.executable, "-m", "stream_app"), here | settings, folder)
        self._stack.callback(run.kill)
        self._runs.append(run)
        return run

    def end_workers(self) -> None:
        """End every worker: what one group still writes would hide what another does not."""
        for run in self._runs:
            run.kill()

    # ---------------------------------------------------------------------------------------------------- asking

    def committed(self, group: str) -> dict[int, tuple[int, str]]:
        """Partition → offset and metadata of what a group has committed."""
        found = asyncio.run(committed(self.address, group, [(TOPIC, number) for number in range(PARTITIONS)]))
        return {number: said for (_, number), said in found.items()}

    def checkpoints(self, group: str) -> dict[int, Checkpoint]:
        """Partition → the statement that a group has committed; fails where the metadata is not ours."""
        found = {partition: parse(*said) for partition, said in self.committed(group).items()}
        assert None not in found.values(), self.committed(group)
        return {partition: checkpoint for partition, checkpoint in found.items() if checkpoint}

    def read_to_the_end(self, group: str) -> dict[int, Checkpoint]:
        """Wait until the group has decided every record there is; what it has committed then."""

        def decided() -> bool:
            said = {partition: parse(*one) for partition, one in self.committed(group).items()}
            return {partition: one.pos for partition, one in said.items() if one} == ends

        assert self.city.publisher.flush(30) == 0
        ends = self.ends()
        wait_until(decided, 180, f"{group} has read to {ends}")
        return self.checkpoints(group)

    def commit(self, group: str, statements: Mapping[int, tuple[int, str]]) -> None:
        """Commit for a group without members."""
        asyncio.run(_commit(self.address, group, statements))

    def ends(self) -> dict[int, int]:
        """Partition → where the log ends."""
        with _consumer(self.address, "asking") as consumer:
            return {
                number: consumer.get_watermark_offsets(TopicPartition(TOPIC, number), timeout=30)[1]
                for number in range(PARTITIONS)
            }

    def read(self, topic: str, wanted: set[str], limit_s: float = 180) -> dict[str, Message]:
        """Read a side topic from its start until every wanted `topic-partition-offset` is there."""
        found: dict[str, Message] = {}
        with _consumer(self.address, "reading") as consumer:
            consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])

            def there() -> bool:
                for message in consumer.consume(500, timeout=0.5):
                    found[headers_of(message)["topic-partition-offset"]] = message
                return wanted <= found.keys()

            wait_until(there, limit_s, f"{topic} holds {sorted(wanted)}")
        return {place: found[place] for place in wanted}


def headers_of(message: Message) -> dict[str, str]:
    """The headers of a record, as text."""
    headers: Any = message.headers() or []  # typed as what may be sent; what comes is pairs
    return {name: value.decode() for name, value in headers}


async def _commit(address: str, group: str, statements: Mapping[int, tuple[int, str]]) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=address, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        offsets = {AioTopicPartition(TOPIC, number): OffsetAndMetadata(*said) for number, said in statements.items()}
        consumer.assign(list(offsets))
        await consumer.commit(offsets)
    finally:
        await consumer.stop()


async def committed(address: str, group: str, places: Iterable[At]) -> dict[At, tuple[int, str]]:
    """Offset and metadata of what a group has committed; places without are left out."""
    # Not confluent-kafka: metadata comes and goes with bytes behind its end.
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        said = await admin.list_consumer_group_offsets(group, partitions=[AioTopicPartition(*at) for at in places])
    finally:
        await admin.close()
    return {(tp.topic, tp.partition): (one.offset, one.metadata) for tp, one in said.items() if one.offset >= 0}


@contextmanager
def _consumer(address: str, group: str) -> Iterator[Consumer]:
    consumer = Consumer({"bootstrap.servers": address, "group.id": group, "enable.auto.commit": False})
    try:
        yield consumer
    finally:
        consumer.close()


class Relay:
    """A port that leads to another, from the moment it is opened."""

    def __init__(self, port: int, address: str) -> None:
        host, _, target = address.rpartition(":")
        self._target = (host, int(target))
        self._server = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                ours, _ = self._server.accept()
                theirs = socket.create_connection(self._target)
                for here, there in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=_pump, args=(here, there), daemon=True).start()

    def close(self) -> None:
        """Accept nobody any more."""
        self._server.close()


def _pump(here: socket.socket, there: socket.socket) -> None:
    with suppress(OSError), here, there:
        while data := here.recv(65_536):
            there.sendall(data)


@contextmanager
def town_in(folder: Path, kafka: str = "") -> Iterator[Town]:
    """A town in a folder, ended afterwards."""
    with ExitStack() as stack:
        yield Town(folder, stack, kafka)
