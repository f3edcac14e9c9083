"""Every recorded answer of a real InfluxDB (record_answers.py) is the store's answer too."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from embedded.store import serve
from tests.store.record_answers import measurements
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDED = json.loads(Path(__file__).with_name("influxdb_answers.json").read_text(encoding="utf-8"))
TWO_DAYS_LATER = 1_795_305_600 * 10**9


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    path = tmp_path_factory.mktemp("answers") / "store.duckdb"
    with serve(path, "token", clock_ns=lambda: TWO_DAYS_LATER) as url:
        client = Client(url)
        for body in RECORDED["data"]:
            assert client.write(body).status == 204
        yield client


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serve(tmp_path_factory.mktemp("bodies") / "store.duckdb", "token", clock_ns=lambda: TWO_DAYS_LATER) as url:
        yield Client(url)


@pytest.mark.parametrize("recorded", RECORDED["answers"], ids=lambda recorded: recorded["query"])
def test_the_answer_is_influxdbs(client: Client, recorded: dict[str, Any]) -> None:
    reply = client.query(recorded["query"])

    if recorded["status"] != 200:
        assert reply.status == recorded["status"], reply.body
        assert set(reply.json) == {"error"}
        return
    expected = recorded["answer"]["results"]
    if reply.status == 400 and any("error" in result for result in expected):
        return
    assert reply.status == 200, reply.body
    assert len(reply.json["results"]) == len(expected)
    for ours, theirs in zip(reply.json["results"], expected, strict=True):
        assert ours["statement_id"] == theirs["statement_id"]
        assert ("error" in ours) == ("error" in theirs), (ours, theirs)
        assert_same_series(ours.get("series", []), theirs.get("series", []))


@pytest.mark.parametrize("recorded", RECORDED["writes"], ids=lambda recorded: repr(recorded["body"])[:60])
def test_a_body_is_taken_or_refused_as_influxdb_does(empty: Client, recorded: dict[str, Any]) -> None:
    reply = empty.write(recorded["body"])
    stored = empty.query(measurements(recorded["body"])).json

    assert reply.status == recorded["status"], reply.body
    (ours,), (theirs,) = stored["results"], recorded["stored"]["results"]
    assert_same_series(ours.get("series", []), theirs.get("series", []))


def assert_same_series(ours: list[Any], theirs: list[Any]) -> None:
    def head(series: dict[str, Any]) -> Any:
        return series.get("name"), series.get("tags"), series["columns"]

    assert [head(series) for series in ours] == [head(series) for series in theirs]
    for mine, its in zip(ours, theirs, strict=True):
        assert len(mine["values"]) == len(its["values"]), (mine, its)
        for row, wanted in zip(in_order(mine["values"]), in_order(its["values"]), strict=True):
            assert all(same(a, b) for a, b in zip(row, wanted, strict=True)), (row, wanted, mine, its)


def in_order(rows: list[list[Any]]) -> list[list[Any]]:
    """Rows in their order, those of one time by value: InfluxDB's order of those depends on its number of cores."""
    alike = itertools.groupby(rows, key=lambda row: row[0])
    return [
        row
        for _, found in alike
        for row in sorted(found, key=lambda row: [str(float(v)) if isinstance(v, int) else str(v) for v in row])
    ]


def same(a: object, b: object) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float) and not isinstance(a, bool):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return a == b
