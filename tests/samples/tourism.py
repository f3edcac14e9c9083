"""Tourism's samples: a Saturday's afternoon at the sights, the lodging desks and the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.domains.tourism.events import TourismCrowd, TourismLodging, TourismPortal, TourismPresence
from city.domains.tourism.simulator import simulate
from city.event import Reason, encode
from city.instant import NS, nanoseconds
from city.lines import Line
from tests.samples.making import Bad, aged, edited, heard, heard_after_s, misplaced, unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from city.event import Event

SATURDAY: Final = nanoseconds("2026-11-21T08:30:00Z")
_OF_EACH: Final = 6


def ordinary() -> Sequence[Event]:
    """Six reports of each crew, as they are heard."""
    said = [
        event
        for event in simulate(2026, SATURDAY, SATURDAY + 120 * NS, events_per_s=5)
        if 0 <= heard_after_s(event) < 3
    ]
    kinds = (TourismPresence, TourismCrowd, TourismLodging, TourismPortal)
    chosen = [event for kind in kinds for event in [one for one in said if type(one) is kind][:_OF_EACH]]
    return sorted(chosen, key=heard)


def poison(said: Sequence[Event]) -> Sequence[Bad]:
    """Records nobody may count."""
    visitors = next(event for event in said if isinstance(event, TourismPresence))
    crowd = next(event for event in said if isinstance(event, TourismCrowd))
    rooms = next(event for event in said if isinstance(event, TourismLodging))
    portal = next(event for event in said if isinstance(event, TourismPortal))
    of = Reason
    counted, country = f'"visitorCount":{visitors.data.visitorCount}', f'"{visitors.data.nationality}"'
    present, capacity = f'"peoplePresent":{crowd.data.peoplePresent}', f',"capacity":{crowd.data.capacity}'
    taken, errors = f'"roomsTaken":{rooms.data.roomsTaken}', f'"errorCount":{portal.data.errorCount}'
    own = [
        (edited(visitors, counted, '"visitorCount":"many"'), of.WRONG_FIELD, "a number as text"),
        (edited(visitors, country, '"Vietnam"'), of.WRONG_FIELD, "a nationality that is no country's code"),
        (edited(crowd, capacity, ""), of.WRONG_FIELD, "people present without the capacity they are held against"),
        (edited(rooms, f"{taken},", ""), of.WRONG_FIELD, "rooms offered, and none said to be taken"),
        (edited(rooms, '"lodgingClass":"', '"lodgingClass":"very-'), of.WRONG_FIELD, "a class of lodging nobody knows"),
        (edited(visitors, counted, '"visitorCount":-1'), of.OUT_OF_BOUNDS, "fewer visitors than none"),
        (edited(crowd, present, '"peoplePresent":1000001'), of.OUT_OF_BOUNDS, "more people than a place holds"),
        (edited(portal, errors, '"errorCount":-1'), of.OUT_OF_BOUNDS, "fewer errors than none"),
        (edited(portal, "portal.v1", "portal.v9"), of.UNKNOWN_TYPE, "a version nobody reads"),
        (edited(crowd, f'"area":"{crowd.area}"', '"area":"99999"'), of.UNKNOWN_AREA, "an area that Hanoi has not"),
        (Line(encode(aged(portal, -60))), of.CLOCK_AHEAD, "a server's clock a minute fast"),
    ]
    return [*unreadable(visitors), *(Bad(*one) for one in own), *misplaced(crowd)]
