"""Scenarios: what may befall the city's traffic, as pure functions of area and time.

They go round as `city.rounds` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city.domain import Text
from city.rounds import GROUPS, drawn, is_struck, refuse_unknown, strength

if TYPE_CHECKING:
    from city.geography import City

FLOOD: Final = "flood-rush-hour"
BLACKOUT: Final = "sensor-blackout"

SCENARIOS: Final[dict[str, Text]] = {
    FLOOD: Text(
        "Mưa lớn giờ cao điểm: từng nhóm phường ngập sâu 10 phút, tốc độ dưới 12 km/h, rồi nước rút.",
        "Heavy rain in the rush hour: groups of wards flood for 10 minutes, below 12 km/h, and recover.",
    ),
    BLACKOUT: Text(
        "Mất điện cảm biến: lần lượt từng khu vực im lặng 10 phút, rồi có tín hiệu trở lại.",
        "Sensors lose power: one zone after another is silent for 10 minutes, and speaks again.",
    ),
}

_FLOODED_WARDS: Final = 12
_FLOOD_RAIN_MM_H: Final = 50.0


@dataclass(frozen=True)
class Events:
    """What the chosen scenarios do to a city.

    Attributes:
        rush: the demand is that of a rush hour, whatever the clock says.
        rain_mm_h: it rains at least this much.
        flooded, dark: area → the group it belongs to.
    """

    rush: bool
    rain_mm_h: float
    flooded: dict[str, int]
    dark: dict[str, int]

    def water(self, area: str, ns: int) -> float:
        """How deep the water stands in an area, 0 (dry) to 1."""
        group = self.flooded.get(area)
        return 0.0 if group is None else strength(group, ns)

    def silent(self, area: str, ns: int) -> bool:
        """Whether the sensors of an area have no power."""
        group = self.dark.get(area)
        return group is not None and is_struck(group, ns)


def chosen(names: tuple[str, ...], city: City) -> Events:
    """The scenarios of those names over a city.

    Raises:
        UsageError: a name nobody knows; says which there are.
    """
    refuse_unknown(names, SCENARIOS, "traffic")
    flood = FLOOD in names
    return Events(
        rush=flood,
        rain_mm_h=_FLOOD_RAIN_MM_H if flood else 0.0,
        flooded=_flooded_wards(city) if flood else {},
        dark=_dark_zones(city) if BLACKOUT in names else {},
    )


def _flooded_wards(city: City) -> dict[str, int]:
    """Twelve wards, the same for every seed. Which ones is drawn, not a statement about real streets."""
    wards = sorted((unit.code for unit in city.units.values() if unit.kind == "ward"), key=drawn)
    return {code: place % GROUPS for place, code in enumerate(wards[:_FLOODED_WARDS])}


def _dark_zones(city: City) -> dict[str, int]:
    """Three zones, one a group: a feeder fails for a whole zone."""
    zones = sorted(city.zones, key=lambda zone: drawn(zone.slug))
    return {unit.code: group for group, zone in enumerate(zones[:GROUPS]) for unit in zone.units}
