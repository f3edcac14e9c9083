"""The services simulator is like a city's offices. What every simulator promises: tests/simulators."""

from collections import Counter as Tally

import pytest

from city.domains.services.events import Application, Counter, QueueMonitor
from city.domains.services.pack import PACK
from city.domains.services.simulator import simulate
from city.draw import Draw
from city.event import Event
from city.faults import fault_in
from city.geography import HANOI, City, Unit, Zone
from city.instant import NS, nanoseconds
from city.weather import Weather
from producers.simulators import find
from tests.simulators.said import by_area, by_source, heard, longest_gap_s, longest_stillness_s, said_twice

MONDAY = nanoseconds("2026-11-22T17:00:00Z")  # midnight in Hanoi
HOUR = 3_600 * NS
DAY = 24 * HOUR


def a_minute(start: int = MONDAY + 9 * HOUR, **options: object) -> list[Event]:
    return list(simulate(2026, start, start + 60 * NS, events_per_s=20, **options))  # type: ignore[arg-type]  # options of the test's own


def steps(events: list[Event]) -> list[Application]:
    return [event for event in events if isinstance(event, Application)]


def reports(events: list[Event]) -> list[Counter]:
    return [event for event in events if isinstance(event, Counter)]


def wait(events: list[Counter]) -> float:
    """Minutes that those called had waited, by the KPI's own formula; 0 where nobody was called."""
    called = [
        (event.data.waitingMinutes, event.data.served) for event in events if event.data.waitingMinutes is not None
    ]
    people = sum(served or 0 for _, served in called)
    return sum(minutes * (served or 0) for minutes, served in called) / people if people else 0.0


# ------------------------------------------------------------------------------------------------ rate


@pytest.mark.parametrize(("rate", "within"), [(0.5, 0.5), (20.0, 0.1), (200.0, 0.05)])
def test_the_rate_is_about_what_was_asked(rate: float, within: float) -> None:
    seconds = max(60, int(2_000 / rate))
    for start in (MONDAY, MONDAY + 10 * HOUR):
        said = sum(1 for _ in simulate(2026, start, start + seconds * NS, events_per_s=rate))
        assert said / seconds == pytest.approx(rate, rel=within)


def test_a_low_rate_lets_few_counters_speak_once_in_three_minutes() -> None:
    said = Tally(event.source for event in reports(list(simulate(2026, MONDAY, MONDAY + 600 * NS, events_per_s=1))))
    assert 140 <= len(said) <= 150
    assert {count for _, count in said.most_common()} <= {2, 3, 4, 5, 6, 7, 8}


def test_from_two_fifths_of_the_full_rate_on_every_counter_speaks_in_time() -> None:
    (simulator,) = find([PACK], HANOI)
    start = MONDAY + 3 * HOUR
    events = list(simulate(2026, start, start + 900 * NS, events_per_s=0.41 * simulator.full_rate))
    grouped = by_source(reports(events))
    assert len(grouped) > 475
    assert sum(longest_gap_s(of) > PACK.freshness.slow_s for of in grouped.values()) < 10


def test_as_many_apply_however_often_the_counters_report() -> None:
    start = MONDAY + 9 * HOUR
    often, seldom = (
        [event.data for event in steps(list(simulate(4, start, start + 120 * NS, events_per_s=rate)))]
        for rate in (10, 100)
    )
    assert often == seldom


def test_another_city_has_its_own_counters_and_clock() -> None:
    unit = Unit("X1", "Somewhere", "ward", 2.0, 10.0, 20.0)
    small = City("small", "Small", "Europe/Paris", (Zone("Only", (unit,)),))
    morning = nanoseconds("2026-11-23T09:30:00+01:00")
    said = list(simulate(1, morning, morning + 60 * NS, events_per_s=10, city=small))
    assert {event.area for event in said} == {"X1"}
    assert {event.data.serviceStatus for event in reports(said)} == {"Open"}
    assert len({event.source for event in reports(said)}) == 5


# ------------------------------------------------------------------------------------------------ like a city


@pytest.mark.parametrize(
    ("at", "opened"),
    [
        ("2026-11-23T09:00:00+07:00", True),
        ("2026-11-23T12:30:00+07:00", False),  # lunch
        ("2026-11-23T19:00:00+07:00", False),
        ("2026-11-22T09:00:00+07:00", False),  # a Sunday
        ("2026-09-02T09:00:00+07:00", False),  # National Day
        ("2026-02-17T09:00:00+07:00", False),  # Tết
    ],
)
def test_counters_keep_office_hours_and_closed_ones_say_only_that(at: str, opened: bool) -> None:  # noqa: FBT001 - a case
    said = reports(a_minute(nanoseconds(at)))
    assert {event.data.serviceStatus for event in said} == {"Open" if opened else "Closed"}
    assert all((event.data.ticketsToServe is not None) == opened for event in said if event.data.served != 0)
    assert any(event.data.waitingMinutes for event in said) == opened


@pytest.mark.parametrize("at", ["2026-11-22T22:00:00+07:00", "2026-11-24T02:00:00+07:00", "2026-02-17T10:00:00+07:00"])
def test_the_portals_run_by_night_on_sundays_and_at_tet(at: str) -> None:
    start = nanoseconds(at)
    submitted = [
        step.data for step in steps(list(simulate(2026, start, start + HOUR, events_per_s=10))) if step.data.submitted
    ]
    assert submitted
    assert {data.online for data in submitted} == {True}
    assert "one_stop" not in {data.channel for data in submitted}


