"""What an event costs the worker's core, as the city grows: areas, open cells, partitions, lateness.

    python -m bench.scale [--most 1000000] [--plot FILE.svg]

The fold of the traffic domain alone, without Kafka, HTTP and Faust: decoding and gate, windows, a snapshot a second
with all its lines. Sensors speak by turns, for as long as the longest window is open; then the CPU time of a minute of
the city is taken. Each case is a process of its own. `--plot` draws the four courses (needs matplotlib, which
`./cityops test` brings).
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import re
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import psutil

from bench.machine import machine
from city.catalogue import load
from city.domains.traffic.events import VEHICLE_TYPES
from city.event import CONTENT_TYPE, tick
from city.geography import City, Unit, Zone
from city.instant import NS, rfc3339
from city.partition import partition_of
from stream_app.core import PartitionFold
from stream_app.core.checkpoint import NEVER, Start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BEGIN_S: Final = 1_795_000_020
MEASURED_S: Final = 60
"""As long as the longest window, so that every kind of window closes in it."""

_ZONES: Final = 30
_HEADERS: Final = (("content-type", CONTENT_TYPE.encode()),)


@dataclass(frozen=True, slots=True)
class Case:
    """One city: how large it is, and how long it waits for reports."""

    areas: int = 126
    sensors: int = 2_000
    events_per_s: int = 2_000
    partitions: int = 12
    lateness_s: int = 30


class Cost(NamedTuple):
    """What a case took: CPU in µs for each event, lines written for each event, cells open at the end, bytes."""

    us: float
    lines: float
    cells: int
    memory: int


class Sweep(NamedTuple):
    """Cases that differ in one thing; `grows` is an attribute of `Case`, or of its cost."""

    title: str
    grows: str
    cases: tuple[Case, ...]


@dataclass(slots=True)
class Said:
    """A record as the fold reads it."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int


