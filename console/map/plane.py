"""From degrees to a plane in kilometres: near enough to scale within a city."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Point = tuple[float, float]
"""Kilometres to the east and to the south: as a picture is drawn."""

_KM_PER_DEGREE = 111.195


@dataclass(frozen=True, slots=True)
class Plane:
    """An equirectangular projection about a point."""

    latitude: float
    longitude: float

    def point(self, latitude: float, longitude: float) -> Point:
        """Where a place lies."""
        east = (longitude - self.longitude) * math.cos(math.radians(self.latitude))
        return east * _KM_PER_DEGREE, (self.latitude - latitude) * _KM_PER_DEGREE


def hull(points: Iterable[Point]) -> tuple[Point, ...]:
    """The convex hull (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return tuple(ordered)
    return (*_half(ordered), *_half(ordered[::-1]))


def grown(ring: Sequence[Point], by_km: float) -> tuple[Point, ...]:
    """The ring with each corner that much farther from the middle."""
    x = sum(point[0] for point in ring) / len(ring)
    y = sum(point[1] for point in ring) / len(ring)
    far = [(px - x, py - y, math.hypot(px - x, py - y)) for px, py in ring]
    return tuple((x + dx * (1 + by_km / d), y + dy * (1 + by_km / d)) for dx, dy, d in far if d)


def clipped(ring: Sequence[Point], near: Point, far: Point) -> tuple[Point, ...]:
    """The part of a convex ring that lies nearer to one point than to another (Sutherland and Hodgman, one edge)."""
    nx, ny = far[0] - near[0], far[1] - near[1]
    limit = (far[0] ** 2 + far[1] ** 2 - near[0] ** 2 - near[1] ** 2) / 2
    beyond = [x * nx + y * ny - limit for x, y in ring]
    kept: list[Point] = []
    for at, (x, y) in enumerate(ring):
        following = (at + 1) % len(ring)
        here, there = beyond[at], beyond[following]
        if here <= 0:
            kept.append((x, y))
        if here * there < 0:
            share = here / (here - there)
            x2, y2 = ring[following]
            kept.append((x + (x2 - x) * share, y + (y2 - y) * share))
    return tuple(kept)


def area_km2(ring: Sequence[Point]) -> float:
    """The area of a ring (the shoelace formula)."""
    pairs = zip(ring, (*ring[1:], *ring[:1]), strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def _half(ordered: list[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in ordered:
        while len(chain) >= 2 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain[:-1]


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
