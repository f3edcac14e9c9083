"""Every question of every board, asked of stores that hold what the simulators play, rolled up by the job itself."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from city.instant import NS
from dashboards.names import DATA_SOURCES
from embedded.store import serve
from infra.native.influxdb import InfluxDB
from runtime.connect import Store
from summary.rollup import RollUps
from summary.standings import findings, lines
from summary.store import LIVE, ROLLUP, SETTLED, StoreOverHttp
from tests.dashboards.city import filled
from tests.dashboards.simulated import PLAYED_S, operational, settled
from tests.servers import needs
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from city.catalogue import Catalogue

LONG_S: Final = 8 * 86_400
"""What boards of longer ranges are asked over: the hour a week ago lies in it."""


class Question(NamedTuple):
    """What a panel or a variable asks."""

    name: str
    panel: str
    bucket: str
    query: str


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
        fill(Store(url, "cityops", "token"), folder, packs, played)
        yield Client(url)


@pytest.fixture(scope="module")
def influxdb(
    tmp_path_factory: pytest.TempPathFactory, packs: Catalogue, played: tuple[int, list[str], list[str]]
) -> Iterator[Client]:
    needs(InfluxDB)
    folder = tmp_path_factory.mktemp("played-influxdb")
    with InfluxDB(folder) as server:
        fill(Store(server.url, server.org, server.token), folder, packs, played)
        yield Client(server.url, server.token)


def fill(where: Store, folder: Path, packs: Catalogue, played: tuple[int, list[str], list[str]]) -> None:
    """What a worker and the job would have written."""
    now_s, points, told = played
    store = StoreOverHttp(where, folder / "refused")
    store.write(SETTLED, points)
    oldest = now_s - PLAYED_S
    store.write(LIVE, [*told, *(line for line in points if int(line.rpartition(" ")[2]) >= oldest)])
    roll_ups = RollUps(store, packs.city)
    for series in packs.series.values():
        roll_ups.bring_up(series)
    store.write(LIVE, lines(list(findings(store, packs)), packs.city, now_s))
    store.close()


def questions(built: dict[str, str]) -> list[Question]:
    """Each question once: boards in the other language ask the same."""
    asked = dict[tuple[str, str], Question]()
    for path, text in built.items():
        if path.startswith("boards/vi/"):
            for one in _of_board(path.rpartition("/")[2], json.loads(text)):
                asked.setdefault((one.bucket, one.query), one)
    return list(asked.values())


def _of_board(name: str, board: dict[str, Any]) -> Iterator[Question]:
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            if target["datasource"]["uid"] in DATA_SOURCES:
                bucket = DATA_SOURCES[target["datasource"]["uid"]]
                yield Question(f"{name} {panel['title']} {target['refId']}", panel["type"], bucket, target["query"])
    for variable in board["templating"].get("list", ()):
        if variable["type"] == "query":
            yield Question(f"{name} ${variable['name']}", "", LIVE, variable["query"])


def answer(store: Client, one: Question, now_s: int) -> list[dict[str, Any]]:
    span_s, interval_s = (LONG_S, 3_600) if one.bucket == ROLLUP else (PLAYED_S, 600)
    reply = store.query(filled(one.query, now_s - span_s, now_s, interval_s), db=one.bucket, epoch="s")
    assert reply.status == 200, (one, reply.body)
    (result,) = reply.json["results"]
    assert "error" not in result, (one, result)
    found: list[dict[str, Any]] = result.get("series", [])
    return found


RARE: Final = r"overdue|returned|supplement|satisf|electronic|paid|on_time|processing_hours|\"state\" [=>]|unusual"
"""What may not have been observed in the hours that are played, or be nothing to tell of."""

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
    may_be_empty = re.compile(f"{RARE}|{NOW_IS_RARE}")
    assert [one for one, found in answers.items() if not found and not may_be_empty.search(one.query)] == []
    assert sum(not found for found in answers.values()) < len(answers) / 3


def test_columns_are_right_for_the_panel_and_values_can_be(answers: dict[Question, list[dict[str, Any]]]) -> None:
    for one, found in answers.items():
        for rows in (series["values"] for series in found):
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
        if "now()" not in one.query:  # the clocks differ by moments: test_queries_on_stores asks those of steady points
            theirs = answer(influxdb, one, played[0])
            assert _close(ours, theirs), (one, ours[:2], theirs[:2])


def _close(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_close(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_close, one, other))
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other))
    return bool(one == other)
