"""The whole city at full size, on a real Kafka: do its parts keep up with what its simulators say?

    python -m bench.city [--rate 15000] [--processes 2] [--workers 1] [--seconds 60]

Simulators (processes of their own, each with partitions of its own, as `up` shares them), workers and store run as
`up` runs them. One row: what is counted and written a second, how far the workers were behind the log, the cores that
each process took, and the CPU of all workers for an event.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from bench.contender import await_parts, counted, figures, free_port, process, worker_settings
from bench.machine import machine
from bench.store import store
from city.catalogue import SIDE_TOPICS, load
from city.errors import CityopsError
from infra.native.kafka import Kafka
from producers.topics import ensure
from runtime.connect import Broker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PARTITIONS: Final = 12
_WARM_UP_S: Final = 15.0
_EVERY_S: Final = 1.0
_WORKER: Final = "worker"


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at a moment: seconds, the worker's figures, and the CPU seconds of each process by its row."""

    at: float
    figures: Mapping[str, float]
    cpu: Mapping[str, float]


def measure(rate: float, processes: int, workers: int, seconds: float) -> list[Look]:
    """Run the whole city for so long; a look a second after it has warmed up."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cityops-bench-")))
        kafka = stack.enter_context(Kafka(folder / "kafka"))
        broker = Broker(kafka.address, embedded=False)
        ensure(broker, [*(domain.topic for domain in load().domains), *SIDE_TOPICS], PARTITIONS)
        url, _, store_process, own = stack.enter_context(store())
        rows = {"Kafka": psutil.Process(kafka.pid), "store": psutil.Process(store_process.pid)}
        ports = [free_port() for _ in range(workers)]
        for number, port in enumerate(ports, 1):
            settings = worker_settings(kafka.address, url, own, port)
            settings |= {"CITYOPS_DATA_DIR": str(folder / f"worker-{number}"), "CITYOPS_GROUP": "bench-city"}
            log = folder / f"worker-{number}.log"
            rows[f"{_WORKER} {number}"] = stack.enter_context(process(["stream_app"], log, settings))
        for number in range(1, workers + 1):
            await_parts(folder / f"worker-{number}", "worker", log=folder / f"worker-{number}.log")
        for number in range(1, processes + 1):
            speaks = {
                "CITYOPS_DATA_DIR": str(folder / f"simulators-{number}"),
                "CITYOPS_BROKER": kafka.address,
                "CITYOPS_PARTITIONS": str(PARTITIONS),
                "CITYOPS_RATE": str(rate),
            }
            command = ["producers.live", "--share", f"{number}/{processes}"]
            log = folder / f"simulators-{number}.log"
            rows[f"simulators {number}"] = stack.enter_context(process(command, log, speaks))
        time.sleep(_WARM_UP_S)
        looks: list[Look] = []
        while not looks or looks[-1].at - looks[0].at < seconds:
            told = sum((Counter(figures(port)) for port in ports), Counter())
            looks.append(Look(time.perf_counter(), told, {name: _cpu(one) for name, one in rows.items()}))
            time.sleep(_EVERY_S)
        return looks


def _cpu(one: psutil.Process) -> float:
    times = one.cpu_times()
    return times.user + times.system


def table(looks: list[Look]) -> Iterator[str]:
    """What was said, counted and written a second, what it took, and how far the worker was behind."""
    first, last = looks[0], looks[-1]
    span = last.at - first.at
    said = (counted(last.figures) - counted(first.figures)) / span
    points = (last.figures["cityops_points_total"] - first.figures["cityops_points_total"]) / span
    yield f"| events/s | points/s | lag at the most | lag at the end | {' | '.join(last.cpu)} | workers, an event |"
    yield "|---:|---:|---:|---:|---:|" + "---:|" * len(last.cpu)
    lags = [look.figures["cityops_lag"] for look in looks]
    cores = {name: (last.cpu[name] - first.cpu[name]) / span for name in last.cpu}
    each = sum(taken for name, taken in cores.items() if name.startswith(_WORKER)) / said
    taken = " | ".join(f"{one:.2f} cores" for one in cores.values())
    yield f"| {said:,.0f} | {points:,.0f} | {max(lags):,.0f} | {lags[-1]:,.0f} | {taken} | {each * 1e6:.1f} µs |"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.city", description=__doc__, allow_abbrev=False)
    parser.add_argument("--rate", type=float, default=15_000.0, help="events a second over all simulators")
    parser.add_argument("--processes", type=int, default=2, help="of simulators")
    parser.add_argument("--workers", type=int, default=1, help="that share the partitions")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long it is watched")
    asked = parser.parse_args()
    before = os.getloadavg()[0]
    try:
        looks = measure(asked.rate, asked.processes, asked.workers, asked.seconds)
    except CityopsError as error:
        sys.exit(f"bench.city: {error}")
    print(
        f"{asked.rate:,.0f} events/s asked of {asked.processes} processes, {asked.workers} workers, "
        f"{PARTITIONS} partitions of Kafka {Kafka.recipe.version}, {asked.seconds:.0f} s; {machine(before)}.\n"
    )
    print("\n".join(table(looks)))


if __name__ == "__main__":
    main()
