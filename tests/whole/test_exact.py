"""Every settled point equals the truth, whatever fails on the way."""

from __future__ import annotations

import random
import signal
import time
from typing import TYPE_CHECKING

import pytest

from city.domains.traffic.simulator import simulate
from city.event import encode
from city.instant import NS, nanoseconds
from tests.whole.city import small_city, truth_of
from tests.whole.proxy import HoldOne, away, busy, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.whole.proxy import Script

pytestmark = pytest.mark.timeout(600)  # of a hung test; a busy machine takes its time

START = nanoseconds("2026-03-02T07:00:00+07:00")
END = START + 7_200 * NS
POISON = (
    b"",
    b"not json",
    b"\xff\xfe",
    b'{"type":"vn.hanoi.traffic.flow.v1"}',
    b"[" * 5_000,
    b'{"specversion":"1.0","type":"vn.hanoi.nothing.v1","id":"1","source":"x","time":"2026-03-02T00:00:00Z"}',
    b"x" * 70_000,
)


def an_hour(*, minutes: int, events_per_s: float, seed: int = 1) -> list[bytes]:
    """Simulated traffic with what real traffic has: disorder, duplicates, late events, fast clocks; and poison."""
    end = START + minutes * 60 * NS
    lines = [encode(event) for event in simulate(seed, START, end, events_per_s=events_per_s)]
    dice = random.Random(seed)
    for line in dice.sample(lines, len(lines) // 100):
        lines.insert(lines.index(line) + 1, line)
    for poison in POISON * 3:
        lines.insert(dice.randrange(len(lines)), poison)
    return lines


def test_a_simulated_hour_with_disorder_duplicates_late_events_and_poison_equals_the_truth(tmp_path: Path) -> None:
    lines = an_hour(minutes=60, events_per_s=5)
    true = truth_of(lines)
    assert true.counts["late"] > 0
    assert true.counts["duplicate"] > 0
    assert sum(count for name, count in true.counts.items() if name.startswith("rejected:")) >= len(POISON) * 3
    with small_city(tmp_path / "city") as city:
        city.worker()
        city.say(lines)
        city.tick(END)
        city.settles_to(true)


def test_a_worker_killed_at_ten_random_moments_loses_and_doubles_nothing(tmp_path: Path) -> None:
    lines = an_hour(minutes=20, events_per_s=20, seed=2)
    true = truth_of(lines)
    dice = random.Random(3)
    cuts = sorted(dice.sample(range(1, len(lines)), 10))
    with small_city(tmp_path / "city") as city:
        worker = city.worker()
        for cut, after in zip([0, *cuts], [*cuts, len(lines)], strict=True):
            city.say(lines[cut:after])
            if after < len(lines):
                time.sleep(dice.random() * 2)  # any moment will do: within a batch, a write, or before a commit
                worker.send_signal(signal.SIGKILL)
                worker.wait()
                worker = city.worker()
        city.tick(END)
        city.settles_to(true)


@pytest.mark.parametrize(("fault", "seconds"), [(away, 60), (busy, 5)])
def test_a_store_away_for_a_minute_costs_nothing_but_time(tmp_path: Path, fault: Script, seconds: float) -> None:
    lines = an_hour(minutes=10, events_per_s=20, seed=4)
    true = truth_of(lines)
    half = len(lines) // 2
    with small_city(tmp_path / "city") as city:
        city.worker(max_pending_points=2_000)
        city.say(lines[:half])
        wait_until(lambda: city.proxy.writes, 30, "the worker writes")
        city.proxy.do(fault)
        city.say(lines[half:])
        city.tick(END)
        time.sleep(seconds)  # the length of the outage, not a wait for anything
        assert city.difference(true).missing
        city.proxy.do(None)
        city.settles_to(true)


def test_a_timed_out_write_that_lands_after_its_window_settled_changes_no_settled_point(tmp_path: Path) -> None:
    lines = an_hour(minutes=10, events_per_s=20, seed=5)
    true = truth_of(lines)
    half = len(lines) // 2
    with small_city(tmp_path / "city") as city:
        hold = HoldOne(city.proxy)
        city.worker()
        wait_until(lambda: city.proxy.writes, 30, "the worker writes")
        city.proxy.do(hold)
        city.say(lines[:half])
        assert hold.held.wait(30)
        city.say(lines[half:])
        city.tick(END)
        city.settles_to(true)
        hold.release.set()
        assert hold.landed.wait(30)
        city.settles_to(true)


def test_sigterm_in_mid_stream_leaves_open_windows_to_the_next_worker(tmp_path: Path) -> None:
    lines = an_hour(minutes=10, events_per_s=20, seed=6)
    true = truth_of(lines)
    third = len(lines) // 3
    with small_city(tmp_path / "city") as city:
        worker = city.worker()
        for part in (lines[:third], lines[third : 2 * third]):
            city.say(part)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(15) == 0
            worker = city.worker()
        city.say(lines[2 * third :])
        city.tick(END)
        city.settles_to(true)
