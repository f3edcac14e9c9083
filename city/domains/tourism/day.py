"""The city's tourism at an instant: who is where, how full hotels are, what the portal is asked. Pure, seeded.

Only `+ − × ÷` are used, which round alike on every machine.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from city.calendar import moment
from city.domains.tourism.attractions import HABITS, Attraction, attractions
from city.domains.tourism.lodging import UNITS
from city.domains.tourism.season import BUSY_DAY, rooms_taken, sessions_per_s, visitors
from city.draw import Draw
from city.instant import NS
from city.weather import Weather

if TYPE_CHECKING:
    from collections.abc import Mapping

    from city.domains.tourism.events import Channel, LodgingClass
    from city.domains.tourism.scenarios import Happenings
    from city.geography import City

SCENE_NS: Final = 30 * NS
"""How long things are taken to be the same."""

_WOBBLE_NS: Final = 600 * NS
_SCENES_KEPT: Final = 8
_DRENCHING_MM_H: Final = 10.0  # this much rain sends home all whom rain sends home (assumed)
_ROOM_FOR: Final = 1.6  # a place holds this many times the people of an ordinary weekend's busiest minute (assumed)
_FESTIVE_CROWD: Final = 1.3  # people at a festival's height, beside the capacity
_FESTIVE_VISITORS: Final = 3.0  # what a festival adds to a place's visitors, beside the ordinary ones
_FULL: Final = 0.985
_FULLEST: Final = 0.94  # of an area's rooms, without a festival
_BESIDE_MEAN: Final[Mapping[LodgingClass, float]] = {
    "five-star": 0.02,
    "four-star": 0.01,
    "three-star": 0.0,
    "other": -0.006,
}


class Visit(NamedTuple):
    """What happens at a place: visitors and people, each second; people inside; how many it holds."""

    domestic_per_s: float
    foreign_per_s: float
    in_per_s: float
    out_per_s: float
    present: float
    capacity: int


class Day:
    """The tourism of one seed over one city with the chosen scenarios. What it keeps are caches."""

    def __init__(self, seed: int, city: City, happenings: Happenings) -> None:
        self._seed = seed
        self._city = city
        self._happenings = happenings
        self._weather = Weather(seed, city)
        self._places = attractions(city)
        self._scale = len(city.units) / UNITS
        self._scenes: dict[int, tuple[Visit, ...]] = {}

    def visits(self, ns: int) -> tuple[Visit, ...]:
        """Every place at an instant, in the order of `attractions`."""
        return self._scene(ns // SCENE_NS)

    def rooms_taken(self, area: str, kind: LodgingClass, ns: int) -> float:
        """The share of an area's rooms of a class that are taken."""
        now = moment(self._city, ns)
        own = 0.06 * (_temper(self._seed, area).at(0)[0] - 0.5)
        wobble = 0.02 * (_between(_temper(self._seed, area), ns) - 0.5)
        share = min(rooms_taken(now.day, now.minute) + own + wobble + _BESIDE_MEAN[kind], _FULLEST)
        festive = self._happenings.guests(self._city.zone_of[area], ns)
        return share + (_FULL - share) * festive

    def sessions_per_s(self, ns: int) -> float:
        """Sessions of the whole portal that begin in a second, were it well."""
        wobble = 0.9 + 0.2 * _between(_temper(self._seed, "portal"), ns)
        return self._scale * wobble * sessions_per_s(moment(self._city, ns).minute)

    def outage(self, channel: Channel, ns: int) -> float:
        """How broken a channel of the portal is, 0 to 1."""
        return self._happenings.outage(channel, ns)

    # ------------------------------------------------------------------------------------------------ places

    def _scene(self, step: int) -> tuple[Visit, ...]:
        known = self._scenes.get(step)
        if known is None:
            if len(self._scenes) >= _SCENES_KEPT:
                del self._scenes[next(iter(self._scenes))]
            known = self._scenes[step] = self._make_scene(step * SCENE_NS)
        return known

    def _make_scene(self, ns: int) -> tuple[Visit, ...]:
        now = moment(self._city, ns)
        wet = min(self._weather.at(ns).rain_mm_h / _DRENCHING_MM_H, 1.0)
        domestic, foreign = visitors(now.day)
        scene = []
        for place in self._places:
            dry = 1 - HABITS[place.kind].exposure * wet
            mood = dry * (0.92 + 0.16 * _between(_temper(self._seed, place.area, place.slug), ns))
            coming = self._scale * mood
            festive = self._happenings.crowd(place.area, place.slug, ns)
            scene.append(self._visit(place, now.minute, coming * domestic, coming * foreign, festive))
        return tuple(scene)

    def _visit(self, place: Attraction, minute: float, domestic: float, foreign: float, festive: float) -> Visit:
        """A place at a minute of a day on which the city has so many visitors."""
        habit = HABITS[place.kind]
        home, guests = domestic * place.domestic, foreign * place.foreign
        people = (home + guests) * habit.crowd
        capacity = capacity_of(place, self._city)
        present = people * habit.inside(minute)
        present += max(_FESTIVE_CROWD * capacity - present, 0.0) * festive
        coming = habit.rate(minute) / 60
        # A festival comes at any hour: its visitors are those of the busiest one.
        more = festive * _FESTIVE_VISITORS * _busiest(place) / 60
        passing = festive * _FESTIVE_CROWD * capacity / (habit.stay_min * 60)
        return Visit(
            home * (coming + more),
            guests * (coming + more),
            people * coming + passing,
            people * habit.rate(minute - habit.stay_min) / 60 + passing,
            present,
            capacity,
        )


@lru_cache(maxsize=1_024)
def capacity_of(place: Attraction, city: City) -> int:
    """How many people a place holds: made for busy weekends, with room to spare; in tens."""
    habit = HABITS[place.kind]
    scale = len(city.units) / UNITS
    people = scale * habit.crowd * (BUSY_DAY[0] * place.domestic + BUSY_DAY[1] * place.foreign)
    most = max(habit.inside(minute) for minute in range(0, 1_440, 10))
    return max(40, int(people * most * _ROOM_FOR / 10 + 1) * 10)


@lru_cache(maxsize=1_024)
def _busiest(place: Attraction) -> float:
    return max(HABITS[place.kind].rate(minute) for minute in range(0, 1_440, 10))


@lru_cache(maxsize=4_096)
def _temper(seed: int, *words: str) -> Draw:
    return Draw(seed, "tourism", *words)


def _between(draw: Draw, ns: int) -> float:
    """A value that wanders slowly inside (0, 1)."""
    period, into = divmod(ns, _WOBBLE_NS)
    part = into / _WOBBLE_NS
    return draw.at(period)[1] * (1 - part) + draw.at(period + 1)[1] * part
