"""How many events a second one process publishes (`python -m bench.publisher [--broker HOST:PORT] [--events N]`).

Everything on, as `./cityops simulate --live` and `replay` have it: stamped, encoded, murmur2, idempotent, acknowledged
by all, gzip, crc32c, ticks. Without `--broker` a Kafka that `./cityops servers install kafka` brought is started.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import tempfile
import time
import uuid
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from city import catalogue
from city.event import encode
from city.instant import NS
from producers.client import quiet
from producers.log import Log
from producers.opening import open_publisher
from producers.simulators import find, together
from runtime.connect import Broker
from runtime.part import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from city.event import Event
    from producers.publisher import Publisher

GOAL = 10_000
_BEGIN = 1_795_000_000 * NS


class Row(NamedTuple):
    """One line of the table."""

    way: str
    per_s: float
    per_cpu_s: float


def measure(way: str, broker: Broker, events: list[Event], say: Callable[[Publisher, str], None]) -> Row:
    """Publish all of them to a topic of their own, wait until all are stored, and count what is there."""
    topic = f"city.bench-{uuid.uuid4().hex[:8]}"
    publisher = open_publisher(broker, [topic], 4)
    began, cpu = time.perf_counter(), time.process_time()
    say(publisher, topic)
    unstored = publisher.flush(120)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    publisher.close(10)
    log = Log(broker, [topic])
    try:
        ends = sum(high for _, high in log.bounds().values())
    finally:
        log.close()
    assert unstored == 0, f"{unstored} records were not stored"
    assert ends >= len(events), f"{len(events)} events went out and {ends} records are in the log"
    return Row(way, len(events) / took, len(events) / cpu)


def _accepting(events: list[Event]) -> Callable[[Publisher, str], None]:
    """As simulators speak: each event stamped and encoded."""

    def say(publisher: Publisher, topic: str) -> None:
        tick_at = time.monotonic() + 1
        for event in events:
            publisher.accept(topic, event)
            if time.monotonic() >= tick_at:
                publisher.tick_now()
                tick_at += 1

    return say


def _putting(events: list[Event]) -> Callable[[Publisher, str], None]:
    """As a replay speaks: bytes as they are."""
    records = [(encode(event), event.area.encode()) for event in events]

    def say(publisher: Publisher, topic: str) -> None:
        for value, key in records:
            publisher.put(publisher.addressed(topic, value, key))

    return say


@contextmanager
def _broker(address: str) -> Iterator[Broker]:
    if address:
        yield Broker(address, embedded=False)
        return
    from infra.native.kafka import Kafka  # noqa: PLC0415 - only where none is named

    with tempfile.TemporaryDirectory() as folder, Kafka(Path(folder)) as server:
        yield Broker(server.address, embedded=False)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="bench.publisher", description=__doc__)
    parser.add_argument("--broker", default="", help="Kafka to use, HOST:PORT")
    parser.add_argument("--events", type=int, default=100_000)
    arguments = parser.parse_args()
    quiet()
    said = together(find(catalogue.load().domains), 2026, _BEGIN, events_per_s=5_000)
    events = [heard.event for heard in islice(said, arguments.events)]
    size = sum(len(encode(event)) for event in events) / len(events)
    with _broker(arguments.broker) as broker:
        rows = [
            measure("accept (live)", broker, events, _accepting(events)),
            measure("put (replay)", broker, events, _putting(events)),
        ]
    crc = "with" if importlib.util.find_spec("crc32c") else "without"
    print(f"{len(events)} events of {size:.0f} bytes, one process, gzip, idempotent, {crc} crc32c")
    print(f"{'way':<14} {'events/s':>10} {'per CPU s':>10}   goal: {GOAL}")
    for row in rows:
        print(f"{row.way:<14} {row.per_s:>10.0f} {row.per_cpu_s:>10.0f}")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak_mb:.0f} MB, the events themselves included")


if __name__ == "__main__":
    run(main)
