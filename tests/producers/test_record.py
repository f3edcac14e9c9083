from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from city.event import encode, tick
from city.instant import NS
from city.lines import Line, Place
from producers.record import Merge, heard_of
from tests.producers.doubles import START, event

if TYPE_CHECKING:
    import random

PLACES = [("city.traffic", partition) for partition in range(3)]


def _line(partition: int, offset: int, value: bytes, stamped: int = START) -> Line:
    place = Place(
        topic="city.traffic", partition=partition, partitions=3, offset=offset, timestamp_ms=stamped // 1_000_000
    )
    return Line(value, place)


def _tick(partition: int, offset: int, seconds: int) -> Line:
    return _line(partition, offset, tick(START + seconds * NS))


def test_a_record_was_heard_when_it_says_so_else_when_it_was_stamped() -> None:
    assert heard_of(_line(0, 0, encode(event(heard=START + NS)))) == START + NS
    assert heard_of(_line(0, 0, encode(event()), stamped=START + 2 * NS)) == START + 2 * NS
    assert heard_of(_line(0, 0, b"\xff{", stamped=START + 2 * NS)) == START + 2 * NS


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=60), st.randoms(use_true_random=False))
def test_partitions_are_joined_in_the_order_of_hearing_each_in_its_own(
    steps: list[tuple[int, int]], draw: random.Random
) -> None:
    clock = 0
    logs: dict[int, list[Line]] = {0: [], 1: [], 2: []}
    for partition, step in steps:
        clock += step
        logs[partition].append(_tick(partition, len(logs[partition]), clock))
    merge = Merge(PLACES)
    written: list[Line] = []
    left = {partition: list(log) for partition, log in logs.items() if log}
    while left:
        partition = draw.choice(sorted(left))
        merge.add(left[partition].pop(0))
        if not left[partition]:
            del left[partition]
        written.extend(merge.ready())
    written.extend(merge.rest())
    heard = [heard_of(line) for line in written]
    assert heard == sorted(heard)
    for partition, log in logs.items():
        assert [line for line in written if line.place and line.place.partition == partition] == log


def test_a_partition_that_has_said_nothing_is_waited_for_unless_it_is_quiet() -> None:
    merge = Merge(PLACES[:2])
    merge.add(_tick(0, 0, 5))
    assert list(merge.ready()) == []
    assert len(list(merge.ready(frozenset(PLACES[1:2])))) == 1


def test_a_partition_keeps_its_order_even_where_its_hearing_goes_back() -> None:
    merge = Merge(PLACES[:1])
    lines = [_tick(0, 0, 5), _tick(0, 1, 2), _tick(0, 2, 7)]
    for line in lines:
        merge.add(line)
    assert list(merge.ready()) == lines
