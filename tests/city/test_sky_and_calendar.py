"""The calendar, the weather and chance: what all simulators share."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.calendar import Kind, kind_of, moment
from city.draw import Draw, interpolate
from city.geography import HANOI
from city.instant import NS, nanoseconds
from city.weather import Weather

HOUR = 3_600 * NS
YEAR_2026 = nanoseconds("2025-12-31T17:00:00Z")
A_LONG_TIME = st.integers(nanoseconds("2024-01-01T00:00:00Z"), nanoseconds("2031-01-01T00:00:00Z"))


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 11, 23), Kind.WORKDAY),
        (date(2026, 11, 22), Kind.WEEKEND),
        (date(2026, 11, 21), Kind.WEEKEND),
        (date(2026, 4, 30), Kind.HOLIDAY),
        (date(2026, 9, 2), Kind.HOLIDAY),
        (date(2026, 4, 26), Kind.HOLIDAY),  # Hùng Kings
        (date(2026, 2, 16), Kind.TET),  # the eve
        (date(2026, 2, 17), Kind.TET),
        (date(2026, 2, 20), Kind.TET),
        (date(2026, 2, 23), Kind.WORKDAY),
        (date(2030, 2, 2), Kind.TET),  # a day before China's: the new moon falls before midnight in Hanoi
        (date(1999, 3, 1), Kind.WORKDAY),
    ],
)
def test_each_day_is_of_its_kind(day: date, kind: Kind) -> None:
    assert kind_of(day) is kind


@pytest.mark.parametrize(
    ("instant", "day", "minute"),
    [
        ("2026-11-22T16:59:59Z", date(2026, 11, 22), 1_440 - 1 / 60),
        ("2026-11-22T17:00:00Z", date(2026, 11, 23), 0),
        ("2026-11-23T10:30:30Z", date(2026, 11, 23), 1_050.5),
    ],
)
def test_the_citys_clock_is_seven_hours_ahead(instant: str, day: date, minute: float) -> None:
    now = moment(HANOI, nanoseconds(instant))
    assert now.day == day
    assert now.minute == pytest.approx(minute)


@given(A_LONG_TIME)
def test_a_moment_lies_within_its_day(ns: int) -> None:
    assert 0 <= moment(HANOI, ns).minute < 1_440


@given(st.integers(0, 2**63), A_LONG_TIME)
def test_the_weather_is_a_function_of_seed_and_time_and_stays_plausible(seed: int, ns: int) -> None:
    sky = Weather(seed, HANOI).at(ns)
    assert sky == Weather(seed, HANOI).at(ns)
    assert 0 <= sky.rain_mm_h < 400
    assert 5 < sky.temperature_c < 42


def test_it_rains_as_much_in_a_month_as_hanois_normals_say() -> None:
    def total_mm(month: int) -> float:
        start, end = (nanoseconds(f"2026-{number:02d}-01T00:00:00Z") for number in (month, month + 1))
        step = 300 * NS
        return sum(
            Weather(seed, HANOI).at(ns).rain_mm_h * step / HOUR for seed in range(10) for ns in range(start, end, step)
        )

    assert 150 < total_mm(8) / 10 < 500
    assert total_mm(1) / 10 < 60


def test_a_year_is_cold_in_january_and_warm_in_july() -> None:
    noon = [Weather(1, HANOI).at(YEAR_2026 + day * 24 * HOUR + 12 * HOUR).temperature_c for day in range(365)]
    assert sum(noon[:31]) / 31 < 23
    assert sum(noon[181:212]) / 31 > 30


def test_another_seed_has_other_weather() -> None:
    days = range(YEAR_2026, YEAR_2026 + 200 * 24 * HOUR, 6 * HOUR)
    assert [Weather(1, HANOI).at(ns) for ns in days] != [Weather(2, HANOI).at(ns) for ns in days]


def test_a_throw_is_the_same_for_ever() -> None:
    assert Draw(2026, "rain", "hanoi").at(7)[:2] == (0.05617523193359375, 0.27584075927734375)


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_throw_lies_inside_zero_and_one(number: int) -> None:
    assert all(0 < value < 1 for value in Draw("x").at(number))


def test_throws_differ_by_word_and_by_number_and_are_even() -> None:
    assert Draw(1, "a").at(0) != Draw(1, "b").at(0)
    assert Draw("ab", "c").at(0) != Draw("a", "bc").at(0)
    values = [value for number in range(2_000) for value in Draw(1, "even").at(number)]
    assert sum(values) / len(values) == pytest.approx(0.5, abs=0.01)
    assert sum(value < 0.1 for value in values) / len(values) == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize(("x", "y"), [(-1, 10), (0, 10), (5, 15), (10, 20), (15, 10), (20, 0), (21, 0)])
def test_interpolation_runs_through_its_knots_and_is_level_beyond(x: float, y: float) -> None:
    assert interpolate(((0, 10), (10, 20), (20, 0)), x) == y
