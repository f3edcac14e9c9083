from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from city.errors import CityopsError
from producers.pace import KEPT_BYTES, Room, stored_bytes

AT = ("city.traffic", 0)
OTHER = ("city.traffic", 1)


@dataclass
class FakeLog:
    """Two partitions; what is sent is stored at once, and a worker commits `reach` records behind the end."""

    ends: dict[tuple[str, int], int] = field(default_factory=lambda: {AT: 0, OTHER: 0})
    done: dict[tuple[str, int], int] = field(default_factory=lambda: {AT: -1, OTHER: -1})
    seconds: float = 0.0
    works: bool = True
    waited: int = 0

    def bounds(self) -> dict[tuple[str, int], tuple[int, int]]:
        return {at: (0, end) for at, end in self.ends.items()}

    def committed(self) -> dict[tuple[str, int], int]:
        return dict(self.done)

    def stopped(self, seconds: float) -> bool:
        self.waited += 1
        self.seconds += seconds
        if self.works:
            self.done = dict(self.ends)
        return False

    def clock(self) -> float:
        return self.seconds


def _room(log: FakeLog) -> Room:
    return Room(log, lambda: None, log.stopped, log.clock)


def test_small_batches_weigh_more_than_large_ones() -> None:
    assert stored_bytes(300, 60) > 300
    assert stored_bytes(1_000_000, 1) < 1_000_000 / 5


def test_it_never_lets_more_be_uncommitted_than_is_kept() -> None:
    log = FakeLog()
    room = _room(log)
    draw = random.Random(7)
    uncommitted = 0.0
    for _ in range(3_000):
        size = draw.choice([300, 300, 300, 40_000, 1_000_000])
        before = log.waited
        log.ends[AT] += 1
        room(AT, size)
        uncommitted = size if log.waited > before else uncommitted + size
        # Large records are taken at their full size; half a megabyte goes out between two looks.
        assert uncommitted <= KEPT_BYTES + 2_000_000
    assert log.waited > 0


def test_records_of_the_fullest_partition_decide() -> None:
    log = FakeLog()
    room = _room(log)
    for _ in range(6):
        log.ends[OTHER] += 1
        room(OTHER, 600_000)
    assert log.waited == 1


def test_what_was_uncommitted_before_counts() -> None:
    log = FakeLog(ends={AT: 20_000, OTHER: 0})
    room = _room(log)
    log.ends[AT] += 1
    room(AT, 600_000)
    assert log.waited == 1


def test_when_nobody_commits_it_gives_up_in_words() -> None:
    log = FakeLog(ends={AT: 20_000, OTHER: 0}, works=False)
    room = _room(log)
    with pytest.raises(CityopsError, match="nobody has committed anything for 90 s"):
        room(AT, 600_000)
