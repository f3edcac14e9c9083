"""Who speaks of tourism: a register and counters at each attraction, a lodging desk in each unit, the portal's servers.

Pure functions of the city's table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.domain import Site
from city.domains.tourism.attractions import attractions
from city.domains.tourism.events import CHANNELS, TourismCrowd, TourismLodging, TourismPortal, TourismPresence
from city.geography import CITY_AREA

if TYPE_CHECKING:
    from city.domains.tourism.attractions import Attraction
    from city.domains.tourism.events import Channel
    from city.geography import City

SERVERS: Final[tuple[tuple[Channel, int], ...]] = tuple((channel, number) for channel in CHANNELS for number in (1, 2))
"""The portal's servers."""


def register(place: Attraction) -> str:
    """The source that counts a place's visitors by nationality."""
    return f"tourism/{place.area}/{place.slug}/visitors"


def counters(place: Attraction) -> str:
    """The source that counts everybody at a place."""
    return f"tourism/{place.area}/{place.slug}/crowd"


def desk(area: str) -> str:
    """The source that tells an area's rooms."""
    return f"tourism/{area}/lodging"


def server(channel: Channel, number: int) -> str:
    """The source that tells one server's sessions."""
    return f"tourism/portal/{channel}-{number}"


def sites(city: City) -> tuple[Site, ...]:
    """All of them. The portal stands in the middle of the city: it has no place of its own."""
    places = attractions(city)
    units = tuple(city.units.values())
    middle = (
        round(sum(unit.latitude for unit in units) / len(units), 5),
        round(sum(unit.longitude for unit in units) / len(units), 5),
    )
    return (
        *(Site(register(at), at.area, at.latitude, at.longitude, TourismPresence) for at in places),
        *(Site(counters(at), at.area, at.latitude, at.longitude, TourismCrowd) for at in places),
        *(Site(desk(unit.code), unit.code, unit.latitude, unit.longitude, TourismLodging) for unit in units),
        *(Site(server(*which), CITY_AREA, *middle, TourismPortal) for which in SERVERS),
    )
