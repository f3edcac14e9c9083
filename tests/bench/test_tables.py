from __future__ import annotations

import math

import pytest

from bench import latency, throughput
from bench.contender import Look, Run
from bench.latency import Probes


def run(events_per_s: float, cpu_share: float) -> Run:
    """Four looks, a second apart but for the last: it stood still before it was seen."""
    looks = [Look(at, round(at * events_per_s), at * cpu_share, 100_000_000 + round(at)) for at in (1.0, 2.0, 3.0)]
    return Run((*looks, Look(9.0, round(4 * events_per_s), 4 * cpu_share, 120_000_000)))


def test_a_rate_is_of_the_steady_part() -> None:
    assert run(1_000, 0.5).events_per_s == pytest.approx(1_000)
    assert run(1_000, 0.5).events_per_cpu_s == pytest.approx(2_000)
    assert run(1_000, 0.5).peak == 120_000_000
    assert run(1_000, 0.5).memory_at(0.5) == 100_000_002


def test_one_look_shows_no_rate() -> None:
    assert math.isnan(Run((Look(1.0, 5, 0.1, 1),)).events_per_s)


def test_the_table_has_a_row_for_each_contender_with_its_ratios_of_the_same_round() -> None:
    plain, bare, ours = throughput.CONTENDERS
    runs = {plain: [run(10, 1), run(20, 1)], bare: [run(200, 1), run(400, 1)], ours: [run(150, 1), run(300, 1)]}
    lines = list(throughput.table(runs))
    assert lines[2:5] == [
        f"| {plain} | 15 | 1.0 | 0.05 | 15 | 1.0 | 0.05 | 120 MB |",
        f"| {bare} | 300 | 20.0 | 1.00 | 300 | 20.0 | 1.00 | 120 MB |",
        f"| {ours} | 225 | 15.0 | 0.75 | 225 | 15.0 | 0.75 | 120 MB |",
    ]
    assert "100 MB at 25%" in lines[-1]


def test_a_probe_counts_from_its_publishing_to_its_first_sight_and_not_while_warming_up() -> None:
    probes = Probes(sent={0: 10.0, 1: 15.5, 2: 16.0, 3: 16.5}, seen={0: 19.0, 1: 17.0, 2: 16.5})
    assert probes.latencies(after_s=5.0) == [0.5, 1.5]


def test_the_percentiles_are_in_seconds() -> None:
    shown = list(latency.table({5_000: [number / 100 for number in range(1, 102)], 15_000: []}))
    assert shown[2:] == ["| 5,000 | 101 | 0.51 s | 0.91 s | 1.00 s | 1.01 s |", "| 15,000 | 0 | – | – | – | – |"]
