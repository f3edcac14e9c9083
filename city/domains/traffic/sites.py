"""Where the road sensors stand: 2,000 of them, more where the ward or commune is larger and denser.

A pure function of the city's table: real positions are not published.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from city.domain import Site

if TYPE_CHECKING:
    from city.geography import City, Unit

SENSORS: Final = 2_000
_DEGREES_PER_KM: Final = 1 / 111.2
_GOLDEN_ANGLE: Final = math.pi * (3 - math.sqrt(5))


def sites(city: City, sensors: int = SENSORS) -> tuple[Site, ...]:
    """`sensors` sites over the units of `city`, by largest remainder over the square root of their areas.

    A ward counts double: its roads are denser than a commune's.
    """
    weight = {unit: math.sqrt(unit.area_km2) * (2 if unit.kind == "ward" else 1) for unit in city.units.values()}
    whole = sum(weight.values())
    share = {unit: sensors * part / whole for unit, part in weight.items()}
    count = {unit: int(part) for unit, part in share.items()}
    left = sensors - sum(count.values())
    for unit in sorted(share, key=lambda unit: (count[unit] - share[unit], unit.code))[:left]:
        count[unit] += 1
    return tuple(site for unit in city.units.values() for site in _spiral(unit, count[unit]))


def _spiral(unit: Unit, count: int) -> tuple[Site, ...]:
    """Sites spread evenly over a disc of half the unit's area, around its point."""
    radius_km = math.sqrt(unit.area_km2 / 2 / math.pi)
    placed = []
    for number in range(count):
        away = radius_km * math.sqrt((number + 0.5) / count) * _DEGREES_PER_KM
        angle = number * _GOLDEN_ANGLE
        placed.append(
            Site(
                source=f"traffic/{unit.code}/{number + 1:03d}",
                area=unit.code,
                latitude=round(unit.latitude + away * math.sin(angle), 5),
                longitude=round(unit.longitude + away * math.cos(angle) / math.cos(math.radians(unit.latitude)), 5),
            )
        )
    return tuple(placed)
