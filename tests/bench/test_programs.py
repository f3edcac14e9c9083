"""The bench programs run, at a tiny size; what they measure here means nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from infra.native.kafka import Kafka
from tests.servers import needs

if TYPE_CHECKING:
    from pathlib import Path

PROGRAMS = ("bench.throughput", "bench.latency", "bench.city")


def ended(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A bench program, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_without_kafka_a_line_says_how_to_get_it(program: str, tmp_path: Path) -> None:
    ran = ended(program, CITYOPS_SERVERS_DIR=str(tmp_path))
    assert ran.returncode == 1
    assert "./cityops servers install kafka" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.live
def test_throughput_prints_one_row_for_each_contender() -> None:
    needs(Kafka)
    ran = ended("bench.throughput", "--events", "6000", "--rounds", "1", "--seconds", "2")
    assert ran.returncode == 0, ran.stderr
    rows = [line for line in ran.stdout.splitlines() if line.startswith("| ")]
    assert [row.split("|")[1].strip().split()[0] for row in rows[1:]] == ["plain", "bare", "cityops"]
    assert "The worker's memory: " in ran.stdout


@pytest.mark.live
def test_latency_sees_every_probe() -> None:
    needs(Kafka)
    ran = ended("bench.latency", "--rate", "100", "--seconds", "8")
    assert ran.returncode == 0, ran.stderr
    assert "| events/s | probes | p50 | p90 | p99 | most |" in ran.stdout


@pytest.mark.live
def test_the_whole_city_is_told_in_one_row() -> None:
    needs(Kafka)
    ran = ended("bench.city", "--rate", "20", "--workers", "2", "--seconds", "2")
    assert ran.returncode == 0, ran.stderr
    head, _, row = (line.strip("| ").split(" | ") for line in ran.stdout.splitlines() if line.startswith("|"))
    parts = ["Kafka", "store", "worker 1", "worker 2", "simulators 1", "simulators 2"]
    assert head[4:] == [*parts, "workers, an event"]
    assert float(row[0]) > 0
