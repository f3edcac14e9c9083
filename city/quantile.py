"""Quantiles out of a distribution: bins add up over any grouping, and a quantile of their sums is the grouping's own.

A quantile that was stored could not be merged with another; the bins it came from can.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import ceil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from city.domain import Measure

SHARES: Final = {"p50": 0.5, "p90": 0.9}
"""The quantiles that are written and shown: the median, and what nine in ten do not exceed."""


def quantile_fields(measure: Measure) -> tuple[str, ...]:
    """The fields of a measure's quantiles: `<measure>_p50`, `<measure>_p90`."""
    return tuple(f"{measure.name}_{share}" for share in SHARES)


def quantile(
    bins: Sequence[int], bounds: Sequence[float], share: float, *, least: float | None = None, most: float | None = None
) -> float | None:
    """The value that a share of the observations does not exceed; None where nothing was observed.

    The exact quantile (the `⌈share · n⌉`-th smallest of n values) lies in the same bin, so this one is off by no more
    than that bin is wide; within it values are taken to be spread evenly. The outer bins end at `least` and `most`, the
    smallest and greatest observation. Where these are not kept, a value in an outer bin is told as the bound next to
    it: the quantile is then at most the first bound, or at least the last.

    Args:
        bins: how many observations fell into each: one more than there are bounds.
        bounds: ascending; bin i holds the values from `bounds[i - 1]` to below `bounds[i]`.
        share: above 0, at most 1.
        least: the smallest observation.
        most: the greatest.

    Raises:
        ValueError: the share or the number of bins is not as above.
    """
    if not 0 < share <= 1 or len(bins) != len(bounds) + 1:
        raise ValueError(f"no quantile {share} of {len(bins)} bins with {len(bounds)} bounds")
    below = [0, *accumulate(bins)]
    if not below[-1]:
        return None
    wanted = share * below[-1]
    rank = max(1, ceil(wanted - 1e-9 * below[-1]))  # 0.07 of 100 is the 7th, though as floats it is a hair above 7
    at = next(i for i, upto in enumerate(below[1:]) if upto >= rank)
    first, last = bounds[0] if least is None else least, bounds[-1] if most is None else most
    low, high = list(pairwise((first, *bounds, last)))[at]
    high = min(high, last)
    low = min(max(low, first), high)
    return low + (high - low) * min(1.0, (wanted - below[at]) / bins[at])
