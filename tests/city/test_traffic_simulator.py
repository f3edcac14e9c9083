"""The traffic simulator is like a city's roads. What every simulator promises: tests/simulators."""

from collections import Counter

import pytest

from city.domains.traffic.events import TrafficFlow
from city.domains.traffic.pack import PACK
from city.domains.traffic.rules import RULES
from city.domains.traffic.simulator import simulate
from city.geography import HANOI, City, Unit, Zone
from city.instant import NS, nanoseconds
from city.rounds import ROUND_S
from tests.simulators.said import age_s, by_area, by_source, heard, longest_gap_s, longest_stillness_s

MONDAY = nanoseconds("2026-11-22T17:00:00Z")  # midnight in Hanoi
HOUR = 3_600 * NS
ALL_DAY = 200.0  # every sensor once in ten seconds


def mean_speed(events: list[TrafficFlow]) -> float:
    seen = [(event.data.averageVehicleSpeed, event.data.intensity) for event in events]
    moving = [(speed, count) for speed, count in seen if speed is not None and count]
    return sum(speed * count for speed, count in moving) / sum(count for _, count in moving)


# ------------------------------------------------------------------------------------------------ rate


@pytest.mark.parametrize("rate", [0.5, 20.0, 200.0, 1_000.0])
def test_the_rate_is_about_what_was_asked(rate: float) -> None:
    seconds = max(10, int(2_000 / rate))
    said = sum(1 for _ in simulate(2026, MONDAY, MONDAY + seconds * NS, events_per_s=rate))
    assert said / seconds == pytest.approx(rate, rel=0.05)


def test_a_low_rate_lets_few_sensors_speak_once_in_ten_seconds() -> None:
    said = Counter(event.source for event in simulate(2026, MONDAY, MONDAY + 60 * NS, events_per_s=2))
    assert len(said) <= 20
    assert set(said.values()) == {6}


def test_another_city_has_its_own_sensors() -> None:
    unit = Unit("X1", "Somewhere", "ward", 2.0, 10.0, 20.0)
    small = City("small", "Small", "Europe/Paris", (Zone("Only", (unit,)),))
    said = list(simulate(1, MONDAY, MONDAY + 10 * NS, events_per_s=3, city=small))
    assert {event.area for event in said} == {"X1"}


# ------------------------------------------------------------------------------------------------ like a city


@pytest.mark.parametrize(
    ("busy", "quiet"),
    [
        ("2026-11-23T00:30:00Z", "2026-11-22T20:00:00Z"),  # half past seven, three in the night
        ("2026-11-23T10:30:00Z", "2026-11-23T06:00:00Z"),  # half past five, one in the afternoon
        ("2026-11-23T00:30:00Z", "2026-11-22T00:30:00Z"),  # Monday, Sunday
        ("2026-02-24T00:30:00Z", "2026-02-17T00:30:00Z"),  # a week after Tết, Tết
    ],
)
def test_a_busy_hour_has_more_vehicles_and_is_slower(busy: str, quiet: str) -> None:
    full, empty = (
        list(simulate(5, nanoseconds(at), nanoseconds(at) + 120 * NS, events_per_s=ALL_DAY)) for at in (busy, quiet)
    )
    assert sum(event.data.intensity or 0 for event in full) > 1.3 * sum(event.data.intensity or 0 for event in empty)
    assert mean_speed(full) < mean_speed(empty)


def test_four_vehicles_in_five_are_motorcycles() -> None:
    counted: Counter[str] = Counter()
    for event in simulate(5, MONDAY + 17 * HOUR, MONDAY + 17 * HOUR + 240 * NS, events_per_s=ALL_DAY):
        counted[str(event.data.vehicleType)] += event.data.intensity or 0
    assert counted["motorcycle"] / counted.total() == pytest.approx(0.80, abs=0.02)
    assert set(counted) == {"motorcycle", "car", "bus", "lorry", "bicycle"}


def test_without_a_scenario_no_area_is_as_slow_as_the_rule_asks() -> None:
    start = MONDAY + 17 * HOUR
    areas = by_area(list(simulate(5, start, start + 300 * NS, events_per_s=ALL_DAY)))
    assert min(map(mean_speed, areas.values())) > RULES[0].threshold


def test_a_report_without_vehicles_states_no_speed() -> None:
    night = list(simulate(5, MONDAY + 3 * HOUR, MONDAY + 3 * HOUR + 60 * NS, events_per_s=ALL_DAY))
    empty = [event.data for event in night if event.data.intensity == 0]
    assert empty
    assert all(data.averageVehicleSpeed is None and data.averageHeadwayTime is None for data in empty)


