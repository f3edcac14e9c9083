"""Scenarios: what may befall the city's tourism, as pure functions of place and time; they go round (`city.rounds`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city.domain import Text
from city.domains.tourism.attractions import Kind, attractions
from city.domains.tourism.events import CHANNELS
from city.rounds import GROUPS, drawn, refuse_unknown, strength

if TYPE_CHECKING:
    from collections.abc import Mapping

    from city.geography import City

FESTIVAL: Final = "festival"
OUTAGE: Final = "portal-outage"

SCENARIOS: Final[dict[str, Text]] = {
    FESTIVAL: Text(
        "Lễ hội: từng nhóm điểm đến quá tải 10 phút, khách sạn quanh đó gần kín phòng, rồi vãn khách.",
        "A festival: groups of sights are over capacity for 10 minutes, hotels around them nearly full, and recover.",
    ),
    OUTAGE: Text(
        "Sự cố cổng du lịch: web rồi ứng dụng lỗi 10 phút, không đặt được dịch vụ, rồi hoạt động trở lại.",
        "The tourism portal fails: web, then app, has errors for 10 minutes and books nothing, and recovers.",
    ),
}

_FESTIVE_PLACES: Final = 12


@dataclass(frozen=True)
class Happenings:
    """What the chosen scenarios do to a city.

    Attributes:
        places: (area, slug) of a sight → the group it belongs to.
        zones: zone → the groups of the sights in it.
        channels: channel of the portal → its group.
    """

    places: Mapping[tuple[str, str], int]
    zones: Mapping[str, frozenset[int]]
    channels: Mapping[str, int]

    def crowd(self, area: str, slug: str, ns: int) -> float:
        """How much of the festival is at a sight, 0 to 1."""
        group = self.places.get((area, slug))
        return 0.0 if group is None else strength(group, ns)

    def guests(self, zone: str, ns: int) -> float:
        """How much of the festival sleeps in a zone, 0 to 1."""
        return max((strength(group, ns) for group in self.zones.get(zone, ())), default=0.0)

    def outage(self, channel: str, ns: int) -> float:
        """How broken a channel of the portal is, 0 to 1."""
        group = self.channels.get(channel)
        return 0.0 if group is None else strength(group, ns)


def chosen(names: tuple[str, ...], city: City) -> Happenings:
    """The scenarios of those names over a city.

    Raises:
        UsageError: a name nobody knows; says which there are.
    """
    refuse_unknown(names, SCENARIOS, "tourism")
    places = _festive_places(city) if FESTIVAL in names else {}
    zones: dict[str, frozenset[int]] = {}
    for (area, _), group in places.items():
        zone = city.zone_of[area]
        zones[zone] = zones.get(zone, frozenset()) | {group}
    # Web and app fail one after the other and overlap; for six minutes of twenty-four both work.
    channels: dict[str, int] = {channel: group for group, channel in enumerate(CHANNELS)} if OUTAGE in names else {}
    return Happenings(places, zones, channels)


def _festive_places(city: City) -> dict[tuple[str, str], int]:
    """Twelve sights (local places where there are none), the same for every seed; which ones is drawn."""
    every = attractions(city)
    sights = [place for place in every if place.kind is not Kind.LOCAL] or list(every)
    sights.sort(key=lambda place: drawn(f"{place.area}/{place.slug}"))
    return {(place.area, place.slug): at % GROUPS for at, place in enumerate(sights[:_FESTIVE_PLACES])}
