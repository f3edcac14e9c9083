"""Aggregates: exact, and blind to order and grouping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from city.domain import Series
from stream_app.core.aggregate import Aggregate, Parts, Reader
from tests.core.domain import LEVEL, PEOPLE, Reading, ReadingData, quick

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

SERIES = Series("s", Reading, 10, 0, (LEVEL, PEOPLE))
READER = Reader([SERIES])
AGGREGATE = Aggregate(SERIES, READER.paths)

observations = st.builds(
    ReadingData,
    level=st.none() | st.floats(-1000, 1000, allow_nan=False),
    people=st.none() | st.integers(0, 1000),
)
some = st.lists(observations, min_size=1, max_size=20)


def parts_of(observed: Sequence[ReadingData]) -> Parts:
    return AGGREGATE.of([READER.read(one) for one in observed])


@quick
@given(some, some)
def test_the_parts_of_both_are_the_merged_parts_of_each(one: list[ReadingData], other: list[ReadingData]) -> None:
    assert parts_of(one + other) == AGGREGATE.merge(parts_of(one), parts_of(other))


@quick
@given(some, some, some)
def test_merging_minds_neither_order_nor_grouping(
    one: list[ReadingData], two: list[ReadingData], three: list[ReadingData]
) -> None:
    a, b, c = parts_of(one), parts_of(two), parts_of(three)
    assert AGGREGATE.merge(a, b) == AGGREGATE.merge(b, a)
    assert AGGREGATE.merge(a, AGGREGATE.merge(b, c)) == AGGREGATE.merge(AGGREGATE.merge(a, b), c)


@quick
@given(some, st.randoms(use_true_random=False))
def test_the_order_of_observations_does_not_matter(observed: list[ReadingData], shuffle: random.Random) -> None:
    shuffled = list(observed)
    shuffle.shuffle(shuffled)
    assert parts_of(shuffled) == parts_of(observed)


def test_sums_are_exact_where_floats_are_not() -> None:
    tenths = [ReadingData(level=0.1), ReadingData(level=0.2), ReadingData(level=0.3)]
    assert 0.1 + 0.2 + 0.3 != 0.6
    assert "level_sum=0.6," in AGGREGATE.fields(parts_of(tenths))


def test_an_observation_without_a_weight_weighs_one_and_a_weight_of_nothing_weighs_nothing() -> None:
    observed = [ReadingData(level=2.0), ReadingData(level=3.0, people=5), ReadingData(people=7)]
    assert "level_wsum=17.0,level_weight_sum=6.0" in AGGREGATE.fields(parts_of(observed))


def test_what_nobody_stated_has_no_field() -> None:
    assert AGGREGATE.fields(parts_of([ReadingData()])) == "count=1i"
    assert AGGREGATE.fields(parts_of([ReadingData(), ReadingData(people=0)])) == (
        "count=2i,people_count=1i,people_sum=0.0,people_max=0.0"
    )
