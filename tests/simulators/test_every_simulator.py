"""What every domain's simulator promises: pure, exact where it is cut, and it knows what is wrong with what it says.

A domain is found by the catalogue: whoever adds one is held to the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.errors import UsageError
from city.event import Event, UnusableError, encode
from city.gate import Gate
from city.instant import NS
from city.lines import Line
from producers.simulators import Simulator, scenarios_of
from stream_app.truth import compute
from tests.simulators.said import MORNING, PACKS, SIMULATORS, age_s, digest, digests, heard, said_twice

MINUTE = 60 * NS
HOUR = 60 * MINUTE
SPOKEN = MORNING + 90 * MINUTE
SPOKEN_S = 300
SPOKEN_PER_S = 40.0
EVENING = MORNING + 16 * HOUR + 917 * NS + 456_789
"""After midnight, and no whole second."""

# What seed 2026 says in one minute. It changes only when a simulator is meant to say something else.
GOLDEN = {
    "services": "35e942c18a455d57e74d09380e7dc7b8efa61f9d115f7156622ec0708ee37a78",
    "tourism": "2b9a69b0c3dec5c27ab3ebb376f3d93c8ae2efcfd20a9f455e448ac889445919",
    "traffic": "b53697d5bcf09a0af6cacc6709d85770f8c887b6b195c690f6cec315e18400e1",
}

CASES = [
    pytest.param(simulator, scenarios, id=f"{simulator.domain.name}-{'+'.join(scenarios) or 'ordinary'}")
    for simulator in SIMULATORS
    for scenarios in dict.fromkeys(
        ((), *((name,) for name in sorted(simulator.scenarios)), tuple(sorted(simulator.scenarios)))
    )
]
every_simulator = pytest.mark.parametrize("simulator", SIMULATORS, ids=lambda simulator: simulator.domain.name)


@cache
def spoken(simulator: Simulator) -> list[Event]:
    """Five minutes of a Monday's morning; of the tests that only look at what was said."""
    return list(simulator.simulate(2026, SPOKEN, SPOKEN + SPOKEN_S * NS, events_per_s=SPOKEN_PER_S))


def test_every_domain_of_the_project_has_a_simulator() -> None:
    assert [simulator.domain for simulator in SIMULATORS] == list(PACKS.domains)


# ------------------------------------------------------------------------------------------------ pure


@pytest.mark.parametrize("domain", GOLDEN)
def test_the_same_seed_gives_the_same_bytes_for_ever(domain: str) -> None:
    assert digests()[domain] == GOLDEN[domain]


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_another_process_gives_the_same_bytes(hash_seed: str) -> None:
    program = "from tests.simulators.said import digests; print(digests())"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    told = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(digests())


@every_simulator
def test_another_seed_gives_another_day(simulator: Simulator) -> None:
    ours, theirs = (digest(simulator.simulate(seed, MORNING, MORNING + 10 * NS, events_per_s=20)) for seed in (1, 2))
    assert ours != theirs


@every_simulator
@settings(max_examples=12)
@given(
    per_s=st.sampled_from([0.05, 1.0, 7.3, None, 333.3, 15_000.0]),
    cuts=st.lists(st.integers(0, 40 * NS), min_size=1, max_size=3),
    minute=st.integers(0, 60 * 24 * 365),
    data=st.data(),
)
def test_pieces_of_time_join_exactly(
    simulator: Simulator, per_s: float | None, cuts: list[int], minute: int, data: st.DataObject
) -> None:
    """At all rates (None: the full one), across the edges of minutes, hours and days, in any of its scenarios."""
    rate = per_s or simulator.full_rate
    scenarios = tuple(name for name in sorted(simulator.scenarios) if data.draw(st.booleans(), name))
    start = MORNING + minute * MINUTE - 20 * NS
    span = min(40 * NS, int(600 / rate * NS))
    edges = [start, *sorted(start + cut % span for cut in cuts), start + span]
    whole = list(simulator.simulate(7, start, start + span, events_per_s=rate, scenarios=scenarios))
    pieces = [
        event
        for left, right in pairwise(edges)
        for event in simulator.simulate(7, left, right, events_per_s=rate, scenarios=scenarios)
    ]
    assert pieces == whole


@every_simulator
def test_events_come_in_the_order_they_are_heard_and_inside_the_asked_time(simulator: Simulator) -> None:
    at = [heard(event) for event in spoken(simulator)]
    assert at == sorted(at)
    assert at[0] >= SPOKEN
    assert at[-1] < SPOKEN + SPOKEN_S * NS


# ------------------------------------------------------------------------------------------------ what is asked of it


