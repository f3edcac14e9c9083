"""The sources by what they do: who they are, how often they speak, and what they observe."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from city.domains.tourism import sites
from city.domains.tourism.attractions import attractions
from city.domains.tourism.events import (
    HOME,
    LODGING_CLASSES,
    CrowdFlowObserved,
    LodgingObserved,
    PortalObserved,
    TourismCrowd,
    TourismLodging,
    TourismPortal,
    TourismPresence,
    TourismPresenceObserved,
)
from city.domains.tourism.lodging import offered, rooms
from city.domains.tourism.season import BOOKED, FAILED, MARKETS, REQUESTS_A_SESSION
from city.draw import Draw
from city.geography import CITY_AREA
from city.shift import Voice

if TYPE_CHECKING:
    from collections.abc import Callable

    from city.domains.tourism.attractions import Attraction
    from city.domains.tourism.day import Day
    from city.domains.tourism.events import Channel, TourismEvent
    from city.geography import City
    from city.rota import Slot

Data = TourismPresenceObserved | CrowdFlowObserved | LodgingObserved | PortalObserved

PRESENCE_S: Final = 30
CROWD_S: Final = 20
LODGING_S: Final = 75
"""Four classes in turns: each is told once in five minutes."""

PORTAL_S: Final = 10

# A register's turns: nationality, and how many turns its report spans. Every second one is of visitors from home.
_TURNS: Final[tuple[tuple[str, float, int], ...]] = tuple(
    turn for country, share in MARKETS for turn in ((HOME, 1.0, 2), (country, share, 2 * len(MARKETS)))
)

_BROKEN: Final = 0.45  # of requests fail at an outage's height (assumed)
_STAY_AWAY: Final = 0.7  # of sessions do not come about then


@dataclass(frozen=True, slots=True)
class Speaker:
    """A source and what it is about.

    Attributes:
        subject: its number among the attractions, its area's rooms, or nothing.
        place, channel: where its crew needs one.
    """

    voice: Voice
    first_turn: int
    subject: int = 0
    place: Attraction | None = None
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class Crew:
    """Sources of one kind, in the order in which a low rate picks them.

    Attributes:
        observe: day, speaker, slot, seconds of a turn → what is said.
    """

    event: Callable[..., TourismEvent]
    period_s: int
    speakers: tuple[Speaker, ...]
    observe: Callable[[Day, Speaker, Slot, float], Data]


@lru_cache(maxsize=4)
def crews(seed: int, city: City) -> tuple[Crew, ...]:
    """All crews of a city."""
    places = list(enumerate(attractions(city)))
    registers = [_speaker(seed, sites.register(at), at.area, subject=number, place=at) for number, at in places]
    counters = [_speaker(seed, sites.counters(at), at.area, subject=number, place=at) for number, at in places]
    desks = [_speaker(seed, sites.desk(area), area, subject=number) for area, number in rooms(city).items()]
    servers = [
        _speaker(seed, sites.server(channel, number), CITY_AREA, channel=channel) for channel, number in sites.SERVERS
    ]
    return (
        Crew(TourismPresence, PRESENCE_S, _drawn(seed, registers), _visitors),
        Crew(TourismCrowd, CROWD_S, _drawn(seed, counters), _crowd),
        Crew(TourismLodging, LODGING_S, _drawn(seed, desks), _rooms),
        Crew(TourismPortal, PORTAL_S, _drawn(seed, servers), _portal),
    )


def _speaker(seed: int, source: str, area: str, **about: Any) -> Speaker:
    first = int(Draw(seed, "source", source).at(0)[1] * 12)
    voice = Voice(source, area, Draw(seed, "turn", source), Draw(seed, "fault", source))
    return Speaker(voice, first, **about)


def _drawn(seed: int, speakers: list[Speaker]) -> tuple[Speaker, ...]:
    """Any first n lie all over the city."""
    return tuple(sorted(speakers, key=lambda one: (Draw(seed, "source", one.voice.source).at(0)[0], one.voice.source)))


def _visitors(day: Day, speaker: Speaker, slot: Slot, turn_s: float) -> TourismPresenceObserved:
    """The visitors of one nationality since the last report on it."""
    assert speaker.place is not None
    country, share, spans = _TURNS[(slot.turn + speaker.first_turn) % len(_TURNS)]
    visit = day.visits(slot.now)[speaker.subject]
    per_s = visit.domestic_per_s if country == HOME else visit.foreign_per_s * share
    return TourismPresenceObserved(
        visitorCount=_about(per_s * spans * turn_s, slot.chance[3], slot.chance[4]),
        nationality=country,
        locationCode=speaker.voice.area,
        locationName=speaker.place.name,
    )


def _crowd(day: Day, speaker: Speaker, slot: Slot, turn_s: float) -> CrowdFlowObserved:
    """Who went in and out since the last report, and who is inside."""
    visit = day.visits(slot.now)[speaker.subject]
    came = _about(visit.in_per_s * turn_s, slot.chance[3], slot.chance[4])
    left = _about(visit.out_per_s * turn_s, slot.chance[5], slot.chance[6])
    present = int(visit.present * (0.96 + 0.08 * slot.chance[5]) + slot.chance[6])
    # A beam's share of time with somebody in it. A working one is never quite still.
    busy = min(0.5 * present / visit.capacity + 0.004 * slot.chance[7], 1.0)
    return CrowdFlowObserved(
        peopleCount=came + left,
        peopleCountTowards=came,
        peopleCountAway=left,
        occupancy=int(busy * 10_000 + 0.5) / 10_000,
        congested=present > visit.capacity,
        peoplePresent=present,
        capacity=visit.capacity,
    )


def _rooms(day: Day, speaker: Speaker, slot: Slot, turn_s: float) -> LodgingObserved:  # noqa: ARG001 - rooms are a state, not a count over a turn
    """The rooms of one class."""
    kind = LODGING_CLASSES[(slot.turn + speaker.first_turn) % len(LODGING_CLASSES)]
    number = offered(speaker.subject, kind)
    taken = int(number * day.rooms_taken(speaker.voice.area, kind, slot.now) + slot.chance[3])
    return LodgingObserved(roomsTaken=min(taken, number), roomsOffered=number, lodgingClass=kind)


def _portal(day: Day, speaker: Speaker, slot: Slot, turn_s: float) -> PortalObserved:
    """What a server did: sessions, their requests, those that failed, and bookings."""
    assert speaker.channel is not None
    broken = day.outage(speaker.channel, slot.now)
    chance = slot.chance
    expected = day.sessions_per_s(slot.now) / len(sites.SERVERS) * turn_s * (1 - _STAY_AWAY * broken)
    sessions = _about(expected, chance[3], chance[4])
    requests = int(sessions * REQUESTS_A_SESSION * (0.9 + 0.2 * chance[5]) + 3 + 5 * chance[6])  # monitors ask too
    failed = min(requests * (FAILED + (_BROKEN - FAILED) * broken) + chance[7], requests)
    bookings = min(int(sessions * BOOKED * (1 - broken) + chance[5]), sessions)
    return PortalObserved(
        sessionCount=sessions,
        bookingCount=bookings,
        requestCount=requests,
        errorCount=int(failed),
        channel=speaker.channel,
    )


def _about(expected: float, noise: float, rest: float) -> int:
    """A noisy count whose mean is as expected: rounded up as often as its fraction says."""
    return int(expected * (0.8 + 0.4 * noise) + rest)
