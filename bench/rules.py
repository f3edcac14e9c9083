"""What a round of alert rules takes: `.venv/bin/python -m bench.rules [--rules 200] [--rounds 6] [--areas 126]`.

Makes rules over areas of every domain's KPIs, each over the ranges that the packs' rules look at, an eighth of them
against what is normal; fills an embedded store with half an hour of the whole city's points and the last minute of its
sources; and lets the alerting of one machine do rounds over them. The goal is at most 4 s of CPU for 200 rules over 126
areas, the store's included: it runs in this process.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from itertools import cycle, islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.machine import machine
from city import catalogue
from city.boards.parts import local_kpis
from city.deviation import BASELINE
from city.domain import AlertRule, Ratio, Text
from city.event import observation
from city.instant import NS
from city.rules import AlertingFile, Group
from dashboards.alerting import EVERY_S, alerting, compiled
from embedded.alerting.memory import Memory
from embedded.alerting.outbox import Outbox
from embedded.alerting.questions import store_asker
from embedded.alerting.watch import Watch
from embedded.store import serve
from runtime.connect import Store
from summary.store import LIVE, ROLLUP, StoreOverHttp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from city.catalogue import Catalogue
    from city.domain import Domain, Kpi, Series

NOW_S: Final = 1_795_334_400
_THRESHOLDS: Final = (40.0, 70.0, 95.0)
_PAST_S: Final = 2_100
"""Half an hour, the longest a rule looks back, and the windows that have not closed yet."""

_SOURCES_S: Final = 60
_MOST_TAGGED: Final = 6
"""Points of one area and window: a series with more values of its tags has not all of them at once."""


class Took(NamedTuple):
    """What one round took, in seconds: CPU of the evaluation, of the store, and by the wall's clock."""

    rules_s: float
    store_s: float
    wall_s: float


def made(packs: Catalogue, count: int) -> AlertingFile:
    """So many rules over areas, compiled as the packs' are."""
    pairs = [(domain, kpi) for domain in packs.domains for kpi in local_kpis(domain)]
    ranges_s = sorted({rule.over_s for domain in packs.domains for rule in domain.rules})
    kinds = islice(cycle(product(_THRESHOLDS, ranges_s, pairs)), count)
    rules = [compiled(_rule(number, *kind), kind[2][0], packs.city) for number, kind in enumerate(kinds)]
    group = alerting(packs.domains, packs.city).groups[0]
    return AlertingFile(apiVersion=1, groups=(Group(1, "bench", group.folder, group.interval, tuple(rules)),))


def _rule(number: int, threshold: float, over_s: int, pair: tuple[Domain, Kpi]) -> AlertRule:
    said = Text("Thử {value}", "Bench {value}")
    unusual = number % 8 == 0 and isinstance(pair[1].formula, Ratio)
    level = 5.0 if unusual else threshold
    return AlertRule(
        f"bench_{number}",
        pair[1].name,
        said,
        said,
        "warning",
        "above",
        level,
        0.9 * level,
        over_s=over_s,
        unusual=unusual,
    )


def points(packs: Catalogue, areas: Sequence[str]) -> Iterator[str]:
    """Half an hour of every series over these areas, and the last minute of their sources."""
    dice = random.Random(7)
    for domain in packs.domains:
        for series in domain.series:
            if not series.citywide:
                yield from _of(series, packs, areas, dice)
        for site in domain.sites_in(packs.city):
            kind = observation(site.event or domain.events[0])
            if site.area in areas:
                tags = f"area={site.area},domain={domain.name},observation={kind},source={site.source}"
                tags += f",zone={packs.city.zone_of[site.area]}"
                for second in range(NOW_S - _SOURCES_S, NOW_S + _SOURCES_S, EVERY_S):
                    yield f"sources,{tags} state=0i,silent=0,frozen=0,age_s=5,last_event_s={second} {second}"


def _of(series: Series, packs: Catalogue, areas: Sequence[str], dice: random.Random) -> Iterator[str]:
    tagged = list(product(*([(tag.name, value) for value in tag.values or ("one",)] for tag in series.tags)))
    tagged = dice.sample(tagged, min(_MOST_TAGGED, len(tagged)))
    for area in areas:
        head = [
            f"{series.name},area={area},zone={packs.city.zone_of[area]}" + "".join(f",{n}={v}" for n, v in own)
            for own in tagged
        ]
        for second in range((NOW_S - _PAST_S) // series.window_s * series.window_s, NOW_S + 60, series.window_s):
            yield from (f"{one} {_fields(series, dice)} {second}" for one in head)


def _fields(series: Series, dice: random.Random) -> str:
    whole = {"count", "final", *(f"{measure.name}_count" for measure in series.measures)}
    bins = {name for measure in series.measures for name in measure.bins}
    told = (name for name in series.field_names if name not in bins or dice.random() < 0.3)
    return ",".join(f"{name}={dice.randint(1, 100)}{'i' if name in whole | bins else '.0'}" for name in told)


def normal(packs: Catalogue, areas: Sequence[str]) -> Iterator[str]:
    """What is normal for every KPI of these areas."""
    for domain in packs.domains:
        for kpi in local_kpis(domain):
            for area in areas:
                tags = f"area={area},domain={domain.name},kpi={kpi.name},zone={packs.city.zone_of[area]}"
                yield f"{BASELINE},{tags} median=50.0,spread=10.0,days=20i {NOW_S // 3_600 * 3_600}"


def rounds(watch: Watch, count: int) -> list[Took]:
    """Do rounds one after the other, each at the moment it would have been."""
    took = []
    for number in range(count):
        own, all_, wall = time.thread_time(), time.process_time(), time.perf_counter()
        watch.round((NOW_S + number * EVERY_S) * NS)
        own, all_, wall = time.thread_time() - own, time.process_time() - all_, time.perf_counter() - wall
        took.append(Took(own, all_ - own, wall))
    return took


def main() -> None:
    """Fill, evaluate, print."""
    parser = argparse.ArgumentParser(prog="bench.rules", description=__doc__)
    parser.add_argument("--rules", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--areas", type=int, default=126)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    packs = catalogue.load()
    areas = sorted(packs.city.units)[: options.areas]
    asked: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        with serve(path / "store.duckdb", "token", clock_ns=lambda: NOW_S * NS) as url:
            where = Store(url, packs.city.slug, "token")
            store, ask = StoreOverHttp(where, path / "refused"), store_asker(where)
            store.write(LIVE, list(points(packs, areas)))
            store.write(ROLLUP, list(normal(packs, areas)))
            store.close()

            def counted(bucket: str, influxql: str, patience_s: float) -> list[dict[str, object]]:
                asked.append(influxql)
                return ask(bucket, influxql, patience_s)

            watch = Watch(made(packs, options.rules), counted, Memory(), Outbox(""), lambda _: None)
            took = rounds(watch, options.rounds)
    print(f"{machine(load)}\n")
    print(f"{options.rules} rules over {len(areas)} areas, {len(asked) // options.rounds} questions a round, ", end="")
    print(f"{watch.firing} alerts fire at the end\n")
    print("| round | CPU s: rules | CPU s: store | CPU s | s |\n|---|---|---|---|---|")
    for number, one in enumerate(took, 1):
        cpu_s = one.rules_s + one.store_s
        print(f"| {number} | {one.rules_s:.2f} | {one.store_s:.2f} | {cpu_s:.2f} | {one.wall_s:.2f} |")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
