"""Each area as a cell: what lies nearer to its point than to any other's, within the city."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from console.map.plane import Plane, Point, clipped, grown, hull

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from city.geography import City, Unit

MARGIN_KM: Final = 2.5
"""How far the ground goes on beyond the outermost points, which lie inside their areas."""

Ring = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """An area's part of the picture.

    Attributes:
        rings: one or several outlines.
        point: where its number stands.
        room_km: how far from there the nearest other area's number is, halved.
    """

    unit: Unit
    rings: tuple[Ring, ...]
    point: Point
    room_km: float

    @property
    def path(self) -> str:
        """The outlines as an SVG path, to ten metres."""
        return "".join("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in ring) + "Z" for ring in self.rings)


@dataclass(frozen=True, slots=True)
class Ground:
    """All cells, and the box they fill (left, top, width, height; km)."""

    cells: tuple[Cell, ...]
    box: tuple[float, float, float, float]


def plane_of(city: City) -> Plane:
    """The plane about the middle of a city's points."""
    units = [*city.units.values()]
    return Plane(sum(u.latitude for u in units) / len(units), sum(u.longitude for u in units) / len(units))


def ground(city: City, boundaries: Mapping[str, tuple[Ring, ...]] | None = None) -> Ground:
    """The cells of a city's areas.

    Args:
        city: its points.
        boundaries: real outlines in `plane_of(city)`, by area code; an area without one has its Voronoi cell.
    """
    plane = plane_of(city)
    units = [*city.units.values()]
    points = [plane.point(unit.latitude, unit.longitude) for unit in units]
    edge = grown(hull(points), MARGIN_KM)
    cells = []
    for unit, point in zip(units, points, strict=True):
        others = sorted(
            (p for p in points if p != point), key=lambda p: (p[0] - point[0]) ** 2 + (p[1] - point[1]) ** 2
        )
        rings = (boundaries or {}).get(unit.code) or (_voronoi(point, others, edge),)
        nearest = others[0] if others else (point[0] + MARGIN_KM, point[1])
        room = ((nearest[0] - point[0]) ** 2 + (nearest[1] - point[1]) ** 2) ** 0.5 / 2
        cells.append(Cell(unit, rings, point, room))
    corners = [corner for cell in cells for ring in cell.rings for corner in ring]
    return Ground(tuple(cells), box_of(corners))


def box_of(corners: Sequence[Point], margin: float = 0.5) -> tuple[float, float, float, float]:
    """The box round points."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    left, top = min(xs) - margin, min(ys) - margin
    return left, top, max(xs) - left + margin, max(ys) - top + margin


def _voronoi(point: Point, others: Sequence[Point], edge: Ring) -> Ring:
    """What of the ground is nearest to a point; the others come by their distance."""
    ring = edge
    for other in others:
        reach = max((x - point[0]) ** 2 + (y - point[1]) ** 2 for x, y in ring)
        if (other[0] - point[0]) ** 2 + (other[1] - point[1]) ** 2 > 4 * reach:
            break  # it and those beyond it are too far away to take anything
        ring = clipped(ring, point, other)
    return ring
