"""The traffic simulator: pure, exact where it is cut, and like a city."""

import hashlib
import os
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import chain, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.domains.traffic.events import TrafficFlow
from city.domains.traffic.pack import PACK
from city.domains.traffic.rules import RULES
from city.domains.traffic.simulator import SCENARIOS, injected, simulate
from city.errors import UsageError
from city.event import UnusableError, encode
from city.gate import Gate
from city.geography import HANOI, City, Unit, Zone
from city.instant import NS, nanoseconds
from city.lines import Line
from city.rounds import ROUND_S
from stream_app.truth import compute

MONDAY = nanoseconds("2026-11-22T17:00:00Z")  # midnight in Hanoi
HOUR = 3_600 * NS
ALL_DAY = 200.0  # every sensor once in ten seconds
GATE = Gate((TrafficFlow,), HANOI.zone_of)

# What seed 2026 says in one minute. It changes only when the simulator is meant to say something else.
GOLDEN = "fbb480ea7ff693e770119c56b9a1a4c5f3514a0175ae02cdf78f0ba853e49d58"


def digest(events: list[TrafficFlow]) -> str:
    return hashlib.sha256(b"\n".join(map(encode, events))).hexdigest()


def a_minute(start: int = MONDAY + 17 * HOUR, **options: object) -> list[TrafficFlow]:
    return list(simulate(2026, start, start + 60 * NS, events_per_s=20, **options))  # type: ignore[arg-type]  # options of the test's own


def age_s(event: TrafficFlow) -> float:
    return (nanoseconds(str(event.recordedtime)) - nanoseconds(event.time)) / NS


def mean_speed(events: list[TrafficFlow]) -> float:
    seen = [(event.data.averageVehicleSpeed, event.data.intensity) for event in events]
    moving = [(speed, count) for speed, count in seen if speed is not None and count]
    return sum(speed * count for speed, count in moving) / sum(count for _, count in moving)


def by_area(events: list[TrafficFlow]) -> dict[str, list[TrafficFlow]]:
    grouped = defaultdict(list)
    for event in events:
        grouped[event.area].append(event)
    return grouped


# ------------------------------------------------------------------------------------------------ pure


def test_the_same_seed_gives_the_same_bytes_for_ever() -> None:
    assert digest(a_minute()) == GOLDEN


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_another_process_gives_the_same_bytes(hash_seed: str) -> None:
    program = "from tests.city import test_traffic_simulator as t; print(t.digest(t.a_minute()))"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == GOLDEN


def test_another_seed_gives_another_day() -> None:
    start = MONDAY + 17 * HOUR
    ours, theirs = (digest(list(simulate(seed, start, start + NS, events_per_s=200))) for seed in (1, 2))
    assert ours != theirs


@settings(max_examples=40)
@given(
    rate=st.sampled_from([0.05, 1.0, 7.3, 200.0, 333.3, 15_000.0]),
    cuts=st.lists(st.integers(0, 4_000_000_000), min_size=1, max_size=4),
    scenarios=st.sets(st.sampled_from(sorted(SCENARIOS))).map(lambda names: tuple(sorted(names))),
    hour=st.integers(0, 24 * 365),
)
def test_pieces_of_time_join_exactly(rate: float, cuts: list[int], scenarios: tuple[str, ...], hour: int) -> None:
    start = MONDAY + hour * HOUR
    span = min(4 * NS, int(600 / rate * NS)) if rate > 100 else 4 * NS
    edges = [start, *sorted(start + cut % span for cut in cuts), start + span]
    whole = list(simulate(7, start, start + span, events_per_s=rate, scenarios=scenarios))
    pieces = [
        event
        for left, right in pairwise(edges)
        for event in simulate(7, left, right, events_per_s=rate, scenarios=scenarios)
    ]
    assert pieces == whole


def test_events_come_in_the_order_they_are_heard_and_inside_the_asked_time() -> None:
    start = MONDAY + 7 * HOUR
    heard = [
        nanoseconds(str(event.recordedtime)) for event in simulate(3, start, start + 60 * NS, events_per_s=ALL_DAY)
    ]
    assert heard == sorted(heard)
    assert start <= heard[0]
    assert heard[-1] < start + 60 * NS


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


def test_no_rate_says_nothing() -> None:
    assert list(simulate(1, MONDAY, MONDAY + HOUR, events_per_s=0)) == []


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(UsageError, match="events per second"):
        simulate(1, MONDAY, MONDAY + HOUR, events_per_s=rate)


def test_an_unknown_scenario_is_refused_at_once_and_the_known_ones_are_named() -> None:
    with pytest.raises(UsageError, match=r"no scenario 'flod'.*flood-rush-hour, sensor-blackout"):
        simulate(1, MONDAY, MONDAY + HOUR, events_per_s=1, scenarios=("flod",))


def test_every_scenario_is_told_in_both_languages() -> None:
    assert all(text.vi and text.en and text.vi != text.en for text in SCENARIOS.values())


def test_another_city_has_its_own_sensors() -> None:
    unit = Unit("X1", "Somewhere", "ward", 2.0, 10.0, 20.0)
    small = City("small", "Small", "Europe/Paris", (Zone("Only", (unit,)),))
    said = list(simulate(1, MONDAY, MONDAY + 10 * NS, events_per_s=3, city=small))
    assert {event.area for event in said} == {"X1"}


