"""Where things are: the units and zones of a city, as a table."""

from city.geography.hanoi import HANOI
from city.geography.model import CITY_AREA, CITY_ZONE, City, Climate, Unit, Zone, slug, without_diacritics

__all__ = ["CITY_AREA", "CITY_ZONE", "HANOI", "City", "Climate", "Unit", "Zone", "slug", "without_diacritics"]
