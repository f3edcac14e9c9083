"""How many events a second: a plain Faust agent, a bare loop and our worker read the same topic of a real Kafka.

    python -m bench.throughput [--events 1000000] [--rounds 3]

One table from one run. The topic is filled beforehand; contenders read it in turn, each from its beginning with a
group of its own, so that a machine whose speed drifts is fair to all. Counted are the events between the first look
and the last, the CPU of the contender's process, and its memory. The worker does everything: it removes duplicates,
closes windows, writes them to an embedded store and commits. The plain agent is stopped after `--seconds`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench import contender
from bench.load import preload
from bench.machine import machine
from city.errors import CityopsError
from infra.native.kafka import Kafka

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bench.contender import Run

PARTITIONS: Final = 12
"""As in Compose."""

CITY_RATE: Final = 5_000.0
"""Events in a second of the city's time: it decides how many events share a window."""

_QUARTERS: Final = (0.25, 0.5, 0.75, 1.0)
CONTENDERS: Final = ("plain Faust agent", "bare aiokafka + msgspec loop", "cityops worker, everything on")

_PLAIN, _BARE, _OURS = CONTENDERS

Runs = dict[str, list["Run"]]
"""Every contender's runs, one for each round."""


def measure(broker: str, events: int, rounds: int, plain_s: float, say: Callable[[str], None]) -> Runs:
    """Let every contender read, round by round."""
    runs: Runs = {_PLAIN: [], _BARE: [], _OURS: []}
    for number in range(1, rounds + 1):
        with contender.module("plain_agent", broker) as plain:
            runs[_PLAIN].append(plain.watch(events, plain_s))
        with contender.module("bare_loop", broker) as bare:
            runs[_BARE].append(bare.watch(events))
        with contender.worker(broker) as ours:
            runs[_OURS].append(ours.watch(events))
        say(f"round {number} of {rounds}: {', '.join(f'{run[-1].events_per_cpu_s:,.0f}' for run in runs.values())}")
    return runs


def table(runs: Mapping[str, Sequence[Run]]) -> Iterator[str]:
    """A Markdown table: medians over the rounds, also of the ratios, for a round's runs share its conditions."""
    yield "| | events/s | × plain | × bare | events per CPU second | × plain | × bare | peak memory |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for name, tried in runs.items():
        cells = []
        for figure in ("events_per_s", "events_per_cpu_s"):
            cells.append(f"{statistics.median(getattr(run, figure) for run in tried):,.0f}")
            for other, digits in ((_PLAIN, 1), (_BARE, 2)):
                pairs = zip(tried, runs[other], strict=True)
                ratio = statistics.median(getattr(run, figure) / getattr(its, figure) for run, its in pairs)
                cells.append(f"{ratio:.{digits}f}")
        cells.append(f"{max(run.peak for run in tried) / 1e6:,.0f} MB")
        yield f"| {name} | {' | '.join(cells)} |"
    parts = ", ".join(f"{runs[_OURS][-1].memory_at(part) / 1e6:,.0f} MB at {part:.0%}" for part in _QUARTERS)
    yield f"\nThe worker's memory: {parts} of the events."


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.throughput", description=__doc__, allow_abbrev=False)
    parser.add_argument("--events", type=int, default=1_000_000, help="events in the topic")
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender reads")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long the plain agent is watched")
    asked = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="cityops-bench-") as folder, Kafka(Path(folder, "kafka")) as kafka:
            loaded = preload(kafka.address, PARTITIONS, asked.events, CITY_RATE, time.time_ns())
            print(
                f"{loaded.events:,} events of {loaded.bytes // loaded.events} bytes, {loaded.span_s:.0f} s of the "
                f"city's time, in {PARTITIONS} partitions of Kafka {Kafka.recipe.version}; "
                f"{machine(os.getloadavg()[0])}; median of {asked.rounds} rounds.\n",
                flush=True,
            )
            runs = measure(
                kafka.address, loaded.events, asked.rounds, asked.seconds, lambda text: print(text, file=sys.stderr)
            )
            print("\n".join(table(runs)))
    except CityopsError as error:
        sys.exit(f"bench.throughput: {error}")


if __name__ == "__main__":
    main()
