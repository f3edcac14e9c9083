"""One seed and one weather drive all simulators: the same shower slows traffic and empties the lake shore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from city import catalogue
from city.calendar import Kind, moment
from city.domains.tourism.events import TourismCrowd
from city.domains.traffic.events import TrafficFlow
from city.instant import NS, nanoseconds
from city.weather import Weather
from producers.simulators import find, together

if TYPE_CHECKING:
    from collections.abc import Callable

    from city.event import Event

PACKS = catalogue.load()
SEED = 2026
MINUTE = 60 * NS
DAY = 1_440 * MINUTE
SUMMER = nanoseconds("2026-06-01T09:30:00+07:00")


def is_so(at: int, fits: Callable[[float], bool]) -> bool:
    """Whether the sky fits for two minutes of a workday."""
    sky = Weather(SEED, PACKS.city)
    now = moment(PACKS.city, at)
    return now.kind is Kind.WORKDAY and all(fits(sky.at(at + minute * MINUTE).rain_mm_h) for minute in range(3))


def downpour() -> int:
    """The first quarter of an hour of a summer's working day with rain that sends people home."""
    days = (SUMMER + day * DAY + quarter * 15 * MINUTE for day in range(120) for quarter in range(28))
    return next(at for at in days if is_so(at, lambda rain: rain > 12))


def dry_day_after(at: int) -> int:
    """The next working day that is dry at the same time."""
    return next(at + day * DAY for day in range(1, 60) if is_so(at + day * DAY, lambda rain: rain == 0))


def heard(at: int) -> list[Event]:
    """What all simulators of that seed say in two minutes of a city of full size."""
    said = together(find(PACKS.domains, PACKS.city), SEED, at, at + 2 * MINUTE, events_per_s=220)
    return [event for _, _, event in said]


def speed(said: list[Event]) -> float:
    """The mean speed on the roads."""
    seen = [event.data.averageVehicleSpeed for event in said if isinstance(event, TrafficFlow)]
    speeds = [one for one in seen if one is not None]
    return sum(speeds) / len(speeds)


def on_the_shore(said: list[Event]) -> float:
    """The mean number of people at Hoàn Kiếm lake."""
    seen = [event.data for event in said if isinstance(event, TourismCrowd) and "/ho-hoan-kiem/" in event.source]
    return sum(data.peoplePresent or 0 for data in seen) / len(seen)


def test_the_same_shower_slows_traffic_and_empties_the_lake_shore() -> None:
    at = downpour()
    wet, dry = heard(at), heard(dry_day_after(at))
    assert speed(wet) < 0.97 * speed(dry)
    assert on_the_shore(wet) < 0.45 * on_the_shore(dry)
