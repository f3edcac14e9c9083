"""The whole city with all its scenarios: nothing said is lost, series equal the truth, and both a reader of the log and
the worker itself count exactly what the simulators were told to inject."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from city import catalogue
from city.domain import Rate
from city.influxql import Between, Last, kpi_query, scope
from city.instant import NS, nanoseconds
from producers import files
from producers.simulators import find, injected, scenarios_of, together
from producers.spoken import Reader
from runtime.part import read_json, run_file
from stream_app.truth import compute
from tests.kpis import implausible, points
from tests.whole.own_figures import counted, nobody_speaks
from tests.whole.plausible import PLAUSIBLE
from tests.whole.running import RunningCity

if TYPE_CHECKING:
    from pathlib import Path

    from city.event import Event
    from city.lines import Line
    from tests.kpis import Bound

pytestmark = pytest.mark.timeout(2_400)  # of a hung test; a busy machine takes its time

RATE = 200.0
SEED = 2026
RECORDED_S = int(os.environ.get("CITYOPS_TEST_RECORD_S", "120"))
"""Ten minutes are for those who have the patience: `CITYOPS_TEST_RECORD_S=600`."""
WATCHED_S = RECORDED_S - 30  # of which everything has come into the recording
PACKS = catalogue.load()
SCENARIOS = tuple(sorted({name for domain in PACKS.domains for name in scenarios_of(domain)}))
RARE = {"services_overdue_per_hour"}
"""A minute may see none of it."""
OF_MINUTES = {
    kpi.name
    for domain in PACKS.domains
    for kpi in domain.kpis
    if isinstance(kpi.formula, Rate) and kpi.name not in RARE
}
Copy = tuple[str, str, str, str]
"""Topic, source, id, time: what every copy of an event shares."""


def test_a_city_with_all_scenarios_says_stores_and_counts_what_it_should(tmp_path: Path) -> None:
    city, recording, whole = RunningCity(tmp_path), tmp_path / "log.jsonl.gz", tmp_path / "whole.jsonl.gz"
    played = [word for name in SCENARIOS for word in ("--scenario", name)]
    with city.up("--rate", f"{RATE:g}", "--seed", str(SEED), *played):
        begin = int((read_json(run_file(city.data_dir, "producers")) or {})["begin_ns"])
        city.run("record", recording, "--from-start", "--for", f"{RECORDED_S}s", limit_s=RECORDED_S + 460)
        said = city.run("truth", recording, "--compare", limit_s=RECORDED_S + 460)
        seen = answered(city, begin)
        with nobody_speaks(city):
            city.run("record", whole, "--from-start", "--for", f"{20 + RECORDED_S // 5}s")
            log = counts_of(whole)
            own = counted(city, log)

    figures = dict(pair.split("=") for pair in said.split())
    assert int(figures["points"]) > 1_000
    assert figures["equal"] == figures["points"]
    assert figures["extra"] == "0"
    assert [name for name, value in seen.items() if value is None] == [], "every KPI of every domain has a value"
    assert {bound.kpi for bound in PLAUSIBLE} == seen.keys(), "every KPI has a bound"
    assert [(bound, seen[bound.kpi]) for bound in PLAUSIBLE if not lies_within(bound, seen[bound.kpi])] == []

    kept = said_until(recording, begin, begin + WATCHED_S * NS)
    told = injected(
        find(PACKS.domains, PACKS.city),
        SEED,
        begin,
        begin + WATCHED_S * NS,
        events_per_s=RATE,
        scenarios=SCENARIOS,
    )
    assert told.keys() == PACKS.by_name.keys()
    for domain in PACKS.domains:
        assert +compute(kept, domain, PACKS.city).counts == +told[domain.name], domain.name
        assert own[domain.name] == log[domain.name], f"the worker's own, of {domain.name}"


@pytest.mark.parametrize("at", ["2026-11-30T02:00:00+07:00", "2027-02-06T14:21:00+07:00"], ids=["night", "Tết"])
def test_the_bounds_hold_whenever_the_city_is_tried(at: str) -> None:
    start, span_s = nanoseconds(at), 120
    said: dict[str, list[Event]] = {domain.topic: [] for domain in PACKS.domains}
    span = (SEED, start, start + span_s * NS)
    for _, topic, event in together(find(PACKS.domains, PACKS.city), *span, events_per_s=RATE, scenarios=SCENARIOS):
        said[topic].append(event)
    for domain in PACKS.domains:
        own = {kpi.name for kpi in domain.kpis if kpi.measurement != "sources"}
        bounds = [bound for bound in PLAUSIBLE if bound.kpi in own]
        assert implausible(bounds, domain, points(said[domain.topic], domain, PACKS.city, *span[1:]), span_s) == []


def answered(city: RunningCity, begin: int) -> dict[str, float | None]:
    """The KPIs over what the city has lived so far; None for one that has no value."""
    kpis = [(domain, kpi) for domain in PACKS.domains for kpi in domain.kpis]
    lived = whole_minutes(begin, time.time_ns() - 10 * NS)
    asked = "; ".join(
        kpi_query(kpi, lived if kpi.name in OF_MINUTES else Last(600), filters=scope(domain, kpi))
        for domain, kpi in kpis
    )
    results = json.loads(city.run("query", asked, "--format", "json"))["results"]
    return {kpi.name: value_of(result) for (_, kpi), result in zip(kpis, results, strict=True)}


def whole_minutes(begin: int, end: int) -> Between:
    """The minutes of which everything was said: a rate over more than the city has lived would be too small."""
    minute = 60 * NS
    first, last = -(-begin // minute) * minute, end // minute * minute
    assert first < last, "no minute has been lived from its beginning to its end"
    return Between(max(first, last - 10 * minute), last)


def value_of(result: dict[str, Any]) -> float | None:
    (series,) = result.get("series", ({"values": [[None]]},))
    value: float | None = series["values"][-1][-1]
    return value


def lies_within(bound: Bound, seen: float | None) -> bool:
    return seen is not None and bound.least <= seen <= bound.most


def said_until(recording: Path, begin: int, end: int) -> list[Line]:
    """The recording less what was simulated after `end`; every event from before it must be there.

    A live publisher stamps events anew, so it is not their stamps that tell which were simulated until then.
    """
    simulators = find(PACKS.domains, PACKS.city)
    heard = together(simulators, SEED, begin, end, events_per_s=RATE, scenarios=SCENARIOS)
    wanted = Counter[Copy]((topic, event.source, event.id, event.time) for _, topic, event in heard)
    reader, kept = Reader(PACKS), []
    for text in files.read(recording):
        line = reader.read(text).line
        copy = copy_of(line)
        if copy is None:
            kept.append(line)
        elif wanted[copy]:
            wanted[copy] -= 1
            kept.append(line)
    lost = +wanted
    assert not lost, f"{lost.total()} events were never heard, as {next(iter(lost))}"
    return kept


def counts_of(recording: Path) -> dict[str, Counter[str]]:
    """Domain → what a reader counts in a log, without what it counts none of."""
    reader = Reader(PACKS)
    lines = [reader.read(text).line for text in files.read(recording)]
    return {domain.name: +compute(lines, domain, PACKS.city).counts for domain in PACKS.domains}


def copy_of(line: Line) -> Copy | None:
    """What a recorded event says it is; None for a tick."""
    assert line.place is not None
    said = json.loads(line.value)
    return None if "clock" in said["type"] else (line.place.topic, said["source"], said["id"], said["time"])
