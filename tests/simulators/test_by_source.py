"""What of each source is not counted, from its mouth to the answer of the store: it is what the simulators injected."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from city.boards.questions import UNCOUNTED, uncounted_query
from city.event import AHEAD_NS, Event, encode
from city.influxql import Is, Last
from city.instant import NS, nanoseconds
from embedded.store import serve
from runtime.ask import ask
from runtime.connect import Store
from stream_app.core import PartitionFold
from stream_app.core.checkpoint import NEVER, Start
from stream_app.operations import EVERY_S, Roll
from tests.simulators.said import MORNING, PACKS, age_s, heard, said_twice
from tests.simulators.test_every_simulator import every_simulator
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from producers.simulators import Simulator

BEGIN = MORNING + 90 * 60 * NS
SPOKEN_S = 600
PER_S = 40.0


@dataclass
class _Record:
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int
    headers: Sequence[tuple[str, bytes]] = ()


def injected(simulator: Simulator, events: Sequence[Event]) -> dict[str, Counter[str]]:
    """Source → what is wrong with what it says, by nothing but the times and names that its events state."""
    closed_s = max(series.window_s + series.lateness_s for series in simulator.domain.series)
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for event in events:
        if nanoseconds(event.time) > heard(event) + AHEAD_NS:
            found[event.source]["rejected"] += 1
        elif age_s(event) > closed_s:
            found[event.source]["late"] += 1
    for _, again in said_twice(events):
        found[again.source]["duplicate"] += 1
    return dict(found)


def answered(url: str, domain: str) -> dict[str, Counter[str]]:
    """Source → what the store says was not counted of it."""
    (result,) = ask(Store(url, "cityops", "token"), "city_live", uncounted_query((Is("domain", domain),), Last(3_600)))
    return {
        series["tags"]["source"]: +Counter(dict(zip(UNCOUNTED, map(int, series["values"][0][1:]), strict=True)))
        for series in result["series"]
    }


def rounds(events: Iterable[Event]) -> Iterable[tuple[int, list[_Record]]]:
    """The events as records, by the report of the worker that tells of them."""
    held: defaultdict[int, list[_Record]] = defaultdict(list)
    for offset, event in enumerate(events):
        at = heard(event)
        record = _Record(offset, event.area.encode(), encode(event), at // 1_000_000)
        held[at // NS // EVERY_S * EVERY_S + EVERY_S].append(record)
    return sorted(held.items())


@every_simulator
def test_late_duplicate_and_rejected_records_of_each_source_are_those_that_were_injected(
    simulator: Simulator, tmp_path: Path
) -> None:
    assert simulator.injected is not None
    span = (2026, BEGIN, BEGIN + SPOKEN_S * NS)
    events = list(simulator.simulate(*span, events_per_s=PER_S))
    true = injected(simulator, events)
    whole: Mapping[str, int] = simulator.injected(*span, events_per_s=PER_S)
    assert sum(counts["late"] for counts in true.values()) == whole["late"] > 0
    assert sum(counts["duplicate"] for counts in true.values()) == whole["duplicate"] > 0
    assert sum(counts["rejected"] for counts in true.values()) == whole["rejected:clock-ahead"]

    fold = PartitionFold(simulator.domain, PACKS.city, 0, Start(0, NEVER, 0, 0, 1))
    roll = Roll(simulator.domain, PACKS.city, most=10_000)
    roll.own([0], 1, BEGIN)
    with serve(tmp_path / "store.duckdb", "token", clock_ns=lambda: BEGIN + (SPOKEN_S + 60) * NS) as url:
        store = Client(url)
        for second, records in rounds(events):
            fold.feed(records)
            roll.hear(fold.latest, second * NS)
            fold.latest.clear()
            assert roll.blame(fold.tally.take()) == 0
            fate, lines = second // EVERY_S % 5, "\n".join(roll.lines(second * NS))
            if fate:  # one round in five is lost, of another one the answer: the worker knows neither from the other
                assert store.write(lines, bucket="city_live", precision="s").status == 204
            if fate > 1:
                roll.told()
        last = "\n".join(roll.lines((second + EVERY_S) * NS))
        assert store.write(last, bucket="city_live", precision="s").status == 204
        assert {name: counts for name, counts in answered(url, simulator.domain.name).items() if counts} == true