# ------------------------------------------------------------------------------------------------ like a city


def test_every_event_is_usable_but_those_of_wild_clocks(half_an_hour: dict[str, list[TrafficFlow]]) -> None:
    verdicts: Counter[str] = Counter()
    for event in chain.from_iterable(half_an_hour.values()):
        try:
            GATE.admit(encode(event), event.area.encode(), (), nanoseconds(str(event.recordedtime)))
            verdicts["usable"] += 1
        except UnusableError as error:
            verdicts[error.reason] += 1
    assert set(verdicts) == {"usable", "clock-ahead"}
    assert verdicts["clock-ahead"] < 0.01 * verdicts["usable"]


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


def test_most_reports_are_heard_within_three_seconds_some_in_disorder_and_few_too_late() -> None:
    ages = [age_s(event) for event in simulate(5, MONDAY, MONDAY + 300 * NS, events_per_s=ALL_DAY)]
    fresh = sum(0 <= age <= 3 for age in ages) / len(ages)
    late = sum(age >= 100 for age in ages) / len(ages)
    assert fresh > 0.95
    assert 0.001 < late < 0.006
    assert any(3 < age < 30 for age in ages)
    assert not [age for age in ages if 30 <= age < 100], "what is late is late for every series"


@pytest.mark.parametrize("scenarios", [(), tuple(SCENARIOS)])
def test_it_tells_exactly_what_a_reader_counts(scenarios: tuple[str, ...]) -> None:
    start = MONDAY + 15 * HOUR + 1_800 * NS + 917
    span = {"events_per_s": 100.0, "scenarios": scenarios}
    told = injected(2026, start, start + 200 * NS, city=HANOI, **span)  # type: ignore[arg-type]  # options of the test's own
    said = simulate(2026, start, start + 200 * NS, **span)  # type: ignore[arg-type]  # likewise
    counted = compute([Line(encode(event)) for event in said], PACK, HANOI).counts
    assert +told == +counted
    assert told.keys() == {"in", "late", "duplicate", "rejected:clock-ahead"}


# ------------------------------------------------------------------------------------------------ faulty sensors


@pytest.fixture(scope="module")
def half_an_hour() -> dict[str, list[TrafficFlow]]:
    """Half an hour of every sensor, by sensor."""
    grouped = defaultdict(list)
    for event in simulate(2026, MONDAY + 15 * HOUR, MONDAY + 15 * HOUR + 1_800 * NS, events_per_s=ALL_DAY):
        grouped[event.source].append(event)
    return grouped


def longest_gap_s(events: list[TrafficFlow]) -> float:
    heard = [nanoseconds(str(event.recordedtime)) for event in events]
    return max(after - before for before, after in pairwise(heard)) / NS


def test_some_sensors_fall_silent_for_longer_than_they_may(half_an_hour: dict[str, list[TrafficFlow]]) -> None:
    gaps = [longest_gap_s(events) for events in half_an_hour.values() if len(events) > 1]
    silent = sum(gap > PACK.freshness.expired_s for gap in gaps)
    assert 0 < silent < 40
    assert sum(gap > 21 for gap in gaps) == silent, "a sensor that works speaks in every period"


def longest_stillness_s(events: list[TrafficFlow]) -> float:
    longest = start = 0
    said = None
    for event in events:
        heard = nanoseconds(str(event.recordedtime))
        alike = [getattr(event.data, name) for name in PACK.freshness.alike]
        if alike != said:
            said, start = alike, heard
        longest = max(longest, heard - start)
    return longest / NS


def test_some_sensors_freeze_and_no_other_seems_to(half_an_hour: dict[str, list[TrafficFlow]]) -> None:
    still = sorted(longest_stillness_s(events) for events in half_an_hour.values())
    frozen = sum(length > PACK.freshness.frozen_s for length in still)
    assert 0 < frozen < 40
    assert sum(length > 60 for length in still) - frozen <= 2, "only at the edges of the half hour"


def test_some_clocks_are_fast_and_a_few_of_them_wild(half_an_hour: dict[str, list[TrafficFlow]]) -> None:
    ahead = [max(-age_s(event) for event in events) for events in half_an_hour.values()]
    fast = [seconds for seconds in ahead if seconds > 0]
    wild = [seconds for seconds in fast if seconds > 5]
    assert 0 < len(wild) < len(fast) / 2


def test_some_sensors_say_everything_twice_with_the_same_identity(half_an_hour: dict[str, list[TrafficFlow]]) -> None:
    doubled = 0
    for events in half_an_hour.values():
        first: dict[tuple[str, str], TrafficFlow] = {}
        for event in events:
            before = first.setdefault((event.id, event.time), event)
            if before is not event:
                doubled += 1
                assert before.data == event.data
                assert str(before.recordedtime) < str(event.recordedtime)
    assert doubled > 100


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
    slowest = min(by_area(said).items(), key=lambda item: mean_speed(item[1]))[1]
    means = [
        mean_speed(
            [
                event
                for event in slowest
                if start + step * NS <= nanoseconds(str(event.recordedtime)) < start + (step + rule.over_s) * NS
            ]
        )
        for step in steps
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
