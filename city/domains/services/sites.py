"""Where the one-stop counters stand: a point of public administrative service in each ward and commune.

Hanoi has run one in each of its 126 since 1 July 2025 (Điểm phục vụ hành chính công). How many counters one has is not
published: five in a ward and three in a commune are assumed. Positions are those of the units' own points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.domain import Site

if TYPE_CHECKING:
    from city.geography import City

COUNTERS: Final = {"ward": 5, "commune": 3}
_STEP_DEGREES: Final = 0.000_05  # about 5 m: counters of one hall, apart on a map


def sites(city: City) -> tuple[Site, ...]:
    """Every counter of a city."""
    return tuple(
        Site(
            source=f"services/{unit.code}/{number:02d}",
            area=unit.code,
            latitude=unit.latitude,
            longitude=round(unit.longitude + number * _STEP_DEGREES, 5),
        )
        for unit in city.units.values()
        for number in range(1, COUNTERS[unit.kind] + 1)
    )
