"""A quantile of bins lies in the bin of the exact one, at any grouping."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from math import ceil, inf, nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.quantile import quantile

BOUNDS = (5.0, 10.0, 20.0, 40.0)

values = st.lists(st.floats(-10, 100, allow_nan=False).map(lambda value: round(value, 2)), min_size=1, max_size=200)
shares = st.integers(1, 100).map(lambda percent: percent / 100)


def bins_of(observed: list[float]) -> list[int]:
    """As `Measure.bounds` says: the number of bounds that are not greater."""
    bins = [0] * (len(BOUNDS) + 1)
    for value in observed:
        bins[bisect_right(BOUNDS, value)] += 1
    return bins


def exact(observed: list[float], share: float) -> float:
    """The `⌈share · n⌉`-th smallest; shares are whole percents, so that no float decides it."""
    return sorted(observed)[ceil(round(share * 100) * len(observed) / 100) - 1]


def end_of(bounds: tuple[float, ...], value: float) -> tuple[float, float]:
    """The bin that holds a value."""
    ends = (-inf, *bounds, inf)
    return next((low, high) for low, high in pairwise(ends) if low <= value < high)


@given(observed=values, share=shares)
def test_it_lies_in_the_bin_of_the_exact_quantile_so_it_is_off_by_no_more_than_its_width(
    observed: list[float], share: float
) -> None:
    least, most = min(observed), max(observed)
    found = quantile(bins_of(observed), BOUNDS, share, least=least, most=most)
    true = exact(observed, share)
    low, high = end_of(BOUNDS, true)
    assert found is not None
    assert max(low, least) <= found <= min(high, most)
    assert abs(found - true) <= min(high, most) - max(low, least)


@given(observed=values, share=shares)
def test_without_extremes_an_outer_bin_is_told_as_the_bound_beside_it(observed: list[float], share: float) -> None:
    found = quantile(bins_of(observed), BOUNDS, share)
    true = exact(observed, share)
    assert found is not None
    if true < BOUNDS[0]:
        assert found == BOUNDS[0]
    elif true >= BOUNDS[-1]:
        assert found == BOUNDS[-1]
    else:
        low, high = end_of(BOUNDS, true)
        assert low <= found <= high


@given(parts=st.lists(values, min_size=1, max_size=5), share=shares)
def test_bins_add_up_to_the_quantile_of_all(parts: list[list[float]], share: float) -> None:
    whole = [value for part in parts for value in part]
    added = [sum(counts) for counts in zip(*map(bins_of, parts), strict=True)]
    assert quantile(added, BOUNDS, share) == quantile(bins_of(whole), BOUNDS, share)


@given(observed=values)
def test_a_greater_share_has_no_smaller_quantile(observed: list[float]) -> None:
    bins, ends = bins_of(observed), {"least": min(observed), "most": max(observed)}
    found = [quantile(bins, BOUNDS, percent / 100, **ends) or 0.0 for percent in range(1, 101)]
    assert all(one <= nextafter(other, inf) for one, other in pairwise(found))


@pytest.mark.parametrize(
    ("bins", "share", "value"),
    [
        ((0, 0, 10, 0, 0), 0.5, 15.0),
        ((0, 4, 4, 0, 0), 0.5, 10.0),
        ((5, 0, 0, 5, 0), 0.9, 36.0),
        ((0, 100, 0, 0, 0), 0.07, 5.35),
        ((0, 0, 0, 0, 3), 0.9, 40.0),
        ((0, 0, 0, 0, 0), 0.5, None),
    ],
)
def test_values_within_a_bin_are_taken_to_be_spread_evenly(
    bins: tuple[int, ...], share: float, value: float | None
) -> None:
    assert quantile(bins, BOUNDS, share) == (value if value is None else pytest.approx(value))


@pytest.mark.parametrize(("bins", "share"), [((1, 2), 0.5), ((1,) * 5, 0.0), ((1,) * 5, 1.1)])
def test_what_is_no_quantile_is_refused(bins: tuple[int, ...], share: float) -> None:
    with pytest.raises(ValueError, match="no quantile"):
        quantile(bins, BOUNDS, share)
