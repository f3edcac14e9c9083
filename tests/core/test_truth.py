"""The fold and the truth say the same, however a log is cut, ordered, or spread over partitions."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.errors import DataError
from city.event import tick
from city.instant import NS
from city.lines import Line, Place
from city.partition import partition_of
from stream_app.core import PartitionFold, begin
from stream_app.core.checkpoint import Log
from stream_app.truth import Truth, compute
from tests.core.domain import (
    AREAS,
    CITY,
    DOMAIN,
    ELSEWHERE,
    PARTITION,
    PARTITIONS,
    Entry,
    Said,
    at,
    pulse,
    quick,
    reading,
    ticked,
)
from tests.core.owner import Owner
from tests.core.schedules import random_event, random_said
from tests.core.store import read_line
from tests.core.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.core.ledger import Fields

seeds = st.integers(0, 2**32)

# ------------------------------------------------------------------------------------------------ cuts and order


def random_log(seed: int, *, begin_again: bool = True) -> World:
    """A log of everything that producers say, and nobody reading."""
    rng, world, recent = random.Random(seed), World(Owner), list[Said]()
    for _ in range(60):
        said = random_said(rng, world, recent)
        if begin_again or not said.begin:
            world.append(said)
    world.append(ticked(world.heard + 20 * NS))
    return world


def settled(fold: PartitionFold, entries: Sequence[Entry], cuts: Sequence[int], flushes: Sequence[bool]) -> list[str]:
    """The settled lines of a fold that gets the entries in batches, with a flush after some of them."""
    lines: list[str] = []
    edges = [0, *sorted(cuts), len(entries)]
    for number, (first, last) in enumerate(pairwise(edges)):
        fold.feed(entries[first:last])
        if flushes[number % len(flushes)]:
            snapshot = fold.snapshot()
            lines += snapshot.settled
            fold.acknowledged(snapshot)
    return lines + list(fold.snapshot().settled)


def a_fold() -> PartitionFold:
    return PartitionFold(DOMAIN, CITY, PARTITION, begin(None, Log(0, 0, PARTITIONS), DOMAIN.series))


@quick
@given(seeds, st.lists(st.integers(0, 61), max_size=12), st.lists(st.booleans(), min_size=1, max_size=5))
def test_no_cut_into_batches_and_no_flush_changes_a_settled_line(
    seed: int, cuts: list[int], flushes: list[bool]
) -> None:
    entries = [entry for entry in random_log(seed).log if entry]
    whole = settled(a_fold(), entries, [], [False])
    assert settled(a_fold(), entries, cuts, flushes) == whole


@quick
@given(seeds)
def test_the_truth_of_a_recorded_log_is_the_fold_of_it(seed: int) -> None:
    world = random_log(seed)
    points = dict(map(read_line, settled(a_fold(), [entry for entry in world.log if entry], [], [False])))
    assert points == compute(world.ledger.lines, DOMAIN, CITY).points


@quick
@given(seeds)
def test_the_truth_counts_what_the_fold_counts(seed: int) -> None:
    world, fold = random_log(seed, begin_again=False), a_fold()
    fold.feed([entry for entry in world.log if entry])
    assert +compute(world.ledger.lines, DOMAIN, CITY).counts == +fold.counts


# ------------------------------------------------------------------------------------------------------- the lemma

CODES = (*AREAS, ELSEWHERE)


def heard_in_order(seed: int) -> list[Said]:
    """Events of all areas, heard in order: what a file holds."""
    rng, heard, said = random.Random(seed), at(0), list[Said]()
    for _ in range(rng.randint(1, 40)):
        heard += rng.choice((0, 0, 1, 2, 7)) * NS
        time = heard - rng.randint(-6, 12) * NS
        if said and rng.random() < 0.3:
            time = rng.choice(said).time or time
        said.append(random_event(rng, time, heard, rng.randint(0, 2)))
    return said


def spread(said: list[Said], partitions: int, rng: random.Random) -> list[Line]:
    """The events where murmur2 puts them, with ticks in between, recorded in any order of the partitions."""
    logs: dict[int, list[Line]] = {}

    def append(partition: int, value: bytes, key: bytes | None, heard: int) -> None:
        log = logs.setdefault(partition, [])
        place = Place(
            topic="city.test",
            partition=partition,
            partitions=partitions,
            offset=len(log),
            timestamp_ms=heard // 1_000_000,
            key=None if key is None else key.decode(),
        )
        log.append(Line(value, place))

    homes = {code: partition_of(code.encode(), partitions) for code in CODES}
    for one in said:
        assert one.value
        assert one.key
        append(homes[one.key.decode()], one.value, one.key, one.heard)
        for partition in homes.values():
            if rng.random() < 0.2:
                append(partition, tick(one.heard), None, one.heard)
    for partition in sorted(set(homes.values())):
        append(partition, tick(said[-1].heard + 50 * NS), None, said[-1].heard + 50 * NS)
    lines = []
    waiting = [list(reversed(log)) for log in logs.values()]
    while waiting := [log for log in waiting if log]:
        lines.append(rng.choice(waiting).pop())
    return lines


def folded(lines: list[Line], partitions: int) -> dict[object, Fields]:
    """The points of the worker's folds, one for each partition."""
    folds: dict[int, PartitionFold] = {}
    for line in lines:
        assert line.place
        number = line.place.partition
        if number not in folds:
            folds[number] = PartitionFold(DOMAIN, CITY, number, begin(None, Log(0, 0, partitions), DOMAIN.series))
        folds[number].feed([Entry(line.place.offset, line.key, line.value, (), line.place.timestamp_ms)])
    return dict(read_line(text) for fold in folds.values() for text in fold.snapshot().settled)


