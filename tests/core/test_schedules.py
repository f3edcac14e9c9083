"""The eleven schedules that break simpler rules, each by its name; `steps` says what its words mean."""

from __future__ import annotations

import pytest

from city.instant import NS
from stream_app.core.checkpoint import parse
from tests.core.domain import at, ticked
from tests.core.steps import counted, feed, late, restart, t, world_with


def test_1_a_zombies_provisional_write_lands_after_the_new_owners_final_one() -> None:
    world = world_with(t(0))
    world.owners[0].flush()
    world.assign(1)
    feed(world, t(1), t(20), to=1)
    world.owners[1].flush_well()
    world.owners[0].land()
    assert counted(world, "a", 0) == {0, 1}
    world.settle_down()


@pytest.mark.parametrize("fault", ["time-out", "kill"])
def test_2_a_request_nobody_waits_for_any_more_lands_after_the_final_one(fault: str) -> None:
    world = world_with(t(0))
    owner = world.owners[0]
    owner.flush()
    (request,) = world.net
    if fault == "kill":
        owner = restart(world)
    else:
        owner.time_out()
    feed(world, t(1), t(20))
    owner.flush_well()
    world.land(request)
    assert counted(world, "a", 0) == {0, 1}
    world.settle_down()


def test_3_a_quiet_half_minute_makes_nothing_late() -> None:
    world = world_with(t(0))
    world.now += 30 * NS
    world.owners[0].flush_well()
    feed(world, t(1), t(2), t(40))
    world.owners[0].flush_well()
    assert counted(world, "a", 0) == {0, 1, 2}
    assert not late(world)
    world.settle_down()


def test_4_a_backlog_read_after_a_pause_is_not_late() -> None:
    world = world_with(t(0))
    world.append(t(1), t(40))
    world.now = at(40)
    world.owners[0].poll(9)
    world.owners[0].flush_well()
    assert counted(world, "a", 0) == {0, 1}
    assert not late(world)
    world.settle_down()


@pytest.mark.parametrize("at_once", [1, 2, 3, 4])
def test_5_how_fetches_are_cut_decides_nothing(at_once: int) -> None:
    world = world_with()
    feed(world, t(0), t(20), t(1), t(40), at_once=at_once)
    world.owners[0].flush_well()
    assert counted(world, "a", 0) == {0}
    assert late(world) == {("a", 2), ("b", 2)}
    world.settle_down()


@pytest.mark.parametrize("crash", [False, True])
def test_6_what_is_late_before_a_crash_is_late_after_it(crash: bool) -> None:  # noqa: FBT001 - a case
    world = world_with(t(0), ticked(at(20)))
    world.owners[0].flush_well()
    if crash:
        restart(world)
    feed(world, t(9, 20), t(60))
    world.owners[0].flush_well()
    assert counted(world, "a", 8) is None
    assert late(world) == {("a", 2), ("b", 2)}
    world.settle_down()


def test_7_two_latenesses_and_a_crash_between_their_closings_skip_no_open_window() -> None:
    world = world_with(t(0), t(9))
    world.owners[0].flush_well()
    restart(world)
    feed(world, t(5, 9), t(30))
    world.owners[0].flush_well()
    assert counted(world, "b", 0) == {0, 5}
    world.settle_down()


def test_8_two_latenesses_and_a_crash_between_their_closings_reopen_no_closed_window() -> None:
    world = world_with(t(4), t(6), t(11))
    world.owners[0].flush_well()
    assert world.committed
    assert world.committed[0] == 1
    restart(world).flush_well()
    assert counted(world, "a", 4) == {4, 6}
    world.settle_down()


@pytest.mark.parametrize("crashes", [1, 2])
@pytest.mark.parametrize("offset", range(6))
def test_9_an_offset_reset_to_anywhere_overwrites_no_complete_point(offset: int, crashes: int) -> None:
    world = world_with(t(0), t(3), t(5), t(8))
    world.owners[0].flush_well()
    feed(world, t(9))
    world.owners[0].flush_well()
    before = dict(world.store.settled)
    world.lose_metadata(min(offset, len(world.log)))
    for _ in range(crashes):
        restart(world).flush_well()
    feed(world, t(30))
    world.owners[0].flush_well()
    assert before.items() <= world.store.settled.items()
    world.settle_down()


@pytest.mark.parametrize("crashes", [1, 2])
@pytest.mark.parametrize("start", range(1, 8))
def test_10_a_log_that_begins_too_late_overwrites_no_fuller_point(start: int, crashes: int) -> None:
    """Committed are offset 1 and position 4: the log then begins at, between, at and past them."""
    world = world_with(t(0), t(8), t(9), ticked(at(11)))
    world.owners[0].flush_well()
    assert world.committed
    said = parse(*world.committed)
    assert said
    assert (said.offset, said.pos) == (1, 4)
    world.append(t(10, 12), t(12), t(13))
    world.truncate(start)
    assert restart(world).fold.counts["truncated"] == start - 1
    for _ in range(crashes):
        world.owners[0].flush_well()
        restart(world)
    feed(world, t(90))
    world.owners[0].flush_well()
    assert counted(world, "a", 0) == {0}
    assert counted(world, "a", 8) == ({8, 9} if start == 1 else None)
    world.settle_down()


@pytest.mark.parametrize("read_later_s", [0, 30])
def test_11_a_fast_sensor_moves_nothing_whenever_it_is_read(read_later_s: int) -> None:
    world = world_with()
    world.append(t(16, 10), t(9, 10), t(40))
    world.now += read_later_s * NS
    world.owners[0].poll(9)
    world.owners[0].flush_well()
    assert counted(world, "a", 8) == {9}
    assert (0, "rejected", "clock-ahead", 0) in world.store.side
    world.settle_down()
