"""A day that the simulators play with every scenario, as the worker would have settled it, and an hour a week ago."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final

from city.event import encode, observation
from city.instant import NS
from city.lines import Line
from producers.simulators import find, together
from stream_app.truth import compute
from tests.summary.day import as_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.catalogue import Catalogue
    from city.domain import Domain

PLAYED_S: Final = 24 * 3_600
WEEK_S: Final = 7 * 86_400
BUSY_S: Final = 2 * 3_600
BUSY, CALM = 1.0, 0.2
"""Events/s over all domains: in the last hours, of which most boards tell, and in those before."""

AHEAD_S: Final = 300
"""It reaches past now, so that a real store whose clock goes on during the tests still finds whole ranges."""

HALF_HOUR_S: Final = 1_800


def settled(packs: Catalogue, now_s: int) -> list[str]:
    """The settled points of the day up to now and of an hour a week ago, as lines in seconds."""
    simulators = find(packs.domains, packs.city)
    scenarios = tuple(sorted({name for simulator in simulators for name in simulator.scenarios}))
    lines: list[str] = []
    for start, end, rate in (
        (now_s - PLAYED_S, now_s - BUSY_S, CALM),
        (now_s - BUSY_S, now_s + AHEAD_S, BUSY),
        (now_s - WEEK_S - HALF_HOUR_S, now_s - WEEK_S + HALF_HOUR_S, BUSY),
    ):
        heard = list(together(simulators, 7, start * NS, end * NS, events_per_s=rate, scenarios=scenarios))
        for domain in packs.domains:
            said = (Line(encode(one.event)) for one in heard if one.topic == domain.topic)
            if points := compute(said, domain, packs.city).points:
                lines += as_lines(points).splitlines()
    return lines


def operational(packs: Catalogue, now_s: int) -> Iterator[str]:
    """The last minutes of `sources` and hour of `pipeline`: some sources silent or slow, counters that grow."""
    start = (now_s - 3_600) // 10 * 10
    for round_, second in enumerate(range(start, now_s + AHEAD_S, 10)):
        for domain in packs.domains:
            yield from _partitions(domain, round_, second)
            if second > now_s - 120:
                yield from _sources(domain, packs, second)


def _sources(domain: Domain, packs: Catalogue, second: int) -> Iterator[str]:
    """A source of each kind of event in each of some areas."""
    for number, area in enumerate(heapq.nsmallest(60, packs.city.units)):
        for kind in domain.events:
            state = {0: 3, 1: 1}.get(number % 10, 0)
            tags = f"area={area},domain={domain.name},observation={observation(kind)}"
            yield (
                f"sources,{tags},source={observation(kind)}/{area},zone={packs.city.zone_of[area]} state={state}i,"
                f"silent={float(state == 3)},frozen=0.0,last_event_s={float(second - 5)},age_s=5.0 {second}"
            )


def _partitions(domain: Domain, round_: int, second: int) -> Iterator[str]:
    for partition in range(2):
        tags = f"pipeline,domain={domain.name},partition={partition}"
        counters = (
            f"in={95 * round_}i,unusable={5 * round_}i,clock_trouble={round_}i,late={round_}i,duplicate={round_}i"
        )
        gauges = "damaged=0i,open_windows=9i,pending_points=3i,lag=8.0,write_s=0.25,watermark_delay_s=1.0"
        gauges += f",retries={float(round_)},worker_share=0.5"
        yield f"{tags} {counters},{gauges} {second}"
        yield f"{tags},reason=malformed rejected={5 * round_}i {second}"