@quick
@given(seeds)
def test_a_file_heard_in_order_has_one_truth_in_any_number_of_partitions(seed: int) -> None:
    said, rng = heard_in_order(seed), random.Random(seed)
    plain = compute([Line(one.value or b"") for one in said], DOMAIN, CITY).points
    for partitions in (1, 4, 64):
        lines = spread(said, partitions, rng)
        assert compute(lines, DOMAIN, CITY).points == plain, f"the truth of {partitions} partitions"
        assert folded(lines, partitions) == plain, f"the fold of {partitions} partitions"


def test_a_file_that_is_not_heard_in_order_has_no_truth_of_its_own() -> None:
    lines = [Line(reading(at(5), at(heard)).value or b"") for heard in (6, 5)]
    with pytest.raises(DataError, match=r"line 2: .* earlier than one before it"):
        compute(lines, DOMAIN, CITY)


# ------------------------------------------------------------------------------------------------- window edges


@pytest.mark.parametrize(
    ("time_ns", "starts"),
    [
        (at(0), {"a": 0, "b": 0}),
        (at(4) - 1, {"a": 0, "b": 0}),
        (at(4), {"a": 4, "b": 0}),
        (at(6) - 1, {"a": 4, "b": 0}),
        (at(6), {"a": 4, "b": 6}),
        (at(12) - 1, {"a": 8, "b": 6}),
        (at(12), {"a": 12, "b": 12}),
    ],
)
def test_windows_hold_their_start_and_not_their_end(time_ns: int, starts: dict[str, int]) -> None:
    fold = a_fold()
    fold.feed(entries_of(reading(time_ns), ticked(at(99))))
    keys = [key for key, _ in map(read_line, fold.snapshot().settled)]
    assert {key.measurement: key.start for key in keys} == {name: at(start) for name, start in starts.items()}


@pytest.mark.parametrize(("heard", "is_late"), [(at(6) - 1, False), (at(6), True), (at(6) + 1, True)])
def test_a_window_is_closed_when_end_and_lateness_are_reached(heard: int, is_late: bool) -> None:  # noqa: FBT001
    fold = a_fold()
    fold.feed(entries_of(ticked(heard), reading(at(3), heard)))
    assert [side.why for side in fold.snapshot().side] == (["a"] if is_late else [])


@pytest.mark.parametrize(("ahead", "kinds"), [(5 * NS, []), (5 * NS + 1, ["rejected"])])
def test_a_time_may_lie_five_seconds_after_it_was_heard(ahead: int, kinds: list[str]) -> None:
    fold = a_fold()
    fold.feed(entries_of(reading(at(1) + ahead, at(1))))
    assert [side.kind for side in fold.snapshot().side] == kinds


def entries_of(*said: Said) -> list[Entry]:
    return [Entry(n, one.key, one.value, (), one.stamped // 1_000_000 + 1) for n, one in enumerate(said)]


def test_a_tag_that_nobody_states_speaks_for_all() -> None:
    fold = a_fold()
    fold.feed(entries_of(reading(at(1)), pulse(at(1), at(1), 1, beats=None), ticked(at(99))))
    assert list(fold.snapshot().settled) == [
        f"a,area={AREAS[0]},kind=all,zone=east count=1i,final=1i {at(0) // NS}",
        f"b,area={AREAS[0]},source=test/1,zone=east count=1i,final=1i {at(0) // NS}",
        f"c,area={AREAS[0]},zone=east count=1i,final=1i {at(0) // NS}",
    ]


def test_no_points_are_no_truth() -> None:
    assert compute([], DOMAIN, CITY) == Truth()
