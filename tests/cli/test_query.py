from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from city.errors import CityopsError
from runtime import ask as asking
from runtime.connect import Store
from tests.cli.conftest import cityops, fails

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import StoreDouble

ANSWER = {
    "results": [
        {
            "statement_id": 0,
            "series": [
                {
                    "name": "traffic_flow",
                    "tags": {"area": "00004"},
                    "columns": ["time", "mean", "final"],
                    "values": [["2026-11-22T05:00:00Z", 31.5, True], ["2026-11-22T05:00:10Z", None, False]],
                },
                {
                    "name": "traffic_flow",
                    "tags": {"area": "00008"},
                    "columns": ["time", "mean", "final"],
                    "values": [["2026-11-22T05:00:00Z", 7, True]],
                },
                {"name": "sources", "columns": ["time", "count"], "values": [["1970-01-01T00:00:00Z", 3]]},
            ],
        }
    ]
}


def test_an_answer_as_a_table(store: StoreDouble, tmp_path: Path) -> None:
    store.body = json.dumps(ANSWER).encode()
    result = cityops("query", "SELECT 1", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout == (
        "name          area   time                  mean  final\n"
        "------------  -----  --------------------  ----  -----\n"
        "traffic_flow  00004  2026-11-22T05:00:00Z  31.5  true\n"
        "traffic_flow  00004  2026-11-22T05:00:10Z        false\n"
        "traffic_flow  00008  2026-11-22T05:00:00Z  7     true\n"
        "\n"
        "name     time                  count\n"
        "-------  --------------------  -----\n"
        "sources  1970-01-01T00:00:00Z  3\n"
    )


def test_an_answer_as_csv(store: StoreDouble, tmp_path: Path) -> None:
    store.body = json.dumps(ANSWER).encode()
    result = cityops("query", "SELECT 1", "--format", "csv", cwd=tmp_path)
    assert result.stdout == (
        "name,area,time,mean,final\n"
        "traffic_flow,00004,2026-11-22T05:00:00Z,31.5,true\n"
        "traffic_flow,00004,2026-11-22T05:00:10Z,,false\n"
        "traffic_flow,00008,2026-11-22T05:00:00Z,7,true\n"
        "\n"
        "name,time,count\n"
        "sources,1970-01-01T00:00:00Z,3\n"
    )


def test_an_answer_as_json_is_the_stores_own(store: StoreDouble, tmp_path: Path) -> None:
    store.body = json.dumps(ANSWER).encode()
    result = cityops("query", "SELECT 1", "--format", "json", cwd=tmp_path)
    assert json.loads(result.stdout) == ANSWER


def test_the_question_goes_to_the_bucket_that_is_named(store: StoreDouble, tmp_path: Path) -> None:
    question = """SELECT "a b" FROM /t.*/ WHERE "x" = 'Hoàn Kiếm' & more"""
    cityops("query", question, "--db", "city", cwd=tmp_path)
    cityops("query", "SHOW MEASUREMENTS", cwd=tmp_path)
    assert store.asked == [{"db": ["city"], "q": [question]}, {"db": ["city_live"], "q": ["SHOW MEASUREMENTS"]}]


def test_no_points_are_said_where_people_read_and_leave_the_output_empty(store: StoreDouble, tmp_path: Path) -> None:
    result = cityops("query", "SELECT 1", cwd=tmp_path)
    assert store.asked
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "no points\n")


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, '{"results":[{"error":"database not found: x"}]}', ["the store: database not found: x"]),
        (400, '{"error":"error parsing query:\\n found FOO"}', ["error parsing query: found FOO"]),
        (400, '{"code":"invalid","message":"bad time"}', ["the store: bad time"]),
        (200, "<html>", ["not as InfluxDB does"]),
        (200, "[]", ["not as InfluxDB does"]),
        (200, '{"results":null}', ["not as InfluxDB does"]),
        (503, "{}", ["answers 503"]),
    ],
)
def test_what_the_store_refuses_is_one_line_and_exit_1(
    status: int, body: str, words: list[str], store: StoreDouble, tmp_path: Path
) -> None:
    store.status, store.body = status, body.encode()
    fails(cityops("query", "SELECT 1", cwd=tmp_path), 1, *words)


def test_an_answer_without_end_is_one_line(store: StoreDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MAX_ANSWER_BYTES", 1_000)
    store.body = b" " * 1_001
    with pytest.raises(CityopsError, match="ask for less at a time"):
        asking.ask(Store(store.url, "cityops", store.token), "city", "SELECT 1")


def test_a_wrong_token_is_one_line(store: StoreDouble, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("another")
    fails(cityops("query", "SELECT 1", cwd=tmp_path), 1, "refuses our token (401)", store.url)


def test_an_unreachable_store_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("x")
    environment = {"CITYOPS_STORE_URL": "http://127.0.0.1:1", "CITYOPS_STORE_TOKEN_FILE": "token"}
    fails(
        cityops("query", "SELECT 1", cwd=tmp_path, environment=environment),
        1,
        "no answer from the store at http://127.0.0.1:1: Connection refused",
    )


def test_a_folder_where_no_city_runs_is_one_line(tmp_path: Path) -> None:
    fails(cityops("query", "SELECT 1", "--data-dir", "nowhere", cwd=tmp_path), 1, "no city runs on nowhere")
    assert list(tmp_path.iterdir()) == []
