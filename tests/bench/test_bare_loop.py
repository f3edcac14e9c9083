from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from bench.accumulators import FlowCell
from bench.bare_loop import BareLoop
from bench.load import told
from bench.progress import Progress
from city.catalogue import load
from city.event import encode, tick
from city.instant import NS, nanoseconds
from stream_app.core.aggregate import Aggregate, Reader

if TYPE_CHECKING:
    from pathlib import Path

_BEGIN = 1_780_000_000 * NS


@dataclass
class Value:
    """A record with nothing but its value."""

    value: bytes


def test_the_bare_loop_fills_the_two_series_of_the_pack(tmp_path: Path) -> None:
    events = [event for _, event in islice(told(_BEGIN, 5_000), 2_000)]
    loop, progress = bare_loop(tmp_path)
    loop.count([Value(encode(event)) for event in events])
    assert progress.read() == len(events)
    flow, site = load().domain("traffic").series
    for series, cells, key in ((flow, loop.flow, "vehicleType"), (site, loop.sites, "source")):
        reader = Reader([series])
        aggregate = Aggregate(series, reader.paths)
        groups: dict[Any, list[Any]] = {}
        for event in events:
            start = nanoseconds(event.time) // NS // series.window_s * series.window_s
            tag = event.source if key == "source" else event.data.vehicleType
            groups.setdefault((start, event.area, tag), []).append(reader.read(event.data))
        assert cells.keys() == groups.keys()
        for group, readings in groups.items():
            ours = dict(field.split("=") for field in aggregate.fields(aggregate.of(readings)).split(","))
            theirs = cells[group]
            assert ours["count"] == f"{theirs.count}i"
            assert float(ours["intensity_sum"]) == theirs.intensity_sum
            assert float(ours.get("speed_wsum", 0)) == pytest.approx(theirs.speed_wsum)
            assert float(ours.get("speed_max", 0)) == pytest.approx(theirs.speed_max)
            if isinstance(theirs, FlowCell):
                assert [ours.get(f"speed_bin{i}", "0i") for i in range(12)] == [f"{count}i" for count in theirs.bins]


def test_the_bare_loop_passes_over_ticks_and_what_is_out_of_bounds(tmp_path: Path) -> None:
    _, event = next(told(_BEGIN, 5_000))
    beyond = encode(event).replace(b'"laneId":', b'"laneId":99')
    loop, progress = bare_loop(tmp_path)
    loop.count([Value(tick(_BEGIN)), Value(beyond), Value(b"no JSON"), Value(encode(event))])
    assert progress.read() == 1


def bare_loop(folder: Path) -> tuple[BareLoop, Progress]:
    """A loop, and the watcher's view of its progress."""
    progress = Progress.make(folder / "progress")
    return BareLoop(Progress(folder / "progress")), progress
