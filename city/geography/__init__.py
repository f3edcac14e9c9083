"""Where things are: the units and zones of a city, as a table."""

from typing import Final

from city.geography.hanoi import HANOI
from city.geography.model import CITY_AREA, CITY_ZONE, City, Climate, Unit, Zone, slug, without_diacritics

HERE: Final = HANOI
"""The city that is watched: the one line that makes it another."""

__all__ = ["CITY_AREA", "CITY_ZONE", "HANOI", "HERE", "City", "Climate", "Unit", "Zone", "slug", "without_diacritics"]
