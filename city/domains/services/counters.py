"""How the one-stop counters do: who waits, who is served, for how long. No queue is kept: all follows from the time.

The wait grows with the square of how busy the hour is, as queues do well before their limit; in a crowd it is an hour
more. Figures are assumed: 15 minutes in the busiest hour, six minutes a ticket, 70 tickets a counter and day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city.calendar import moment
from city.domains.services.events import QueueMonitor
from city.draw import Draw
from city.instant import NS

if TYPE_CHECKING:
    from city.domains.services.office import Practice
    from city.domains.services.scenarios import Events
    from city.draw import Uniforms
    from city.geography import City
    from city.shift import Voice
    from city.weather import Weather

_WOBBLE_NS: Final = 300 * NS
_SCENE_NS: Final = 10 * NS
_SCENES_KEPT: Final = 16
_LEAST_MIN, _MORE_MIN, _CROWD_MIN = 3.0, 12.0, 65.0
_TICKET_MIN: Final = 6.0
_TICKETS_A_DAY: Final = 70
_RUSH_TICKETS_A_DAY: Final = 230  # the busiest hour's, day and night
_KEPT_HOME_BY_RAIN: Final = 0.25
_SOAKED_MM_H: Final = 40.0

CLOSED: Final = QueueMonitor(serviceStatus="Closed")


@dataclass(frozen=True, slots=True)
class Desk:
    """A counter as the simulation knows it: who it is, and its own pace."""

    voice: Voice
    pace: float


class Counters:
    """All counters of a city at any instant. What it keeps are caches."""

    def __init__(self, seed: int, city: City, practice: Practice, events: Events, weather: Weather) -> None:
        self._city = city
        self._practice = practice
        self._events = events
        self._weather = weather
        self._wobble = {code: Draw(seed, "counters", code) for code in city.units}
        self._scenes: dict[int, dict[str, float] | None] = {}

    def report(self, desk: Desk, now: int, before: int, chance: Uniforms) -> QueueMonitor:
        """What a counter says at `now`, having spoken at `before` (ns)."""
        waits = self._scene(now // _SCENE_NS)
        if waits is None:
            return CLOSED
        wait = waits[desk.voice.area] * (0.8 + 0.4 * chance[3])
        number = self._number(desk, now)
        served = number - self._number(desk, before, of=now)
        return QueueMonitor(
            serviceStatus="Open",
            ticketServed=number,
            ticketsToServe=min(int(wait / _TICKET_MIN * desk.pace * (0.3 + 1.4 * chance[4]) + chance[6]), 10_000),
            served=served,
            waitingMinutes=int(wait * (0.7 + 0.6 * chance[5]) * 10 + 0.5) / 10 if served else None,
        )

    def crowded(self, area: str, now: int) -> bool:
        """Whether more have come to an area's counters than they can serve."""
        return self._events.crowd(area, now) > 0.5

    def _number(self, desk: Desk, now: int, of: int | None = None) -> int:
        """The number that a counter serves; 0 where `now` lies on another day than `of`."""
        here = moment(self._city, now)
        if of is not None and moment(self._city, of).day != here.day:
            return 0
        tickets = _RUSH_TICKETS_A_DAY if self._practice.rush else _TICKETS_A_DAY
        return int(tickets * desk.pace * self._practice.office.share(here.minute) + desk.pace % 1)

    def _scene(self, step: int) -> dict[str, float] | None:
        """The wait (minutes) in every area during one step of ten seconds; None while all are closed."""
        if step not in self._scenes:
            if len(self._scenes) >= _SCENES_KEPT:
                del self._scenes[next(iter(self._scenes))]
            self._scenes[step] = self._make_scene(step * _SCENE_NS)
        return self._scenes[step]

    def _make_scene(self, now: int) -> dict[str, float] | None:
        local = moment(self._city, now)
        busy = self._practice.office.busy(local.minute) if self._practice.works(local.day) else 0.0
        if not busy:
            return None
        wet = min(self._weather.at(now).rain_mm_h / _SOAKED_MM_H, 1.0)
        come = busy * (1 - _KEPT_HOME_BY_RAIN * wet)
        period, into = divmod(now, _WOBBLE_NS)
        part = into / _WOBBLE_NS
        scene = {}
        for code, wobble in self._wobble.items():
            ours = come * (0.8 + 0.4 * (wobble.at(period)[0] * (1 - part) + wobble.at(period + 1)[0] * part))
            scene[code] = _LEAST_MIN + _MORE_MIN * ours * ours + _CROWD_MIN * self._events.crowd(code, now)
        return scene
