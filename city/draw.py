"""Chance as a function of what it is for: no generator runs, so any part of time can be drawn alone.

The digest is BLAKE2b, the arithmetic is integer division by powers of two: the same draw in every process, on
every machine and Python version.
"""

from __future__ import annotations

import struct
from hashlib import blake2b
from typing import Final

Uniforms = tuple[float, float, float, float, float, float, float, float]

_EIGHT = struct.Struct("<8H")
_STEPS: Final = 65_536
_BELOW_ONE: Final = tuple((step + 0.5) / _STEPS for step in range(_STEPS))


class Draw:
    """The chance of one thing: `at(n)` is its n-th throw.

    Args:
        words: what it is for, as in `Draw(seed, "rain", "hanoi")`; other words, other throws.
    """

    __slots__ = ("_named",)

    def __init__(self, *words: str | int) -> None:
        self._named = blake2b("\x1f".join(map(str, words)).encode(), digest_size=_EIGHT.size)

    def at(self, number: int) -> Uniforms:
        """Eight independent uniform values, each inside (0, 1) and 1/65,536 apart at least.

        Args:
            number: which throw; within 64 bits, and may be negative.
        """
        named = self._named.copy()
        named.update(number.to_bytes(8, "little", signed=True))
        a, b, c, d, e, f, g, h = _EIGHT.unpack(named.digest())
        below = _BELOW_ONE
        return (below[a], below[b], below[c], below[d], below[e], below[f], below[g], below[h])


def interpolate(knots: tuple[tuple[float, float], ...], x: float) -> float:
    """The piecewise linear function through `knots` (ascending), level beyond both ends."""
    left, value = knots[0]
    if x <= left:
        return value
    for right, next_value in knots:
        if x < right:
            return value + (next_value - value) * (x - left) / (right - left)
        left, value = right, next_value
    return value
