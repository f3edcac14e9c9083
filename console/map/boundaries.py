"""Real outlines of areas, out of a GeoJSON file that the user names (RFC 7946: longitude, latitude, WGS 84)."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

from city.errors import ConfigurationError
from console.map.cells import plane_of

if TYPE_CHECKING:
    from pathlib import Path

    from city.geography import City, Unit
    from console.map.cells import Ring
    from console.map.plane import Plane

MOST_BYTES: Final = 50_000_000
NEAR_KM: Final = 0.05
"""Corners nearer to each other than this are one: nobody sees more on a screen."""


def boundaries(path: Path, city: City) -> dict[str, tuple[Ring, ...]]:
    """Area code → outlines in `plane_of(city)`; a feature names its area by the property `code` or `name`.

    Raises:
        ConfigurationError: the file cannot be read, is no GeoJSON, or names none of the city's areas.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigurationError(f"map_boundaries = {path}: larger than {MOST_BYTES >> 20} MB; simplify it")
        features = json.loads(path.read_text(encoding="utf-8-sig"))["features"]
        plane = plane_of(city)
        found = {
            unit.code: rings
            for feature in features
            if (unit := _unit(feature, city)) and (rings := _rings(feature["geometry"], plane))
        }
    except OSError as error:
        raise ConfigurationError(f"map_boundaries = {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ConfigurationError(f"map_boundaries = {path}: not GeoJSON with polygons ({error!r})") from error
    if not found:
        raise ConfigurationError(
            f"map_boundaries = {path}: no feature's `code` or `name` is that of an area: see docs/reference/areas.md"
        )
    return found


def _unit(feature: dict[str, Any], city: City) -> Unit | None:
    stated = feature["properties"] or {}
    names = (str(stated[key]) for key in ("code", "name") if stated.get(key))
    return next((unit for name in names if (unit := city.find(name))), None)


def _rings(geometry: dict[str, Any], plane: Plane) -> tuple[Ring, ...]:
    shapes = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}[geometry["type"]]
    rings = (_ring(ring, plane) for polygon in shapes for ring in polygon)
    return tuple(ring for ring in rings if len(ring) >= 3)


def _ring(corners: list[list[float]], plane: Plane) -> Ring:
    kept: list[tuple[float, float]] = []
    for longitude, latitude, *_ in corners:
        point = plane.point(float(latitude), float(longitude))
        if not all(map(math.isfinite, point)):
            raise ValueError(f"no place: {longitude}, {latitude}")
        if not kept or math.dist(kept[-1], point) >= NEAR_KM:
            kept.append(point)
    return tuple(kept)
