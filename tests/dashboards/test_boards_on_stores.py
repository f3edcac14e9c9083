"""Every question of boards and rules, asked of stores that hold what the simulators play, rolled up by the job."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from city.instant import NS
from embedded.store import serve
from infra.native.influxdb import InfluxDB
from runtime.connect import Store
from summary.baselines import Baselines
from summary.rollup import RollUps
from summary.standings import findings, lines
from summary.store import LIVE, ROLLUP, SETTLED, StoreOverHttp
from tests.dashboards.asking import Question, close, questions, series
from tests.dashboards.city import filled
from tests.dashboards.simulated import PLAYED_S, operational, settled
from tests.servers import needs
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from city.catalogue import Catalogue

pytestmark = pytest.mark.timeout(900)  # a day of the whole city is played into two stores before the first test

LONG_S: Final = 8 * 86_400
"""What boards of longer ranges are asked over: the hour a week ago lies in it."""


@pytest.fixture(scope="module")
def played(packs: Catalogue) -> tuple[int, list[str], list[str]]:
    """A moment, the settled points up to it, and what is told of sources and stream."""
    now_s = int(time.time())
    return now_s, settled(packs, now_s), list(operational(packs, now_s))


@pytest.fixture(scope="module")
def embedded(
    tmp_path_factory: pytest.TempPathFactory, packs: Catalogue, played: tuple[int, list[str], list[str]]
) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("played")
    with serve(folder / "store.duckdb", "token", clock_ns=lambda: played[0] * NS) as url:
        client = Client(url)
        fill(Store(url, "cityops", "token"), folder, packs, played)
        judge(client, Store(url, "cityops", "token"), folder, packs, played[0])
        yield client


@pytest.fixture(scope="module")
def influxdb(
    tmp_path_factory: pytest.TempPathFactory,
    packs: Catalogue,
    played: tuple[int, list[str], list[str]],
    embedded: Client,
) -> Iterator[Client]:
    needs(InfluxDB)
    folder = tmp_path_factory.mktemp("played-influxdb")
    with InfluxDB(folder) as server:
        client = Client(server.url, server.token)
        fill(Store(server.url, server.org, server.token), folder, packs, played)
        judge(client, Store(embedded.url, "cityops", "token"), folder, packs, played[0])
        yield client


def fill(where: Store, folder: Path, packs: Catalogue, played: tuple[int, list[str], list[str]]) -> None:
    """What a worker and the job would have written."""
    now_s, points, told = played
    store = StoreOverHttp(where, folder / "refused")
    store.write(SETTLED, points)
    oldest = now_s - PLAYED_S
    store.write(LIVE, [*told, *(line for line in points if int(line.rpartition(" ")[2]) >= oldest)])
    roll_ups = RollUps(store, packs.city)
    for one in packs.series.values():
        roll_ups.bring_up(one)
    Baselines(store, packs).bring_up(now_s)
    store.close()


def judge(into: Client, seen: Store, folder: Path, packs: Catalogue, now_s: int) -> None:
    """How places stand, as one store shows it: another's clock has gone on, and it would judge of a later moment."""
    store = StoreOverHttp(seen, folder / "refused")
    text = "\n".join(lines(list(findings(store, packs)), packs.city, now_s))
    store.close()
    assert into.write(text, bucket=LIVE, precision="s").status == 204


def answer(store: Client, one: Question, now_s: int) -> list[dict[str, Any]]:
    """The answer at `now_s`, whatever the store's own clock says meanwhile."""
    span_s, interval_s = (LONG_S, 3_600) if one.bucket == ROLLUP else (PLAYED_S, 600)
    query = filled(one.query, now_s - span_s, now_s, interval_s)
    return series(store, query.replace("now()", f"{now_s}s"), one.bucket)


RARE: Final = (
    r"_week\"|overdue|returned|supplement|satisf|electronic|paid|on_time|processing_hours|\"state\" [=>]|unusual"
)
"""What may not have been observed in the hours that are played, or be nothing to tell of."""

OF_LAST_WEEK: Final = r"_week\"|\"baseline\""
"""Last week's hour may be one of the night, and a baseline takes weeks."""

NOW_IS_RARE: Final = r"\"(services|tourism)_.*now\(\)"
"""At the rate that is played, these say something each hour, not each minute; steady points are asked elsewhere."""


@pytest.fixture(scope="module")
def answers(
    embedded: Client, built: dict[str, str], played: tuple[int, list[str], list[str]]
) -> dict[Question, list[dict[str, Any]]]:
    """What the embedded store says to each question."""
    return {one: answer(embedded, one, played[0]) for one in questions(built)}


def test_every_question_is_answered_and_with_something(answers: dict[Question, list[dict[str, Any]]]) -> None:
    assert len(answers) > 300
    may_be_empty = re.compile(f"{RARE}|{NOW_IS_RARE}|{OF_LAST_WEEK}")
    assert [one.name for one, found in answers.items() if not found and not may_be_empty.search(one.query)] == []
    assert sum(not found for found in answers.values()) < len(answers) / 3


def test_columns_are_right_for_the_panel_and_values_can_be(answers: dict[Question, list[dict[str, Any]]]) -> None:
    for one, found in answers.items():
        for rows in (line["values"] for line in found):
            if one.panel in {"timeseries", "heatmap"}:
                assert [row[0] for row in rows] == sorted({row[0] for row in rows}), one
            elif one.panel:
                assert len(rows) == 1, one
            if "SELECT 100 * sum" in one.query:
                assert all(0 <= value <= 100.0001 for row in rows for value in row[1:] if value is not None), one


@pytest.mark.live
def test_the_embedded_store_answers_as_influxdb_does(
    answers: dict[Question, list[dict[str, Any]]], influxdb: Client, played: tuple[int, list[str], list[str]]
) -> None:
    for one, ours in answers.items():
        theirs = answer(influxdb, one, played[0])
        assert close(ours, theirs), (one, ours[:2], theirs[:2])
