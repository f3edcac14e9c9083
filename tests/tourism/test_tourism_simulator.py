"""The tourism simulator: who speaks, how often, and how it fails. What every simulator promises: tests/simulators."""

import pytest

from city.domains.tourism.events import (
    TourismCrowd,
    TourismEvent,
    TourismLodging,
    TourismPortal,
    TourismPresence,
)
from city.domains.tourism.pack import PACK
from city.domains.tourism.simulator import simulate
from city.geography import HANOI
from city.instant import NS, nanoseconds
from producers.simulators import find
from tests.simulators.said import by_source, longest_gap_s, longest_stillness_s

SATURDAY = nanoseconds("2026-11-20T17:00:00Z")  # midnight in Hanoi
HOUR = 3_600 * NS
MORNING = SATURDAY + 10 * HOUR
(SIMULATOR,) = find([PACK], HANOI)
FULL = SIMULATOR.full_rate


def said(start: int, seconds: int, rate: float = FULL, seed: int = 2026) -> list[TourismEvent]:
    return list(simulate(seed, start, start + seconds * NS, events_per_s=rate))


def crowds(events: list[TourismEvent]) -> list[TourismCrowd]:
    return [event for event in events if isinstance(event, TourismCrowd)]


# ------------------------------------------------------------------------------------------------ rate


@pytest.mark.parametrize("rate", [0.5, 2.0, 6.0, FULL, 200.0])
def test_the_rate_is_about_what_was_asked(rate: float) -> None:
    seconds = max(60, int(2_000 / rate))
    assert len(said(MORNING, seconds, rate)) / seconds == pytest.approx(rate, rel=0.1)


def test_every_known_source_speaks_at_its_pace_and_no_other_does() -> None:
    last = {event.source: event for event in said(MORNING, 90)}
    sites = {site.source: site for site in PACK.sites_in(HANOI)}
    assert last.keys() <= sites.keys()
    assert len(last) > 0.97 * len(sites), "some are silent at any time"
    assert all((type(event), event.area) == (sites[name].event, sites[name].area) for name, event in last.items())
    assert {event.area for event in last.values() if isinstance(event, TourismPortal)} == {"01"}


def test_a_low_rate_leaves_out_sources_and_no_kind_of_them() -> None:
    few = said(MORNING, 600, 1.0)
    assert {type(event) for event in few} == {TourismPresence, TourismCrowd, TourismLodging, TourismPortal}
    assert len({event.source for event in few}) < 60


# ------------------------------------------------------------------------------------------------ faulty sources


def test_some_sources_fall_silent_and_some_freeze_for_longer_than_they_may() -> None:
    sources = by_source(crowds(said(MORNING + 9 * HOUR, 3_600)))
    fresh = PACK.freshness_of(TourismCrowd)
    gaps = [longest_gap_s(events) for events in sources.values()]
    assert 0 < sum(gap > fresh.expired_s for gap in gaps) < 10
    assert sum(gap > fresh.slow_s for gap in gaps) == sum(gap > fresh.expired_s for gap in gaps)
    stillness = [longest_stillness_s(events, fresh.alike) for events in sources.values()]
    assert 0 < sum(still > fresh.frozen_s for still in stillness) < 10


def test_no_working_counter_seems_frozen_not_even_where_nobody_is() -> None:
    night = by_source(crowds(said(SATURDAY + 2 * HOUR, 900)))
    alike = PACK.freshness_of(TourismCrowd).alike
    still = [longest_stillness_s(events, alike) for events in night.values()]
    assert sum(length > 120 for length in still) < 5
