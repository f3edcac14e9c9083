"""What all simulators say together, and what they tell of it."""

from __future__ import annotations

from collections import Counter

import pytest

from city import catalogue
from city.event import encode
from city.instant import NS, nanoseconds
from city.lines import Line
from producers.simulators import find, injected, scenarios_of, shares, together
from stream_app.truth import compute

PACKS = catalogue.load()
SIMULATORS = find(PACKS.domains, PACKS.city)
MONDAY = nanoseconds("2026-11-23T09:40:00+07:00")
SPAN = 120 * NS
EVERY = tuple(sorted({name for domain in PACKS.domains for name in scenarios_of(domain)}))


@pytest.mark.parametrize("scenarios", [(), EVERY], ids=["ordinary", "all scenarios"])
def test_readers_count_exactly_what_the_simulators_tell_to_have_injected(scenarios: tuple[str, ...]) -> None:
    said: dict[str, list[Line]] = {}
    for _, topic, event in together(SIMULATORS, 2026, MONDAY, MONDAY + SPAN, events_per_s=60, scenarios=scenarios):
        said.setdefault(topic, []).append(Line(encode(event)))
    told = injected(SIMULATORS, 2026, MONDAY, MONDAY + SPAN, events_per_s=60, scenarios=scenarios)
    counted = {domain.name: compute(said[domain.topic], domain, PACKS.city).counts for domain in PACKS.domains}
    assert told
    for name, counts in told.items():
        assert +counts == +counted[name], name
    wrong = sum(told.values(), Counter[str]())
    assert wrong["late"] > 0


def test_shares_of_a_rate_are_those_of_the_real_city() -> None:
    whole = sum(simulator.full_rate for simulator in SIMULATORS)
    for simulator, rate in shares(SIMULATORS, whole):
        assert rate == pytest.approx(simulator.full_rate)


def test_a_scenario_is_played_by_those_who_know_it_and_by_nobody_else() -> None:
    quiet, loud = (
        [
            encode(event)
            for _, topic, event in together(SIMULATORS, 1, MONDAY, MONDAY + 20 * NS, events_per_s=50, scenarios=names)
            if topic == "city.traffic"
        ]
        for names in ((), ("festival",))
    )
    assert quiet == loud
