"""Curves over the minutes of a day: knots of (minute, value), straight between them."""

from __future__ import annotations

from itertools import pairwise

Curve = tuple[tuple[float, float], ...]


def area_below(curve: Curve) -> float:
    """The integral of a curve, in its unit times minutes."""
    return sum((right - left) * (low + high) / 2 for (left, low), (right, high) in pairwise(curve))
