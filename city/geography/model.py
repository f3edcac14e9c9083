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


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


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


@dataclass(frozen=True, slots=True)
class Climate:
    """A city's normals, January to December: rain (mm a month), days with rain, mean temperature (°C)."""

    rain_mm: tuple[float, ...]
    rain_days: tuple[float, ...]
    mean_c: tuple[float, ...]


ALWAYS_FAIR = Climate((0.0,) * 12, (0.0,) * 12, (20.0,) * 12)
"""The climate of a table that states none: no rain, 20 °C."""


@dataclass(frozen=True)
class City:
    """A city: a table of zones and units, the clock its days are counted by, and its climate."""

    slug: str
    name: str
    timezone: str
    zones: tuple[Zone, ...]
    climate: Climate = ALWAYS_FAIR

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

    def search(self, text: str) -> tuple[Unit, ...]:
        """The units whose code, name or zone has these words in it, in the order of the table.

        Diacritics and case may be missing. Where they are written, a name that has them as well goes alone: `Hồ`
        is not `Hoà`. Nothing is wanted: everything is found.
        """
        found = tuple(
            unit
            for zone in self.zones
            for unit in zone.units
            if text == unit.code or slug(text) in slug(unit.name) or slug(text) in zone.slug
        )
        written = _folded(text)
        if written == without_diacritics(written):
            return found
        zones = {unit.code: zone.name for zone in self.zones for unit in zone.units}
        as_written = tuple(
            unit for unit in found if written in _folded(unit.name) or written in _folded(zones[unit.code])
        )
        return as_written or found
