"""The services simulator: pure, exact where it is cut, and like a city's offices."""

import hashlib
import os
import subprocess
import sys
from collections import Counter as Tally
from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.domains.services.events import Application, Counter, QueueMonitor
from city.domains.services.pack import PACK
from city.domains.services.simulator import SCENARIOS, injected, simulate
from city.draw import Draw
from city.errors import UsageError
from city.event import Event, UnusableError, encode
from city.faults import fault_in
from city.gate import Gate
from city.geography import HANOI, City, Unit, Zone
from city.instant import NS, nanoseconds
from city.lines import Line
from city.weather import Weather
from producers.simulators import find
from stream_app.truth import compute

MONDAY = nanoseconds("2026-11-22T17:00:00Z")  # midnight in Hanoi
HOUR = 3_600 * NS
DAY = 24 * HOUR
GATE = Gate(PACK.events, HANOI.zone_of)

# What seed 2026 says in one minute. It changes only when the simulator is meant to say something else.
GOLDEN = "35e942c18a455d57e74d09380e7dc7b8efa61f9d115f7156622ec0708ee37a78"


def digest(events: list[Event]) -> str:
    return hashlib.sha256(b"\n".join(map(encode, events))).hexdigest()


def a_minute(start: int = MONDAY + 9 * HOUR, **options: object) -> list[Event]:
    return list(simulate(2026, start, start + 60 * NS, events_per_s=20, **options))  # type: ignore[arg-type]  # options of the test's own


def heard(event: Event) -> int:
    return nanoseconds(str(event.recordedtime))


def age_s(event: Event) -> float:
    return (heard(event) - nanoseconds(event.time)) / NS


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


# ------------------------------------------------------------------------------------------------ pure


def test_the_same_seed_gives_the_same_bytes_for_ever() -> None:
    assert digest(a_minute()) == GOLDEN


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_another_process_gives_the_same_bytes(hash_seed: str) -> None:
    program = "from tests.services import test_simulator as t; print(t.digest(t.a_minute()))"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == GOLDEN


def test_another_seed_gives_another_day() -> None:
    ours, theirs = (digest(list(simulate(seed, MONDAY, MONDAY + 10 * NS, events_per_s=50))) for seed in (1, 2))
    assert ours != theirs


@settings(max_examples=15)
@given(
    rate=st.sampled_from([0.05, 1.0, 7.3, 200.0]),
    cuts=st.lists(st.integers(0, 40 * NS), min_size=1, max_size=4),
    scenarios=st.sets(st.sampled_from(sorted(SCENARIOS))).map(lambda names: tuple(sorted(names))),
    minute=st.integers(0, 60 * 24 * 14),
)
def test_pieces_of_time_join_exactly(rate: float, cuts: list[int], scenarios: tuple[str, ...], minute: int) -> None:
    start = MONDAY + minute * 60 * NS - 20 * NS
    span = min(40 * NS, int(600 / rate * NS))
    edges = [start, *sorted(start + cut % span for cut in cuts), start + span]
    whole = list(simulate(7, start, start + span, events_per_s=rate, scenarios=scenarios))
    pieces = [
        event
        for left, right in pairwise(edges)
        for event in simulate(7, left, right, events_per_s=rate, scenarios=scenarios)
    ]
    assert pieces == whole


def test_events_come_in_the_order_they_are_heard_and_inside_the_asked_time() -> None:
    start = MONDAY + 9 * HOUR
    at = [heard(event) for event in simulate(3, start, start + 600 * NS, events_per_s=10)]
    assert at == sorted(at)
    assert start <= at[0]
    assert at[-1] < start + 600 * NS


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
    grouped = by_source(events)
    assert len(grouped) > 475
    assert sum(longest_gap_s(of) > PACK.freshness.slow_s for of in grouped.values()) < 10


def test_as_many_apply_however_often_the_counters_report() -> None:
    start = MONDAY + 9 * HOUR
    often, seldom = (
        [event.data for event in steps(list(simulate(4, start, start + 120 * NS, events_per_s=rate)))]
        for rate in (10, 100)
    )
    assert often == seldom


def test_no_rate_says_nothing() -> None:
    assert list(simulate(1, MONDAY, MONDAY + HOUR, events_per_s=0)) == []


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(UsageError, match="events per second"):
        simulate(1, MONDAY, MONDAY + HOUR, events_per_s=rate)


def test_an_unknown_scenario_is_refused_at_once_and_the_known_ones_are_named() -> None:
    with pytest.raises(UsageError, match=r"no scenario 'queue'.*counter-queue, portal-outage"):
        simulate(1, MONDAY, MONDAY + HOUR, events_per_s=1, scenarios=("queue",))


def test_every_scenario_is_told_in_both_languages() -> None:
    assert all(text.vi and text.en and text.vi != text.en for text in SCENARIOS.values())


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
    by_area = defaultdict(list)
    for event in reports(list(simulate(5, start, start + 900 * NS, events_per_s=10))):
        by_area[event.area].append(event)
    rule = next(rule for rule in PACK.rules if rule.name == "services_area_waiting")
    assert max(map(wait, by_area.values())) < rule.threshold


def test_rain_keeps_people_from_the_counters() -> None:
    weather = Weather(2026, HANOI)
    mornings = [MONDAY - day * DAY + 10 * HOUR for day in range(60, 140)]
    wet = next(at for at in mornings if weather.at(at).rain_mm_h > 10 and a_report(at).serviceStatus == "Open")
    dry = next(at for at in mornings if weather.at(at).rain_mm_h == 0 and a_report(at).serviceStatus == "Open")
    waits = [wait(reports(list(simulate(2026, at, at + 120 * NS, events_per_s=50)))) for at in (wet, dry)]
    assert waits[0] < waits[1]


