"""Where the rooms are: Hanoi's published number, shared out over its wards and communes, and over classes.

The number is published; how it is shared out is assumed: most rooms lie in the old centre and around the lakes and
business quarters.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from city.domains.tourism.season import ROOMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from city.domains.tourism.events import LodgingClass
    from city.geography import City

UNITS: Final = 126
"""Of the city whose figures these are; a table with fewer units has so much less of everything."""

# Rooms beside an ordinary ward's, by zone.
_WEIGHT: Final[Mapping[str, float]] = {
    "hoan-kiem": 14.0, "ba-dinh": 6.0, "tay-ho": 5.0, "cau-giay": 4.5, "hai-ba-trung": 3.5, "dong-da": 3.0,
    "nam-tu-liem": 3.5, "thanh-xuan": 1.5, "long-bien": 1.5, "ha-dong": 1.2,
}  # fmt: skip
_WARD: Final = 1.0
_COMMUNE: Final = 0.3

CLASS_SHARE: Final[Mapping[LodgingClass, float]] = {
    "five-star": 0.13,
    "four-star": 0.10,
    "three-star": 0.09,
    "other": 0.68,
}


@lru_cache(maxsize=4)
def rooms(city: City) -> Mapping[str, int]:
    """Area code → its rooms, by largest remainder; at least one in each."""
    whole = ROOMS * len(city.units) / UNITS
    weight = {
        unit.code: _WEIGHT.get(zone.slug, _WARD) if unit.kind == "ward" else _COMMUNE
        for zone in city.zones
        for unit in zone.units
    }
    share = {code: whole * part / sum(weight.values()) for code, part in weight.items()}
    count = {code: int(part) for code, part in share.items()}
    left = round(whole) - sum(count.values())
    for code in sorted(share, key=lambda code: (count[code] - share[code], code))[:left]:
        count[code] += 1
    return {code: max(1, number) for code, number in count.items()}


def offered(area_rooms: int, kind: LodgingClass) -> int:
    """The rooms of a class among an area's."""
    return round(area_rooms * CLASS_SHARE[kind])