def sweeps(most: int) -> tuple[Sweep, ...]:
    """The four of them; `most` is the greatest number of sensors, each of which holds a cell."""
    sensors = [10**power for power in range(3, 7) if 10**power <= most]
    busy = Case(areas=10_000, sensors=20_000)
    return (
        Sweep("areas", "areas", tuple(replace(busy, areas=number) for number in (126, 500, 2_000, 10_000))),
        Sweep(
            "open cells",
            "cells",
            # All of them shall have spoken within the window of a minute.
            tuple(Case(sensors=number, events_per_s=max(2_000, number // 55)) for number in sensors),
        ),
        Sweep("partitions", "partitions", tuple(Case(partitions=number) for number in (1, 4, 12, 24, 64))),
        Sweep(
            "lateness, s",
            "lateness_s",
            tuple(Case(events_per_s=500, lateness_s=seconds) for seconds in (5, 30, 120, 300, 900)),
        ),
    )


def city_of(areas: int) -> City:
    """A city with so many areas."""
    units = [Unit(f"{number + 10:05d}", f"Area {number}", "ward", 1.0, 21.0, 105.8) for number in range(areas)]
    zones = tuple(Zone(f"Zone {number}", tuple(units[number::_ZONES])) for number in range(_ZONES))
    return City("bench", "Bench", "Asia/Ho_Chi_Minh", zones)


def seconds_of(case: Case, city: City) -> Iterator[list[list[Said]]]:
    """The records of each partition, second by second, a tick at the end of each."""
    areas = list(city.units)
    where = [partition_of(area.encode(), case.partitions) for area in areas]
    offsets = [0] * case.partitions
    turn, second = 0, BEGIN_S
    while True:
        batches: list[list[Said]] = [[] for _ in offsets]
        stamp, heard = rfc3339(second * NS), (second + 1) * 1_000
        recorded = rfc3339((second + 1) * NS)
        for number in range(turn, turn + case.events_per_s):
            sensor = number % case.sensors
            place = sensor % len(areas)
            partition = where[place]
            value = _event(number, sensor, areas[place], stamp, recorded)
            batches[partition].append(Said(offsets[partition], areas[place].encode(), value, _HEADERS, heard))
            offsets[partition] += 1
        ticked = tick((second + 1) * NS)
        for partition, batch in enumerate(batches):
            batch.append(Said(offsets[partition], None, ticked, _HEADERS, heard))
            offsets[partition] += 1
        turn += case.events_per_s
        second += 1
        yield batches


def _event(number: int, sensor: int, area: str, stamp: str, recorded: str) -> bytes:
    """What a road sensor says, about 500 bytes."""
    return (
        f'{{"type":"vn.hanoi.traffic.flow.v1","specversion":"1.0","id":"{number}","source":"traffic/{area}/{sensor}",'
        f'"time":"{stamp}","recordedtime":"{recorded}","area":"{area}","data":{{"intensity":{number % 9},'
        f'"occupancy":{number % 50 / 100},"averageVehicleSpeed":{number % 600 / 10},"congested":false,'
        f'"vehicleType":"{VEHICLE_TYPES[number % len(VEHICLE_TYPES)]}","laneId":{number % 4},"laneDirection":"forward",'
        f'"refRoadSegment":"urn:ngsi-ld:RoadSegment:hanoi:{area}/{sensor}",'
        f'"dateObservedFrom":"{stamp}","dateObservedTo":"{stamp}"}}}}'
    ).encode()


def measure(case: Case) -> Cost:
    """Fold a city until all is as it will be, then take the time of a minute."""
    gc.set_threshold(250_000, 20, 100)  # as the worker does
    traffic, city = load().domain("traffic"), city_of(case.areas)
    series = tuple(replace(one, lateness_s=case.lateness_s) for one in traffic.series)
    domain = replace(traffic, series=series)
    before = psutil.Process().memory_info().rss
    start = Start(0, NEVER, 0, 0, case.partitions)
    folds = [PartitionFold(domain, city, number, start) for number in range(case.partitions)]
    warm_s = max(one.window_s + one.lateness_s for one in series)
    seconds = seconds_of(case, city)
    for _ in range(warm_s):
        _fold(folds, next(seconds))
    lines, used = 0, 0.0
    for _ in range(MEASURED_S):
        batches = next(seconds)
        began = time.process_time()
        lines += _fold(folds, batches)
        used += time.process_time() - began
    counted = sum(fold.counts["in"] for fold in folds)
    assert counted == case.events_per_s * (warm_s + MEASURED_S), "every event is admitted, or this measures refusals"
    events = case.events_per_s * MEASURED_S
    cells = sum(fold.open_windows for fold in folds)
    return Cost(used * 1e6 / events, lines / events, cells, psutil.Process().memory_info().rss - before)


def _fold(folds: Sequence[PartitionFold], batches: Sequence[Sequence[Said]]) -> int:
    """What a worker does in a second: all batches, then what is to be written; the number of lines."""
    lines = 0
    for fold, batch in zip(folds, batches, strict=True):
        fold.feed(batch)
        taken = fold.snapshot()
        lines += len(taken.settled) + len(taken.live)
        fold.acknowledged(taken)
    return lines


def growth(points: Sequence[tuple[float, float]]) -> float:
    """The exponent `e` of cost ~ size^e between the first point and the last: 0 is flat, 1 is proportional."""
    (size, cost), (larger, dearer) = points[0], points[-1]
    return math.log(dearer / cost) / math.log(larger / size)


def points_of(sweep: Sweep, costs: Sequence[Cost]) -> list[tuple[float, float]]:
    """What grows, and µs for each event."""
    return [
        (cost.cells if sweep.grows == "cells" else getattr(case, sweep.grows), cost.us)
        for case, cost in zip(sweep.cases, costs, strict=True)
    ]


def table(sweep: Sweep, costs: Sequence[Cost]) -> Iterator[str]:
    """A row for each case, and how the cost grows."""
    yield f"| {sweep.title} | µs of CPU for each event | lines written for each | open cells | memory |"
    yield "|---:|---:|---:|---:|---:|"
    points = points_of(sweep, costs)
    for (size, us), cost in zip(points, costs, strict=True):
        yield f"| {size:,.0f} | {us:.1f} | {cost.lines:.2f} | {cost.cells:,} | {cost.memory / 1e6:.0f} MB |"
    yield ""
    yield (
        f"{points[-1][0] / points[0][0]:,.0f} times as many: {points[-1][1] / points[0][1]:.2f} times the cost "
        f"(exponent {growth(points):.2f})."
    )
    yield ""


def plot(file: Path, measured: Sequence[tuple[Sweep, Sequence[Cost]]]) -> None:
    """Four courses of µs for each event, over what grows."""
    import matplotlib as mpl  # noqa: PLC0415 - only who draws needs it
    from matplotlib.figure import Figure  # noqa: PLC0415 - likewise

    drawn = Figure(figsize=(10, 2.8), layout="constrained")
    panels = drawn.subplots(1, len(measured), sharey=True, squeeze=False).flatten().tolist()
    for axes, (sweep, costs) in zip(panels, measured, strict=True):
        points = points_of(sweep, costs)
        axes.plot(*zip(*points, strict=True), "o-", color="#00695c")
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter("")
        axes.set_title(f"{sweep.title} (exponent {growth(points):.2f})", fontsize=9, loc="left")
        axes.grid(visible=True, alpha=0.25)
    panels[0].set_ylim(bottom=0)  # after the last, for they share it
    panels[0].set_ylabel("µs of CPU for each event")
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "cityops"}):
        text = StringIO()
        drawn.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    file.write_text(re.sub(r"[ \t]+$", "", text.getvalue(), flags=re.MULTILINE), encoding="utf-8")


def costs_of(cases: Iterable[Case]) -> list[Cost]:
    """What each case costs, one after the other, each in a process that has done nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as processes:
        return list(processes.map(measure, cases))


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__, allow_abbrev=False)
    parser.add_argument("--most", type=int, default=1_000_000, help="sensors of the largest city")
    parser.add_argument("--plot", type=Path, help="draw the courses into this SVG file")
    asked = parser.parse_args()
    before = os.getloadavg()[0]
    measured = []
    for sweep in sweeps(asked.most):
        measured.append((sweep, costs_of(sweep.cases)))
        print("\n".join(table(*measured[-1])), flush=True)
    print(f"Traffic, {MEASURED_S} s of the city, {machine(before)}.")
    if asked.plot:
        plot(asked.plot, measured)


if __name__ == "__main__":
    main()
