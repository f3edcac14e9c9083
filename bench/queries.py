"""What every panel asks, over a day, a week and a month: how long the embedded store and a real InfluxDB take.

    python -m bench.queries [--areas 1] [--days 30] [--store embedded|influxdb]

Each store is filled with a month of a small city (`bench.month`), then asked each question of every provisioned board
once over each range, as Grafana would: all places chosen, a thousand points to a panel. Questions that name their own
range, tiles mostly, are asked once. InfluxDB is the one that `./cityops servers install influxdb` brought.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.machine import machine
from bench.month import LIVE_S, month
from bench.store import LINES, Client
from bench.store import store as embedded
from city import catalogue
from city.errors import CityopsError
from city.rollup import DAY
from dashboards.names import DATA_SOURCES
from dashboards.provisioned import FOLDER
from infra.native.influxdb import InfluxDB
from summary.store import LIVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

RANGES: Final = (1, 7, 30)
"""Days."""

STORES: Final = ("embedded", "influxdb")
_OWN: Final = "its own"
_POINTS: Final = 1_000  # a panel of half a board's width has so many pixels
_STEPS_S: Final = (10, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400)


class Question(NamedTuple):
    """What a panel asks; `least_s` is the shortest time group that it wants."""

    name: str
    bucket: str
    query: str
    least_s: int


class Answer(NamedTuple):
    """How long the answer to a question took, over how many days, or over its own range."""

    name: str
    over: int | str
    seconds: float


def questions(boards: Iterable[str]) -> list[Question]:
    """Each question of the boards (JSON) once, or once for each time group that panels want at least."""
    asked: dict[tuple[str, str, int], Question] = {}
    for board in map(json.loads, boards):
        for panel in board["panels"]:
            least_s = _seconds(panel.get("interval", "10s"))
            for target in panel.get("targets", ()):
                bucket = DATA_SOURCES.get(target["datasource"]["uid"])
                if bucket is not None:
                    name = f"{board['title']}: {panel['title']} {target['refId']}"
                    asked.setdefault(
                        (bucket, target["query"], least_s), Question(name, bucket, target["query"], least_s)
                    )
    return list(asked.values())


def _seconds(duration: str) -> int:
    """`15m` as Grafana writes it."""
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3_600, "d": 86_400}[duration[-1]]


def filled(one: Question, days: int, now_s: int) -> str:
    """The question as Grafana sends it, with the time group that it takes for so many days."""
    step_s = max(one.least_s, grouping_s(days * DAY.seconds))
    begin_s = now_s - days * DAY.seconds
    text = one.query.replace("$timeFilter", f"time >= {begin_s}000ms and time <= {now_s}000ms")
    text = text.replace("$__interval_ms", f"{step_s}000").replace("$__interval", f"{step_s}s")
    return re.sub(r"/\^\$\w+\$/", "/^.*$/", text)


def grouping_s(span_s: int) -> int:
    """The round number of seconds that is nearest to a thousandth of the range."""
    return min(_STEPS_S, key=lambda step_s: abs(step_s - span_s / _POINTS))


def fill(client: Client, areas: int, days: int, now_s: int, asked: Sequence[Question]) -> int:
    """Write what is asked of; the number of points."""
    written = 0
    wanted = {(one.bucket, name) for one in asked for name in re.findall(r'FROM "([^"]+)"', one.query)}
    for course in month(catalogue.load(), areas, now_s):
        if (course.bucket, course.measurement) in wanted:
            span_s = days * DAY.seconds
            lines = course.lines(now_s - (min(span_s, LIVE_S) if course.bucket == LIVE else span_s), now_s)
            while batch := list(islice(lines, LINES)):
                client.write("\n".join(batch).encode(), course.bucket)
                written += len(batch)
    return written


def ask_all(client: Client, asked: Sequence[Question], days: int, now_s: int) -> Iterator[Answer]:
    """Ask each question over each range that is filled."""
    for one in asked:
        spans: list[int | str] = [span for span in RANGES if span <= days] if "$timeFilter" in one.query else [_OWN]
        for span in spans:
            text = filled(one, span if isinstance(span, int) else 1, now_s).replace("now()", f"{now_s}s")
            began = time.perf_counter()
            found = client.query(text, one.bucket)
            took = time.perf_counter() - began
            if b'"error"' in found:
                sys.exit(f"bench.queries: {one.name}: {text}: {found[:300]!r}")
            yield Answer(one.name, span, took)


def table(answers: Mapping[str, Sequence[Answer]]) -> Iterator[str]:
    """A row for each store and range: milliseconds, and whose answer took longest."""
    yield "| store | range | questions | p50 | p95 | most | the slowest |"
    yield "|---|---|---:|---:|---:|---:|---|"
    for name, all_answers in answers.items():
        ranges: dict[int | str, list[Answer]] = defaultdict(list)
        for answer in all_answers:
            ranges[answer.over].append(answer)
        for over in (span for span in (_OWN, *RANGES) if span in ranges):
            some = sorted(ranges[over], key=lambda answer: answer.seconds)
            ms = [answer.seconds * 1e3 for answer in some]
            p95 = statistics.quantiles(ms, n=20, method="inclusive")[-1] if len(ms) > 1 else ms[0]
            span = over if isinstance(over, str) else f"{over} day{'s' if over > 1 else ''}"
            figures = f"{len(ms)} | {statistics.median(ms):.0f} ms | {p95:.0f} ms | {ms[-1]:.0f} ms"
            yield f"| {name} | {span} | {figures} | {some[-1].name} |"


@contextmanager
def opened(store: str) -> Iterator[Client]:
    """A store of that kind that holds nothing."""
    if store == "embedded":
        with embedded() as (url, token, _, _):
            yield Client(url, token)
    else:
        with tempfile.TemporaryDirectory(prefix="cityops-bench-") as folder, InfluxDB(Path(folder)) as server:
            yield Client(server.url, server.token)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.queries", description=__doc__, allow_abbrev=False)
    parser.add_argument("--areas", type=int, default=1, help="areas of the city that is asked about")
    parser.add_argument("--days", type=int, default=30, help="how much is stored; longer ranges are not asked")
    parser.add_argument("--store", choices=STORES, action="append", help="only this one")
    options = parser.parse_args()
    before = os.getloadavg()[0]
    # In the other language they ask the same.
    asked = questions(path.read_text(encoding="utf-8") for path in sorted((FOLDER / "boards" / "en").glob("*.json")))
    now_s = int(time.time()) // 60 * 60
    answers: dict[str, list[Answer]] = {}
    for name in options.store or STORES:
        try:
            with opened(name) as client:
                began = time.perf_counter()
                points = fill(client, options.areas, options.days, now_s, asked)
                took = time.perf_counter() - began
                print(f"{name}: {points:,} points in {took:.0f} s", file=sys.stderr, flush=True)
                answers[name] = list(ask_all(client, asked, options.days, now_s))
        except CityopsError as error:
            sys.exit(f"bench.queries: {error}")
    stored = f"{points:,} points of {options.areas} areas and {options.days} days"
    print(f"{len(asked)} questions, {stored}; {machine(before)}.\n")
    print("\n".join(table(answers)))


if __name__ == "__main__":
    main()