@every_simulator
def test_the_rate_is_about_what_was_asked(simulator: Simulator) -> None:
    assert len(spoken(simulator)) / SPOKEN_S == pytest.approx(SPOKEN_PER_S, rel=0.1)


@every_simulator
def test_no_rate_says_nothing(simulator: Simulator) -> None:
    assert list(simulator.simulate(1, MORNING, MORNING + HOUR, events_per_s=0)) == []


@every_simulator
@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(simulator: Simulator, rate: float) -> None:
    with pytest.raises(UsageError, match="events per second"):
        simulator.simulate(1, MORNING, MORNING + HOUR, events_per_s=rate)


@every_simulator
def test_an_unknown_scenario_is_refused_at_once_and_the_known_ones_are_named(simulator: Simulator) -> None:
    known = ", ".join(sorted(simulator.scenarios))
    with pytest.raises(UsageError, match=f"no scenario 'flod'.*{known}"):
        simulator.simulate(1, MORNING, MORNING + HOUR, events_per_s=1, scenarios=("flod",))


@every_simulator
def test_every_scenario_is_told_in_both_languages(simulator: Simulator) -> None:
    texts = scenarios_of(simulator.domain).values()
    assert all(text.vi and text.en and text.vi != text.en for text in texts)


# ------------------------------------------------------------------------------------------------ what is wrong with it


@every_simulator
def test_every_event_is_usable_but_those_of_wild_clocks(simulator: Simulator) -> None:
    gate = Gate(simulator.domain.events, PACKS.city.zone_of)
    verdicts: Counter[str] = Counter()
    for event in spoken(simulator):
        try:
            gate.admit(encode(event), event.area.encode(), (), heard(event))
            verdicts["usable"] += 1
        except UnusableError as error:
            verdicts[error.reason] += 1
    assert set(verdicts) <= {"usable", "clock-ahead"}
    assert verdicts["clock-ahead"] < 0.01 * verdicts["usable"]


@every_simulator
def test_most_is_heard_within_three_seconds_some_in_disorder_and_the_late_after_every_window(
    simulator: Simulator,
) -> None:
    ages = [age_s(event) for event in spoken(simulator)]
    closing_s = min(series.lateness_s for series in simulator.domain.series)
    open_s = max(series.window_s + series.lateness_s for series in simulator.domain.series)
    assert sum(0 <= age <= 3 for age in ages) / len(ages) > 0.95
    assert any(3 < age < closing_s for age in ages)
    assert any(age > open_s for age in ages)
    assert not [age for age in ages if closing_s <= age <= open_s], "what is late is late for every series"


@every_simulator
def test_what_is_said_twice_is_the_same_and_is_heard_later(simulator: Simulator) -> None:
    twice = list(said_twice(spoken(simulator)))
    assert twice
    for first, again in twice:
        assert again.data == first.data
        assert heard(first) < heard(again)


@pytest.mark.parametrize(("simulator", "scenarios"), CASES)
def test_it_tells_exactly_what_a_reader_counts(simulator: Simulator, scenarios: tuple[str, ...]) -> None:
    assert simulator.injected is not None
    span = (2026, EVENING, EVENING + 720 * NS)
    said = simulator.simulate(*span, events_per_s=10, scenarios=scenarios)
    told = simulator.injected(*span, events_per_s=10, scenarios=scenarios)
    assert +compute([Line(encode(event)) for event in said], simulator.domain, PACKS.city).counts == +told


@every_simulator
def test_of_an_ordinary_morning_too(simulator: Simulator) -> None:
    assert simulator.injected is not None
    told = simulator.injected(2026, SPOKEN, SPOKEN + SPOKEN_S * NS, events_per_s=SPOKEN_PER_S)
    said = [Line(encode(event)) for event in spoken(simulator)]
    assert +compute(said, simulator.domain, PACKS.city).counts == +told
    assert told["late"] > 0
    assert told["duplicate"] > 0


@every_simulator
def test_over_some_hours_there_is_everything_that_can_be_wrong_and_little_of_it(simulator: Simulator) -> None:
    assert simulator.injected is not None
    halves = range(MORNING + 30 * MINUTE, MORNING + 8 * HOUR, HOUR)
    told = sum(
        (simulator.injected(2026, at, at + 120 * NS, events_per_s=SPOKEN_PER_S) for at in halves), Counter[str]()
    )
    assert told.keys() == {"in", "late", "duplicate", "rejected:clock-ahead"}
    assert 0.001 < told["late"] / told["in"] < 0.006
    assert told["rejected:clock-ahead"] < 0.01 * told["in"]