# ------------------------------------------------------------------------------------------------ faulty sensors


@pytest.fixture(scope="module")
def half_an_hour() -> dict[str, list[TrafficFlow]]:
    """Half an hour of every sensor, by sensor."""
    return by_source(simulate(2026, MONDAY + 15 * HOUR, MONDAY + 15 * HOUR + 1_800 * NS, events_per_s=ALL_DAY))


def test_some_sensors_fall_silent_for_longer_than_they_may(half_an_hour: dict[str, list[TrafficFlow]]) -> None:
    gaps = [longest_gap_s(events) for events in half_an_hour.values() if len(events) > 1]
    silent = sum(gap > PACK.freshness.expired_s for gap in gaps)
    assert 0 < silent < 40
    assert sum(gap > 21 for gap in gaps) == silent, "a sensor that works speaks in every period"


def test_some_sensors_freeze_and_no_other_seems_to(half_an_hour: dict[str, list[TrafficFlow]]) -> None:
    still = sorted(longest_stillness_s(events, PACK.freshness.alike) for events in half_an_hour.values())
    frozen = sum(length > PACK.freshness.frozen_s for length in still)
    assert 0 < frozen < 40
    assert sum(length > 60 for length in still) - frozen <= 2, "only at the edges of the half hour"


def test_some_clocks_are_fast_and_a_few_of_them_wild(half_an_hour: dict[str, list[TrafficFlow]]) -> None:
    ahead = [max(-age_s(event) for event in events) for events in half_an_hour.values()]
    fast = [seconds for seconds in ahead if seconds > 0]
    wild = [seconds for seconds in fast if seconds > 5]
    assert 0 < len(wild) < len(fast) / 2


# ------------------------------------------------------------------------------------------------ scenarios


@pytest.mark.parametrize("minutes", range(0, ROUND_S // 60, 2))
def test_whoever_starts_the_flood_sees_it_within_two_minutes(minutes: int) -> None:
    start = MONDAY + 3 * HOUR + minutes * 60 * NS + 17 * NS
    minute_after = start + 90 * NS
    said = simulate(11, minute_after, minute_after + 30 * NS, events_per_s=ALL_DAY, scenarios=("flood-rush-hour",))
    assert min(map(mean_speed, by_area(list(said)).values())) < RULES[0].threshold


def test_a_flooded_area_is_slow_long_enough_for_its_rule_and_recovers() -> None:
    start = MONDAY + 9 * HOUR
    rule = RULES[0]
    assert rule.recovers_at is not None
    said = list(simulate(11, start, start + 2 * ROUND_S * NS, events_per_s=40, scenarios=("flood-rush-hour",)))
    steps = range(0, 2 * ROUND_S - rule.over_s, 30)
    slowest = [(heard(event), event) for event in min(by_area(said).values(), key=mean_speed)]
    means = [
        mean_speed([event for at, event in slowest if 0 <= at - start - step * NS < rule.over_s * NS]) for step in steps
    ]
    below = "".join("x" if mean < rule.threshold else "-" for mean in means)
    assert "x" * (rule.for_s // 30 + 1) in below
    assert max(means) > rule.recovers_at


@pytest.mark.parametrize("minutes", range(0, ROUND_S // 60, 4))
def test_in_a_blackout_some_areas_are_dark_at_any_time_and_most_are_not(minutes: int) -> None:
    start = MONDAY + 9 * HOUR + minutes * 60 * NS + 5 * NS
    ordinary, dark = (
        {event.area for event in simulate(11, start, start + 15 * NS, events_per_s=ALL_DAY, scenarios=names)}
        for names in ((), ("sensor-blackout",))
    )
    assert dark < ordinary
    assert len(dark) > len(ordinary) / 2


def test_every_dark_area_speaks_again() -> None:
    start = MONDAY + 9 * HOUR
    said = [
        {event.area for event in simulate(11, at, at + 12 * NS, events_per_s=ALL_DAY, scenarios=("sensor-blackout",))}
        for at in range(start, start + ROUND_S * NS, 60 * NS)
    ]
    assert set().union(*said) == set(HANOI.units)
    for area in set(HANOI.units).difference(set(HANOI.units).intersection(*said)):
        silent_minutes = sum(area not in areas for areas in said)
        assert silent_minutes * 60 > PACK.freshness.expired_s
        assert silent_minutes * 60 <= 600
