"""The figures tourism is calibrated by, those that Hanoi has published among them."""

from datetime import date, timedelta

import pytest

from city.calendar import Kind, kind_of
from city.domains.tourism.attractions import HABITS, attractions
from city.domains.tourism.lodging import CLASS_SHARE, offered, rooms
from city.domains.tourism.season import MARKETS, SESSIONS_A_DAY, rooms_taken, sessions_per_s, visitors
from city.geography import HANOI

JANUARY_TO_NOVEMBER = [date(2025, 1, 1) + timedelta(days=day) for day in range(334)]
NOVEMBER = [day for day in JANUARY_TO_NOVEMBER if day.month == 11]


def test_as_many_come_as_hanoi_counted_from_january_to_november_2025() -> None:
    by_origin = [visitors(day) for day in JANUARY_TO_NOVEMBER]
    assert sum(map(sum, by_origin)) == pytest.approx(30.94e6, rel=0.01)
    assert sum(foreign for _, foreign in by_origin) == pytest.approx(7.09e6, rel=0.01)
    assert sum(sum(visitors(day)) for day in NOVEMBER) == pytest.approx(2.5e6, rel=0.02)


def test_rooms_are_taken_as_hanoi_reported() -> None:
    def taken(days: list[date]) -> float:
        return sum(rooms_taken(day, minute) for day in days for minute in range(0, 1_440, 30)) / (len(days) * 48)

    assert taken(JANUARY_TO_NOVEMBER) == pytest.approx(0.734, abs=0.01)
    assert taken([day for day in JANUARY_TO_NOVEMBER if day.month == 2]) == pytest.approx(0.623, abs=0.01)


def test_there_are_as_many_rooms_as_hanoi_has_and_most_lie_in_the_centre() -> None:
    every = rooms(HANOI)
    assert sum(every.values()) == 71_256
    assert every.keys() == HANOI.units.keys()
    centre = sum(every[unit.code] for zone in HANOI.zones if zone.slug == "hoan-kiem" for unit in zone.units)
    assert centre > 71_256 / 7
    assert sum(offered(every["00070"], kind) for kind in CLASS_SHARE) == pytest.approx(every["00070"], abs=2)


@pytest.mark.parametrize("kind", HABITS)
def test_a_days_visitors_arrive_within_the_day_and_none_while_a_place_is_closed(kind: str) -> None:
    habit = next(habit for name, habit in HABITS.items() if name == kind)
    assert sum(habit.rate(minute + 0.5) for minute in range(1_440)) == pytest.approx(1, abs=0.002)
    assert habit.arrivals[0][1] == habit.arrivals[-1][1], "midnight is smooth"
    if habit.arrivals[0][1] == 0:
        assert habit.rate(180) == habit.inside(180) == 0


def test_everybody_goes_somewhere() -> None:
    places = attractions(HANOI)
    assert sum(place.domestic for place in places) == pytest.approx(1)
    assert sum(place.foreign for place in places) == pytest.approx(1)
    assert len({(place.area, place.slug) for place in places}) == len(places) == len(HANOI.units) + 19
    assert {place.area for place in places} == HANOI.units.keys()


def test_every_sight_lies_near_its_ward_or_commune() -> None:
    for place in attractions(HANOI):
        unit = HANOI.units[place.area]
        away = ((place.latitude - unit.latitude) ** 2 + (place.longitude - unit.longitude) ** 2) ** 0.5
        assert away < 0.06, f"{place.name} is {away * 111:.0f} km from {unit.name}"


def test_foreign_visitors_and_sessions_add_up() -> None:
    assert sum(share for _, share in MARKETS) == pytest.approx(1)
    assert sum(sessions_per_s(minute + 0.5) * 60 for minute in range(1_440)) == pytest.approx(SESSIONS_A_DAY, rel=0.001)


@pytest.mark.parametrize(
    ("more", "fewer"),
    [
        (date(2026, 11, 22), date(2026, 11, 24)),  # Sunday, Tuesday
        (date(2026, 4, 30), date(2026, 4, 28)),  # a holiday, two days before
        (date(2026, 7, 11), date(2026, 11, 14)),  # summer's Saturday, autumn's
    ],
)
def test_weekends_holidays_and_summers_bring_more_from_home(more: date, fewer: date) -> None:
    assert visitors(more)[0] > 1.2 * visitors(fewer)[0]


def test_at_tet_hotels_empty_and_foreigners_are_fewer() -> None:
    tet, after = date(2026, 2, 17), date(2026, 2, 24)
    assert (kind_of(tet), kind_of(after)) == (Kind.TET, Kind.WORKDAY)
    assert rooms_taken(tet, 600) < rooms_taken(after, 600)
    assert visitors(tet)[1] < visitors(after)[1]