@pytest.mark.parametrize(
    ("busy", "quiet"),
    [
        ("2026-11-23T09:00:00+07:00", "2026-11-23T16:40:00+07:00"),
        ("2026-11-23T09:00:00+07:00", "2026-11-23T03:00:00+07:00"),
        ("2026-11-23T09:00:00+07:00", "2026-11-21T09:00:00+07:00"),
        ("2026-02-09T09:00:00+07:00", "2026-02-17T09:00:00+07:00"),
    ],
)
def test_a_busy_hour_has_more_submissions(busy: str, quiet: str) -> None:
    full, empty = (
        sum(bool(step.data.submitted) for step in steps(list(simulate(5, at, at + 600 * NS, events_per_s=10))))
        for at in map(nanoseconds, (busy, quiet))
    )
    assert full > 1.5 * empty


def test_without_a_scenario_nobody_waits_as_long_as_the_rule_asks() -> None:
    start = MONDAY + 9 * HOUR
    areas = by_area(reports(list(simulate(5, start, start + 900 * NS, events_per_s=10))))
    rule = next(rule for rule in PACK.rules if rule.name == "services_area_waiting")
    assert max(map(wait, areas.values())) < rule.threshold


def test_rain_keeps_people_from_the_counters() -> None:
    weather = Weather(2026, HANOI)
    mornings = [MONDAY - day * DAY + 10 * HOUR for day in range(60, 140)]
    wet = next(at for at in mornings if weather.at(at).rain_mm_h > 10 and a_report(at).serviceStatus == "Open")
    dry = next(at for at in mornings if weather.at(at).rain_mm_h == 0 and a_report(at).serviceStatus == "Open")
    waits = [wait(reports(list(simulate(2026, at, at + 120 * NS, events_per_s=50)))) for at in (wet, dry)]
    assert waits[0] < waits[1]


def a_report(at: int) -> QueueMonitor:
    return next(event.data for event in a_minute(at) if isinstance(event, Counter))


# ------------------------------------------------------------------------------------------------ faulty sources


@pytest.fixture(scope="module")
def a_morning() -> list[Event]:
    """A morning of every counter and all applications."""
    return list(simulate(2026, MONDAY + 9 * HOUR, MONDAY + 11 * HOUR, events_per_s=5))


def test_some_counters_fall_silent_for_longer_than_they_may(a_morning: list[Event]) -> None:
    grouped = by_source(reports(a_morning))
    silent = sum(longest_gap_s(events) > PACK.freshness.expired_s for events in grouped.values() if len(events) > 1)
    assert 0 < silent < 24
    assert len(grouped) == 480


def test_some_counters_freeze_and_no_other_seems_to(a_morning: list[Event]) -> None:
    still = {
        source
        for source, events in by_source(reports(a_morning)).items()
        if longest_stillness_s(events, PACK.freshness.alike) > PACK.freshness.frozen_s
    }
    hours = range((MONDAY + 9 * HOUR) // HOUR, (MONDAY + 11 * HOUR) // HOUR)
    ill = {
        source
        for source in by_source(reports(a_morning))
        for hour in hours
        if (fault := fault_in(Draw(2026, "fault", source), hour)) is not None and fault.kind == "frozen"
    }
    assert still
    assert still <= ill


def test_counters_and_portals_say_things_twice(a_morning: list[Event]) -> None:
    doubled = Tally(type(again) for _, again in said_twice(a_morning))
    assert doubled[Counter] > 50
    assert doubled[Application] > 5


# ------------------------------------------------------------------------------------------------ scenarios


@pytest.mark.parametrize("minutes", range(0, 24, 3))
def test_whoever_starts_the_queue_sees_it_within_two_minutes_by_day_and_night(minutes: int) -> None:
    start = MONDAY - 16 * HOUR + minutes * 60 * NS + 17 * NS  # a Sunday morning
    after = start + 90 * NS
    said = simulate(11, after, after + 300 * NS, events_per_s=20, scenarios=("counter-queue",))
    rule = next(rule for rule in PACK.rules if rule.name == "services_area_waiting")
    crowded = [area for area, events in by_area(reports(list(said))).items() if wait(events) > rule.threshold]
    assert 4 <= len(crowded) <= 24


def online_share(events: list[Event]) -> float:
    stated = [event.data.online for event in steps(events) if event.data.online is not None]
    return 100 * sum(stated) / len(stated)


def test_while_the_portals_are_down_online_submissions_collapse_and_come_back_doubled() -> None:
    rule = next(rule for rule in PACK.rules if rule.name == "services_portal_collapse")
    assert rule.recovers_at is not None
    start = (MONDAY + 9 * HOUR) // (960 * NS) * 960 * NS + 960 * NS
    said = list(simulate(11, start, start + 960 * NS, events_per_s=10, scenarios=("portal-outage",)))
    down = [event for event in said if heard(event) < start + 480 * NS]
    up = [event for event in said if heard(event) >= start + 480 * NS]
    assert online_share(down) < rule.threshold
    assert online_share(up) > rule.recovers_at
    usual = list(simulate(11, start, start + 960 * NS, events_per_s=10))
    assert len([e for e in steps(up) if e.data.online]) > 1.4 * len([e for e in steps(usual) if e.data.online]) / 2


def test_an_outage_is_seen_by_the_rule_whenever_one_starts_to_watch() -> None:
    rule = next(rule for rule in PACK.rules if rule.name == "services_portal_collapse")
    start = MONDAY + 9 * HOUR
    said = steps(list(simulate(11, start, start + 1_560 * NS, events_per_s=10, scenarios=("portal-outage",))))
    below = [
        online_share([e for e in said if 0 <= heard(e) - start - second * NS < rule.over_s * NS]) < rule.threshold
        for second in range(0, 1_260, 20)
    ]
    longest = max(len(run) for run in "".join("x" if low else "-" for low in below).split("-"))
    assert longest * 20 > rule.for_s
    assert not all(below)
