"""How long from an event to a point that can be asked for, through the whole path, under load.

    python -m bench.latency [--rate 5000] [--seconds 60]

Publisher → a real Kafka → our worker → an embedded store → an answer in InfluxQL from `city_live`. Among the load's
events some are probes, each by a source of its own; the clock of one starts when the publisher accepts it and stops
with the first answer that shows it, so the time of asking is in the figure.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from bench.load import TOPIC, told
from bench.throughput import PARTITIONS
from bench.worker import running_worker
from city.errors import CityopsError
from city.instant import rfc3339
from infra.native.kafka import Kafka
from producers.opening import open_publisher
from runtime.ask import ask
from runtime.connect import Broker, Store

if TYPE_CHECKING:
    from city.domains.traffic.events import TrafficFlow
    from producers.publisher import Publisher

_PROBES_PER_S: Final = 5
_WARM_S: Final = 10.0
_POOL: Final = 20_000  # events, said again and again at other times
_PATIENCE_S: Final = 30.0
_ASK_EVERY_S: Final = 0.2  # half of it is in the figure, too
_SEEN: Final = 'SELECT "count" FROM "traffic_site" WHERE "source" =~ /^probe/ AND time > now() - 2m GROUP BY "source"'


class Probes:
    """When each probe was accepted, and when it was first seen; seconds of the monotonic clock."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.sent: dict[str, float] = {}
        self.seen: dict[str, float] = {}
        self.answers: list[float] = []
        """How long each answer took, seconds."""

    def look(self) -> None:
        """Ask once, and note what is new."""
        began = time.monotonic()
        asked = ask(self._store, "city_live", _SEEN)
        now = time.monotonic()
        self.answers.append(now - began)
        for result in asked:
            for one in result.get("series", ()):
                self.seen.setdefault(one["tags"]["source"], now)

    def latencies(self) -> list[float]:
        """Seconds from accepted to seen, the shortest first.

        Raises:
            SystemExit: a probe was never seen.
        """
        if lost := self.sent.keys() - self.seen.keys():
            sys.exit(f"bench.latency: {len(lost)} of {len(self.sent)} probes were not seen")
        return sorted(self.seen[source] - sent for source, sent in self.sent.items())


def speak(publisher: Publisher, probes: Probes, rate: float, seconds: float) -> float:
    """Publish the load at its rate, with ticks and probes; gives the events a second that it came to."""
    load = cycle([event for _, event in islice(told(time.time_ns(), rate), _POOL)])
    begun = time.monotonic()
    spoken, next_tick, next_probe = 0, begun, begun + _WARM_S
    while (now := time.monotonic()) < begun + seconds + _WARM_S:
        due = round((now - begun) * rate)
        for _ in range(due - spoken):
            publisher.accept(TOPIC, _now(next(load)))
        spoken = due
        if now >= next_probe:
            source = f"probe/{len(probes.sent):05d}"
            probes.sent[source] = time.monotonic()
            publisher.accept(TOPIC, replace(_now(next(load)), source=source))
            next_probe += 1 / _PROBES_PER_S
        if now >= next_tick:
            publisher.tick_now()
            next_tick += 1
        time.sleep(0.002)
    return spoken / (time.monotonic() - begun)


def _now(event: TrafficFlow) -> TrafficFlow:
    """The event as it would be observed now."""
    return replace(event, time=rfc3339(time.time_ns() // 1_000_000 * 1_000_000))


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description=__doc__, allow_abbrev=False)
    parser.add_argument("--rate", type=float, default=5_000.0, help="events a second")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long probes are sent")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cityops-bench-"))
        try:
            kafka = stack.enter_context(Kafka(Path(folder), partitions=PARTITIONS))
        except CityopsError as error:
            sys.exit(f"bench.latency: {error}")
        publisher = open_publisher(Broker(kafka.address, embedded=False), [TOPIC], PARTITIONS)
        stack.callback(publisher.close, 5.0)
        worker = stack.enter_context(running_worker(kafka.address))
        probes = Probes(Store(worker.store_url, "cityops", worker.token))
        rates: list[float] = []
        speaker = threading.Thread(target=lambda: rates.append(speak(publisher, probes, asked.rate, asked.seconds)))
        speaker.start()
        while speaker.is_alive():
            probes.look()
            time.sleep(_ASK_EVERY_S)
        until = time.monotonic() + _PATIENCE_S
        while len(probes.seen) < len(probes.sent) and time.monotonic() < until:
            probes.look()
            time.sleep(_ASK_EVERY_S)
        took = probes.latencies()
        print(
            f"{rates[0]:,.0f} events/s for {asked.seconds:.0f} s on {os.cpu_count()} cores, {len(took)} probes: "
            f"p50 {statistics.median(took):.2f} s, p99 {took[int(len(took) * 0.99)]:.2f} s, max {took[-1]:.2f} s; "
            f"an answer took {statistics.median(probes.answers):.2f} s, at most {max(probes.answers):.2f} s"
        )


if __name__ == "__main__":
    main()
