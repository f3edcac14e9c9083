"""Scenarios: what may befall the city's offices and portals, as pure functions of area and time.

Crowds go round as `city.rounds` says. Portals are down for the first half of every 16 minutes, counted from 1970, so
that whoever starts watching sees it within eight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city.domain import Text
from city.instant import NS
from city.rounds import GROUPS, drawn, refuse_unknown, strength

if TYPE_CHECKING:
    from city.geography import City

QUEUE: Final = "counter-queue"
OUTAGE: Final = "portal-outage"

SCENARIOS: Final[dict[str, Text]] = {
    QUEUE: Text(
        "Người dân đổ về bộ phận một cửa: từng nhóm phường, xã phải chờ hơn 60 phút trong 10 phút, rồi trở lại bình "
        "thường; mọi giờ đều như giờ cao điểm.",
        "People flock to the one-stop counters: groups of places wait over an hour for 10 minutes, and recover; every "
        "hour is as the busiest.",
    ),
    OUTAGE: Text(
        "Cổng dịch vụ công lỗi 8 phút trong mỗi 16 phút: hồ sơ trực tuyến ngừng, một phần ba đến quầy, số còn lại nộp "
        "lại sau.",
        "The portals are down for 8 minutes of every 16: nobody submits online, one in three goes to a counter, the "
        "others try again afterwards.",
    ),
}

OUTAGE_S: Final = 480
"""How long the portals are down, and how long they are up then."""

_STRUCK_PLACES: Final = 24


@dataclass(frozen=True)
class Events:
    """What the chosen scenarios do to a city.

    Attributes:
        crowded: area → the group it belongs to.
        outage: whether the portals fail now and then.
    """

    crowded: dict[str, int]
    outage: bool

    @property
    def rush(self) -> bool:
        """Whether every hour is the busiest."""
        return bool(self.crowded)

    def crowd(self, area: str, ns: int) -> float:
        """How many more than usual have come to an area's counters, 0 (none) to 1 (as many as ever)."""
        group = self.crowded.get(area)
        return 0.0 if group is None else strength(group, ns)

    def down(self, ns: int) -> bool:
        """Whether the portals are down."""
        return self.outage and ns // NS % (2 * OUTAGE_S) < OUTAGE_S


def chosen(names: tuple[str, ...], city: City) -> Events:
    """The scenarios of those names over a city.

    Raises:
        UsageError: a name nobody knows; says which there are.
    """
    refuse_unknown(names, SCENARIOS, "services")
    return Events(_crowded(city) if QUEUE in names else {}, OUTAGE in names)


def _crowded(city: City) -> dict[str, int]:
    """Twenty-four wards and communes, the same for every seed. Which ones is drawn, not a statement about real ones."""
    places = sorted(city.units, key=drawn)
    return {code: place % GROUPS for place, code in enumerate(places[:_STRUCK_PLACES])}