def a_report(at: int) -> QueueMonitor:
    return next(event.data for event in a_minute(at) if isinstance(event, Counter))


def test_most_is_heard_within_three_seconds_some_in_disorder_and_little_too_late() -> None:
    ages = [age_s(event) for event in simulate(5, MONDAY, MONDAY + 600 * NS, events_per_s=100)]
    late = sum(age >= 100 for age in ages) / len(ages)
    assert sum(0 <= age <= 3 for age in ages) / len(ages) > 0.95
    assert 0.001 < late < 0.006
    assert any(3 < age < 30 for age in ages)
    assert not [age for age in ages if 30 <= age < 100], "what is late is late for every series"


# ------------------------------------------------------------------------------------------------ faulty sources


@pytest.fixture(scope="module")
def a_morning() -> list[Event]:
    """A morning of every counter and all applications."""
    return list(simulate(2026, MONDAY + 9 * HOUR, MONDAY + 11 * HOUR, events_per_s=5))


def test_every_event_is_usable_but_those_of_wild_clocks(a_morning: list[Event]) -> None:
    verdicts: Tally[str] = Tally()
    for event in a_morning:
        try:
            GATE.admit(encode(event), event.area.encode(), (), heard(event))
            verdicts["usable"] += 1
        except UnusableError as error:
            verdicts[error.reason] += 1
    assert set(verdicts) == {"usable", "clock-ahead"}
    assert verdicts["clock-ahead"] < 0.01 * verdicts["usable"]


def test_the_truth_counts_what_the_simulator_was_told_to_inject(a_morning: list[Event]) -> None:
    told = injected(2026, MONDAY + 9 * HOUR, MONDAY + 11 * HOUR, events_per_s=5, city=HANOI)
    assert set(told) == {"in", "late", "duplicate", "rejected:clock-ahead"}
    assert min(told.values()) > 0
    assert compute([Line(encode(event)) for event in a_morning], PACK, HANOI).counts == told


@pytest.mark.parametrize("scenarios", [(), ("counter-queue",), ("portal-outage",), tuple(sorted(SCENARIOS))])
def test_in_any_scenario_and_at_any_moment_the_counts_are_those_injected(scenarios: tuple[str, ...]) -> None:
    start = MONDAY + 20 * HOUR + 123_456_789_000
    length = 1_200 * NS
    said = list(simulate(8, start, start + length, events_per_s=20, scenarios=scenarios))
    told = injected(8, start, start + length, events_per_s=20, scenarios=scenarios, city=HANOI)
    assert compute([Line(encode(event)) for event in said], PACK, HANOI).counts == told


def longest_gap_s(events: list[Counter]) -> float:
    return max(after - before for before, after in pairwise(map(heard, events))) / NS


def test_some_counters_fall_silent_for_longer_than_they_may(a_morning: list[Event]) -> None:
    grouped = by_source(a_morning)
    silent = sum(longest_gap_s(events) > PACK.freshness.expired_s for events in grouped.values() if len(events) > 1)
    assert 0 < silent < 24
    assert len(grouped) == 480


def by_source(events: list[Event]) -> dict[str, list[Counter]]:
    grouped = defaultdict(list)
    for event in reports(events):
        grouped[event.source].append(event)
    return grouped


def longest_stillness_s(events: list[Counter]) -> float:
    longest = start = 0
    said = None
    for event in events:
        alike = [getattr(event.data, name) for name in PACK.freshness.alike]
        if alike != said:
            said, start = alike, heard(event)
        longest = max(longest, heard(event) - start)
    return longest / NS


def test_some_counters_freeze_and_no_other_seems_to(a_morning: list[Event]) -> None:
    still = {
        source
        for source, events in by_source(a_morning).items()
        if longest_stillness_s(events) > PACK.freshness.frozen_s
    }
    hours = range((MONDAY + 9 * HOUR) // HOUR, (MONDAY + 11 * HOUR) // HOUR)
    ill = {
        source
        for source in by_source(a_morning)
        for hour in hours
        if (fault := fault_in(Draw(2026, "fault", source), hour)) is not None and fault.kind == "frozen"
    }
    assert still
    assert still <= ill


def test_some_say_everything_twice_with_the_same_identity(a_morning: list[Event]) -> None:
    first: dict[tuple[str, str, str], Event] = {}
    doubled: Tally[type] = Tally()
    for event in a_morning:
        before = first.setdefault((event.source, event.id, event.time), event)
        if before is not event:
            doubled[type(event)] += 1
            assert before.data == event.data
            assert heard(before) < heard(event)
    assert doubled[Counter] > 50
    assert doubled[Application] > 5


# ------------------------------------------------------------------------------------------------ scenarios


@pytest.mark.parametrize("minutes", range(0, 24, 3))
def test_whoever_starts_the_queue_sees_it_within_two_minutes_by_day_and_night(minutes: int) -> None:
    start = MONDAY - 16 * HOUR + minutes * 60 * NS + 17 * NS  # a Sunday morning
    after = start + 90 * NS
    by_area = defaultdict(list)
    for event in reports(list(simulate(11, after, after + 300 * NS, events_per_s=20, scenarios=("counter-queue",)))):
        by_area[event.area].append(event)
    rule = next(rule for rule in PACK.rules if rule.name == "services_area_waiting")
    crowded = [area for area, events in by_area.items() if wait(events) > rule.threshold]
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
