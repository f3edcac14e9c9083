"""What Hanoi's road sensors would say: a pure function of seed, city and time.

Everything about a turn is drawn from (seed, sensor, turn), so that any piece of time can be made alone and the
pieces join exactly.

A sensor takes the classes of vehicles in turns (motorcycles every second turn, cars every fourth, the others
every twelfth). A report counts the vehicles of its class since the last report on that class.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from city.calendar import Kind, moment
from city.domains.traffic.events import TrafficFlow, TrafficFlowObserved
from city.domains.traffic.road import (
    BICYCLE,
    BUS,
    CAR,
    LORRY,
    MOTORCYCLE,
    Class,
    Stream,
    demand_at,
    occupancy,
    stream,
)
from city.domains.traffic.scenarios import SCENARIOS, Events, chosen
from city.domains.traffic.sites import sites
from city.draw import Draw
from city.geography import HANOI, City, Unit
from city.instant import NS
from city.shift import Shift, Voice, counts, period_ns, speaks
from city.weather import Weather

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Container, Iterator

    from city.rota import Slot
    from city.shift import Said

__all__ = ["SCENARIOS", "injected", "simulate"]

_TURN_S: Final = 10
_ALL_FROM: Final = 0.4  # of the full rate: from here on all sensors speak, so that none seems to be silent
_SCENE_NS: Final = 10 * NS  # how long an area's traffic is taken to be the same
_SCENES_KEPT: Final = 8
_WOBBLE_NS: Final = 300 * NS
_RUSH: Final = (Kind.WORKDAY, 1_050.0)
_WARD_VEHICLES_PER_S: Final = 1.0  # past one sensor when its road is busiest (assumed)
_COMMUNE_VEHICLES_PER_S: Final = 0.35

# The turns: each class with how many turns its report spans.
_TURNS: Final[tuple[tuple[Class, int], ...]] = (
    (MOTORCYCLE, 2), (CAR, 4), (MOTORCYCLE, 2), (BUS, 12), (MOTORCYCLE, 2), (CAR, 4),
    (MOTORCYCLE, 2), (LORRY, 12), (MOTORCYCLE, 2), (CAR, 4), (MOTORCYCLE, 2), (BICYCLE, 12),
)  # fmt: skip


def simulate(
    seed: int,
    start_ns: int,
    end_ns: int,
    *,
    events_per_s: float,
    scenarios: tuple[str, ...] = (),
    city: City = HANOI,
    areas: Container[str] | None = None,
) -> Iterator[TrafficFlow]:
    """The observations that are heard in `[start_ns, end_ns)`, by non-decreasing `recordedtime`.

    Args:
        seed: another seed, another city's day.
        start_ns: ns since 1970, UTC.
        end_ns: likewise; `simulate(a, b)` then `simulate(b, c)` is `simulate(a, c)`.
        events_per_s: at 200 all 2,000 sensors speak every 10 s; from 80 on all of them speak, more or less often;
            below it one sensor for each 0.1. Sensors that fall silent or speak twice make the true rate differ a
            little.
        scenarios: names of `SCENARIOS`.
        city: whose areas, and whose clock.
        areas: whose events alone are asked for; None: those of all.

    Raises:
        UsageError: an unknown scenario, or a rate that is no rate.
    """
    return (said.event for said in _said(seed, start_ns, end_ns, events_per_s, scenarios, city, areas))


def injected(
    seed: int,
    start_ns: int,
    end_ns: int,
    *,
    events_per_s: float,
    scenarios: tuple[str, ...] = (),
    city: City,
) -> Counter[str]:
    """How many events of a piece of time are late, duplicate or unusable, by the names of the truth's counts.

    `in` counts those that are usable. Arguments and errors are those of `simulate`.
    """
    return counts(_said(seed, start_ns, end_ns, events_per_s, scenarios, city))


def _said(  # noqa: PLR0917 - the arguments of `simulate`
    seed: int,
    start: int,
    end: int,
    events_per_s: float,
    scenarios: tuple[str, ...],
    city: City,
    areas: Container[str] | None = None,
) -> Iterator[Said]:
    events = chosen(scenarios, city)
    if not speaks(events_per_s):
        return iter(())
    return _City(seed, city, events, events_per_s, areas).said(start, end)


@dataclass(frozen=True, slots=True)
class _Sensor:
    """A sensor as the simulation knows it: who it is, and its own traffic."""

    voice: Voice
    unit: Unit
    vehicles_per_s: float
    free_kmh: float
    first_turn: int


@lru_cache(maxsize=4)
def _sensors(seed: int, city: City) -> tuple[_Sensor, ...]:
    """All sensors of the city, in the order in which a low rate picks them: any first n lie all over the city."""
    placed = []
    for site in sites(city):
        order, size, free, first, *_ = Draw(seed, "sensor", site.source).at(0)
        unit = city.units[site.area]
        ward = unit.kind == "ward"
        sensor = _Sensor(
            voice=Voice(site.source, site.area, Draw(seed, "turn", site.source), Draw(seed, "fault", site.source)),
            unit=unit,
            vehicles_per_s=(0.5 + size) * (_WARD_VEHICLES_PER_S if ward else _COMMUNE_VEHICLES_PER_S),
            free_kmh=27 + 8 * free if ward else 34 + 14 * free,
            first_turn=int(first * len(_TURNS)),
        )
        placed.append((order, site.source, sensor))
    placed.sort(key=lambda entry: entry[:2])
    return tuple(sensor for _, _, sensor in placed)


class _City:
    """One simulation. What it keeps are caches: every answer follows from the arguments alone."""

    def __init__(
        self, seed: int, city: City, events: Events, events_per_s: float, areas: Container[str] | None
    ) -> None:
        everyone = _sensors(seed, city)
        spoken = round(events_per_s * _TURN_S)
        self._sensors = everyone if spoken >= _ALL_FROM * len(everyone) else everyone[: max(1, spoken)]
        self._period = period_ns(len(self._sensors), events_per_s)
        self._city = city
        self._events = events
        self._weather = Weather(seed, city)
        self._wobble = {code: Draw(seed, "wobble", code) for code in city.units}
        self._scenes: dict[int, dict[str, Stream]] = {}
        voices = [sensor.voice for sensor in self._sensors]
        self._shift = Shift(TrafficFlow, voices, self._period, self._observe, events.silent, areas=areas)

    def said(self, start: int, end: int) -> Iterator[Said]:
        """What is heard in `[start, end)`, and what is wrong with it."""
        return self._shift.said(start, end)

    def _observe(self, slot: Slot) -> TrafficFlowObserved:
        sensor = self._sensors[slot.number]
        kind, spans = _TURNS[(slot.turn + sensor.first_turn) % len(_TURNS)]
        here = self._scene(slot.now // _SCENE_NS)[sensor.unit.code]
        chance = slot.chance
        all_per_s = sensor.vehicles_per_s * here.flow
        covered_s = spans * self._period / NS
        # Unbiased: a noisy mean, then rounded up as often as its fraction says.
        vehicles = int(all_per_s * kind.share * covered_s * (0.7 + 0.6 * chance[3]) + chance[4])
        speed = min(sensor.free_kmh * here.pace * kind.pace, kind.fastest_kmh) * (0.85 + 0.3 * chance[5])
        standing = occupancy(all_per_s, sensor.free_kmh * here.pace) * (0.9 + 0.2 * chance[6])
        noisy = min(standing + 0.004 * chance[7], 1.0)  # a working detector is never quite still
        seen = vehicles > 0
        return TrafficFlowObserved(
            intensity=min(vehicles, 10_000),
            occupancy=int(noisy * 10_000 + 0.5) / 10_000,
            averageVehicleSpeed=int(speed * 10 + 0.5) / 10 if seen else None,
            averageHeadwayTime=min(int(covered_s / vehicles * 10 + 0.5) / 10, 3_600.0) if seen else None,
            congested=here.pace < 0.5,
            vehicleType=kind.name,
        )

    def _scene(self, step: int) -> dict[str, Stream]:
        """Every area's traffic during one step of ten seconds."""
        known = self._scenes.get(step)
        if known is None:
            if len(self._scenes) >= _SCENES_KEPT:
                del self._scenes[next(iter(self._scenes))]
            known = self._scenes[step] = self._make_scene(step * _SCENE_NS)
        return known

    def _make_scene(self, now: int) -> dict[str, Stream]:
        local = moment(self._city, now)
        demand = demand_at(*_RUSH) if self._events.rush else demand_at(local.kind, local.minute)
        rain = max(self._weather.at(now).rain_mm_h, self._events.rain_mm_h)
        period, into = divmod(now, _WOBBLE_NS)
        part = into / _WOBBLE_NS
        scene = {}
        for code, unit in self._city.units.items():
            wobble = self._wobble[code]
            ours = 0.9 + 0.2 * (wobble.at(period)[0] * (1 - part) + wobble.at(period + 1)[0] * part)
            scene[code] = stream(unit, demand * ours, rain, self._events.water(code, now))
        return scene
