"""How soon an event can be queried: publisher → Kafka → worker → embedded store → an InfluxQL answer of `city_live`.

    python -m bench.latency [--rate 1000 5000 15000] [--seconds 30]

While the city speaks at a rate, each with a Kafka and a store of its own, a probe of a source of its own is published
ten times a second. The store is asked over and over which probes have a point; a probe's latency is from the moment it
was handed to the publisher until the answer that first shows it has come, so the asking is in it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from bench.contender import await_parts, free_port, process, worker_settings
from bench.load import TOPIC, told
from bench.machine import machine
from bench.store import store
from city.catalogue import load
from city.domains.traffic.events import TrafficFlow, TrafficFlowObserved
from city.errors import CityopsError
from city.instant import NS, rfc3339
from infra.native.kafka import Kafka
from producers.opening import open_publisher
from runtime.connect import Broker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from producers.publisher import Publisher

RATES: Final = (1_000.0, 5_000.0, 15_000.0)
"""Events a second: a quiet city, a busy one, and all of Hanoi at its peak."""

PARTITIONS: Final = 12
PROBE_EVERY_S: Final = 0.1
WARM_UP_S: Final = 5.0

_AREA: Final = "00070"
_PROBE: Final = "probe/"
_QUERY: Final = 'SELECT "count" FROM "traffic_site" WHERE "area" = \'00070\' AND time > now() - 5m GROUP BY "source"'
_PAUSE_S: Final = 0.02
_MAKING_NS: Final = 100_000
_LAST_S: Final = 15.0


@dataclass
class Probes:
    """What was sent and what was seen, by number: monotonic seconds."""

    sent: dict[int, float] = field(default_factory=dict)
    seen: dict[int, float] = field(default_factory=dict)

    def latencies(self, after_s: float) -> list[float]:
        """Seconds of each probe that was sent so long after the first one, and seen; ascending."""
        begin = min(self.sent.values(), default=0.0) + after_s
        return sorted(self.seen[number] - at for number, at in self.sent.items() if at >= begin and number in self.seen)


class Asker(threading.Thread):
    """Asks the store which probes it shows, until told to stop."""

    def __init__(self, url: str, token: str, probes: Probes) -> None:
        super().__init__(name="asker", daemon=True)
        question = urlencode({"db": "city_live", "q": _QUERY})
        self._request = urllib.request.Request(f"{url}/query?{question}", headers={"Authorization": f"Token {token}"})  # noqa: S310 - our own store
        self._probes = probes
        self.took: list[float] = []
        self.over = threading.Event()

    def run(self) -> None:
        """Ask over and over."""
        while not self.over.wait(_PAUSE_S):
            began = time.monotonic()
            with urllib.request.urlopen(self._request, timeout=30) as answer:  # noqa: S310 - likewise
                shown = _shown(json.load(answer))
            now = time.monotonic()
            self.took.append(now - began)
            for number in shown:
                self._probes.seen.setdefault(number, now)


def _shown(answer: Any) -> list[int]:
    """The numbers of the probes in an InfluxQL answer."""
    sources = [series["tags"]["source"] for series in answer["results"][0].get("series", ())]
    return [int(source.removeprefix(_PROBE)) for source in sources if source.startswith(_PROBE)]


def speak(publisher: Publisher, events: Iterable[tuple[int, TrafficFlow]], probes: Probes) -> float:
    """Publish each event when it is heard, with a probe and a tick now and then; the seconds it lagged at the most."""
    next_probe, next_tick, behind = 0.0, 0.0, 0.0
    for heard, event in events:
        wait = (heard - time.time_ns()) / NS
        if wait > 0:
            time.sleep(wait)
        behind = max(behind, -wait)
        publisher.accept(TOPIC, event)
        now = time.monotonic()
        if now >= next_probe:
            number = len(probes.sent)
            probes.sent[number] = now
            publisher.accept(TOPIC, _probe(number))
            next_probe = now + PROBE_EVERY_S
        if now >= next_tick:
            publisher.tick_now()
            next_tick = now + 1
    return behind


def _probe(number: int) -> TrafficFlow:
    data = TrafficFlowObserved(intensity=1, averageVehicleSpeed=30.0, vehicleType="car")
    return TrafficFlow(id="0", source=f"{_PROBE}{number}", time=rfc3339(time.time_ns()), area=_AREA, data=data)


def measure(kafka: Kafka, rate: float, seconds: float) -> tuple[Probes, str]:
    """Run the whole path for so long; what was seen, and a line about the run."""
    probes = Probes()
    with store() as (url, token, _, folder):
        topics = [domain.topic for domain in load().domains]  # of one that appears later the worker would be told
        publisher = open_publisher(Broker(kafka.address, embedded=False), topics, PARTITIONS)
        settings = worker_settings(kafka.address, url, folder, free_port())
        with process(["stream_app"], folder / "worker.log", settings):
            await_parts(folder, "worker", log=folder / "worker.log")
            asker = Asker(url, token, probes)
            asker.start()
            behind = speak(publisher, _said(rate, seconds), probes)
            until = time.monotonic() + _LAST_S
            while len(probes.seen) < len(probes.sent) and time.monotonic() < until:
                time.sleep(_PAUSE_S)
            asker.over.set()
            asker.join()
            publisher.close(10)
    told_s = statistics.median(asker.took)
    return probes, (
        f"{publisher.sent:,} events in {seconds:.0f} s, the publisher {behind * 1e3:.0f} ms behind at the most; "
        f"the store answered the asking in {told_s * 1e3:.0f} ms (median)"
    )


def _said(rate: float, seconds: float) -> list[tuple[int, TrafficFlow]]:
    """What the city will say, made before it is said: simulating would take the publisher's time."""
    begin = time.time_ns() + round(rate * seconds * _MAKING_NS)
    return list(takewhile(lambda said: said[0] < begin + seconds * NS, told(begin, rate)))


def table(measured: Mapping[float, Sequence[float]]) -> Iterator[str]:
    """Percentiles of the latencies (s) at each rate (events/s)."""
    yield "| events/s | probes | p50 | p90 | p99 | most |"
    yield "|---:|---:|---:|---:|---:|---:|"
    for rate, latencies in measured.items():
        figures = ["–"] * 4
        if len(latencies) > 1:
            cuts = statistics.quantiles(latencies, n=100, method="inclusive")
            figures = [f"{value:.2f} s" for value in (cuts[49], cuts[89], cuts[98], latencies[-1])]
        yield f"| {rate:,.0f} | {len(latencies)} | {' | '.join(figures)} |"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description=__doc__, allow_abbrev=False)
    parser.add_argument("--rate", type=float, nargs="+", default=list(RATES), help="events a second, one or several")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long the city speaks at each")
    asked = parser.parse_args()
    before = os.getloadavg()[0]
    measured: dict[float, list[float]] = {}
    lost = 0
    for rate in asked.rate:
        try:
            with tempfile.TemporaryDirectory(prefix="cityops-bench-") as folder, Kafka(Path(folder, "kafka")) as kafka:
                probes, about = measure(kafka, rate, asked.seconds)
        except CityopsError as error:
            sys.exit(f"bench.latency: {error}")
        print(f"{rate:,.0f} events/s: {about}.", flush=True)
        measured[rate] = probes.latencies(WARM_UP_S)
        lost += len(probes.sent) - len(probes.seen)
    print(f"{PARTITIONS} partitions of Kafka {Kafka.recipe.version}; {machine(before)}.\n")
    print("\n".join(table(measured)))
    if lost:
        sys.exit(f"bench.latency: {lost} probes never showed")


if __name__ == "__main__":
    main()
