"""Faults one by one: losses, odd logs, deploys, and what only a person can help; `steps` says what the words mean."""

from __future__ import annotations

import pytest

from city.errors import CityopsError
from stream_app.core import begin
from stream_app.core.checkpoint import Log, parse
from tests.core.domain import DOMAIN, at, reading, ticked
from tests.core.owner import Owner
from tests.core.steps import counted, feed, restart, t, world_with
from tests.core.world import World

# --------------------------------------------------------------------------------------------- loss, and loss twice


def test_a_barrier_that_is_not_known_yet_is_not_committed_as_none() -> None:
    world = world_with(t(0), t(1), t(2))
    world.owners[0].flush_well()
    world.lose_metadata(1)
    restart(world)
    world.crash_all()
    idle = world.assign(0)
    idle.flush_well()
    assert world.committed == (1, "")
    world.append(t(3), t(20))
    restart(world).flush_well()
    assert counted(world, "a", 0) is None
    world.settle_down()


def test_a_window_whose_records_are_all_gone_is_counted_as_loss() -> None:
    world = world_with(t(0), t(1), ticked(at(2)))
    world.owners[0].flush_well()
    world.truncate(2)
    assert restart(world).fold.counts["truncated"] == 2


def test_a_log_cut_away_below_a_reading_worker_is_begun_again() -> None:
    world = world_with(t(0))
    world.owners[0].flush_well()
    world.append(t(1), t(2), t(3))
    world.truncate(3)
    world.owners[0].poll(99)
    feed(world, t(90))
    world.owners[0].flush_well()
    assert counted(world, "a", 0) is None
    world.settle_down()


def test_an_older_commit_that_goes_out_late_costs_reading_only() -> None:
    world = World(Owner, fenced=False)
    zombie = world.assign("zombie")
    world.append(t(0), t(3))
    zombie.poll(9)
    zombie.flush()
    zombie.land()
    zombie.acknowledge()
    world.assign(0)
    feed(world, t(9), t(20))
    world.owners[0].flush_well()
    newer = world.committed
    zombie.commit()
    assert world.committed != newer
    restart(world).flush_well()
    assert counted(world, "a", 0) == {0, 3}
    world.settle_down()


# ----------------------------------------------------------------------------------------- what a log may hold


def test_control_records_at_the_end_of_the_log_leave_no_worker_in_recovery() -> None:
    world = world_with(t(0), t(1))
    world.append_control()
    owner = restart(world)
    owner.flush_well()
    assert world.store.live, "still re-reading, though nothing will come"
    world.settle_down()


def test_the_same_identity_under_another_tag_is_a_duplicate_and_the_first_copy_counts() -> None:
    first, second = (reading(at(1), at(1), "one", kind=kind, level=level) for kind, level in (("x", 1), ("y", 2)))
    world = world_with(first, second, ticked(at(40)))
    world.owners[0].flush_well()
    assert counted(world, "a", 0) == counted(world, "b", 0) == {0}
    assert world.owners[0].fold.counts["duplicate"] == 1
    world.settle_down()


def test_a_copy_is_the_same_duplicate_when_it_is_read_again() -> None:
    world = world_with(t(0), t(0, 1), t(8))
    world.owners[0].flush_well()
    restart(world)
    feed(world, t(20))
    world.owners[0].flush_well()
    assert world.owners[0].fold.counts["duplicate"] == 0
    world.settle_down()


def test_a_new_log_beside_an_old_store_gives_no_settled_point_a_second_value() -> None:
    world = world_with(t(0), t(1), t(7))
    world.owners[0].flush_well()
    world.begin_new_log(0)
    world.assign(0)
    feed(world, t(3, 8), t(5, 8), t(8), t(30))
    world.owners[0].flush_well()
    assert counted(world, "a", 0) == {0, 1}
    assert counted(world, "a", 4) is None
    assert counted(world, "a", 8) == {8}
    world.settle_down()


def test_lines_the_store_refuses_count_as_written() -> None:
    world = World(Owner)
    world.store.picky = True
    world.assign(0)
    feed(world, t(0), t(1), t(20))
    world.owners[0].flush_well()
    assert world.store.refused
    assert world.owners[0].fold.pending_points == 0
    world.settle_down()


# ---------------------------------------------------------------------------------------------------- deploys


@pytest.mark.parametrize("crashes", [0, 1, 2])
def test_a_deploy_that_changes_one_series_in_mid_window_damages_that_one_alone(crashes: int) -> None:
    """Series `b` changes at clock 7: its windows up to second 12 are lost, those of `a` go on."""
    world = world_with(t(0), t(1), t(6), t(7))
    assert world.deploy()
    for second in range(8, 8 + crashes):
        feed(world, t(second))
        world.owners[0].flush_well()
        restart(world)
    assert {key.start for key in world.store.settled if key.measurement == "b"} == set()
    feed(world, t(9, 10), t(18), t(60))
    world.owners[0].flush_well()
    assert counted(world, "a", 4) == {6, 7}
    assert counted(world, "b", 0) is None
    assert counted(world, "b", 6) is None
    assert counted(world, "b", 18) == set()
    assert world.owners[0].fold.damaged + crashes > 0
    world.settle_down()


def test_a_deploy_back_and_forth_keeps_each_barrier_in_the_metadata() -> None:
    world = world_with(t(0), t(6), t(7))
    assert world.deploy()
    feed(world, t(8))
    assert world.deploy()
    feed(world, t(9))
    world.owners[0].flush_well()
    assert world.committed
    said = parse(*world.committed)
    assert said
    assert {barrier for barrier in said.prints.values() if barrier > 0} == {at(13)}
    world.settle_down()


# ------------------------------------------------------------------------------------------ only a person can help


@pytest.mark.parametrize(
    ("committed", "log", "line"),
    [
        ((8, ""), Log(0, 7, 4), "log ends at 7"),
        ((8, "v1 8 - - 4 abcdef"), Log(0, 7, 4), "this is another log"),
        ((3, "v1 5 - - 4 abcdef"), Log(0, 7, 12), "12 partitions and had 4"),
    ],
)
def test_a_log_that_is_not_the_one_committed_to_stops_the_worker(
    committed: tuple[int, str], log: Log, line: str
) -> None:
    with pytest.raises(CityopsError, match=line):
        begin(committed, log, DOMAIN.series)
