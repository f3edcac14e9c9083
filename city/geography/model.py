"""A city as a table: its units, the zones they lie in, and how they are found by name."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

CITY_AREA = "01"
"""The area code of events that concern the whole city."""

CITY_ZONE = "city"
"""The zone of `CITY_AREA`."""

_D_WITH_STROKE = str.maketrans("Đđ", "Dd")


def without_diacritics(text: str) -> str:
    """`Hoàn Kiếm` → `Hoan Kiem`: what a person types who has no Vietnamese keyboard."""
    parts = unicodedata.normalize("NFD", text.translate(_D_WITH_STROKE))
    return "".join(char for char in parts if not unicodedata.combining(char))


def slug(text: str) -> str:
    """`Ba Đình` → `ba-dinh`: a name as a tag value or a link, for ever the same."""
    return "-".join(without_diacritics(text).lower().split())


@dataclass(frozen=True, slots=True)
class Unit:
    """A ward or a commune. Coordinates (degrees, WGS 84) are a point inside it."""

    code: str
    name: str
    kind: Literal["ward", "commune"]
    area_km2: float
    latitude: float
    longitude: float

    @property
    def name_en(self) -> str:
        """The name without diacritics, as English texts spell it."""
        return without_diacritics(self.name)


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the city that people still speak of: the former district its units mostly lie in."""

    name: str
    units: tuple[Unit, ...]

    @property
    def slug(self) -> str:
        """The value of the tag `zone`."""
        return slug(self.name)


@dataclass(frozen=True)
class City:
    """A city: a table of zones and units, and the clock its days are counted by."""

    slug: str
    name: str
    timezone: str
    zones: tuple[Zone, ...]

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Code → unit."""
        return {unit.code: unit for zone in self.zones for unit in zone.units}

    @cached_property
    def zone_of(self) -> dict[str, str]:
        """Area code → zone slug: every area an event may name, the whole city among them."""
        named = {unit.code: zone.slug for zone in self.zones for unit in zone.units}
        return {CITY_AREA: CITY_ZONE} | named

    def find(self, name: str) -> Unit | None:
        """The unit of that code or name; diacritics and case may be missing."""
        wanted = slug(name)
        exact = self.units.get(name)
        return exact or next((unit for unit in self.units.values() if slug(unit.name) == wanted), None)
