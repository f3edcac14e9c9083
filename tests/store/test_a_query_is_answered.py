"""The HTTP side of `/query`, deletion and health; what statements answer is held by the recorded answers."""

from __future__ import annotations

import gzip
import json
import threading
import urllib.parse
from typing import TYPE_CHECKING

import pytest

from embedded.store import serve
from tests.store.conftest import NOW_S
from tests.store.web import Client

if TYPE_CHECKING:
    from pathlib import Path

TEN = "\n".join(f"m,area=a{i % 2} x={i} {NOW_S + i}" for i in range(10))


@pytest.mark.parametrize(
    ("epoch", "time"),
    [
        ("ns", NOW_S * 10**9),
        ("u", NOW_S * 10**6),
        ("ms", NOW_S * 1000),
        ("s", NOW_S),
        ("m", NOW_S // 60),
        ("h", NOW_S // 3600),
        ("", "2026-11-22T00:00:00Z"),
    ],
)
def test_times_come_in_the_unit_that_is_asked_for(client: Client, epoch: str, time: object) -> None:
    client.write(TEN, precision="s")

    assert client.query("SELECT x FROM m LIMIT 1", epoch=epoch).rows == [[time, 0]]


def test_a_query_may_be_posted_as_a_form(client: Client) -> None:
    client.write(TEN, precision="s")
    body = urllib.parse.urlencode({"q": "SELECT count(x) FROM m", "db": "city", "epoch": "s"}).encode()
    reply = client.ask("POST", "/query", body, Content_Type="application/x-www-form-urlencoded")

    assert reply.rows == [[0, 10]]


def test_a_long_answer_is_packed_for_who_takes_it(client: Client) -> None:
    client.write("\n".join(f"m x={i} {NOW_S + i}" for i in range(2_000)), precision="s")
    reply = client.ask("GET", "/query?db=city&q=SELECT+x+FROM+m", Accept_Encoding="gzip")

    assert reply.headers["Content-Encoding"] == "gzip"
    (series,) = json.loads(gzip.decompress(reply.body))["results"][0]["series"]
    assert [row[1] for row in series["values"]] == list(range(2_000))


def test_csv_is_given_to_who_asks_for_it(client: Client) -> None:
    client.write(TEN, precision="s")
    query = urllib.parse.urlencode({"q": "SELECT x FROM m GROUP BY area LIMIT 1", "db": "city", "epoch": "s"})
    reply = client.ask("GET", f"/query?{query}", Accept="application/csv")

    assert reply.headers["Content-Type"].startswith("text/csv")
    assert reply.body.decode() == f"name,tags,time,x\nm,area=a0,{NOW_S},0.0\nm,area=a1,{NOW_S + 1},1.0\n"


def test_each_of_several_statements_has_its_result(client: Client) -> None:
    client.write(TEN, precision="s")
    results = client.query("SELECT count(x) FROM m; SELECT x, mean(x) FROM m; SHOW DATABASES").json["results"]

    assert results[0]["series"][0]["values"][0][1] == 10
    assert "mixing aggregate" in results[1]["error"]
    assert results[2] == {"statement_id": 2, "error": "not executed"}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT sample(x, 2) FROM m",
        "SELECT exponential_moving_average(x, 2) FROM m",
        "SELECT holt_winters(mean(x), 1, 1) FROM m GROUP BY time(1m)",
        "SELECT difference(distinct(x)) FROM m GROUP BY time(1m)",
        "SELECT mean(x) INTO other FROM m",
        "DROP MEASUREMENT m",
        "DELETE FROM m",
        "CREATE DATABASE x",
        "SHOW TAG KEY CARDINALITY",
        "EXPLAIN SELECT x FROM m",
        "SELECT " + "(" * 5_000 + "x" + ")" * 5_000 + " FROM m",
        "SELECT x FROM m WHERE " + "-" * 5_000 + "1 < x",
        "SELECT x FROM m WHERE x = 1" + " OR x = 1" * 1_000,
        "SELECT x FROM m WHERE area = '\x00",
        "\ufeffSELECT x FROM m",
    ],
    ids=lambda query: query[:40],
)
def test_what_the_store_does_not_do_is_an_error_of_parsing(client: Client, query: str) -> None:
    client.write(TEN, precision="s")
    body = urllib.parse.urlencode({"q": query, "db": "city"}).encode()
    reply = client.ask("POST", "/query", body, Content_Type="application/x-www-form-urlencoded")

    assert reply.status == 400
    assert reply.json["error"].startswith("error parsing query: ")
    assert client.query("SELECT count(x) FROM m").rows[0][1] == 10


@pytest.mark.parametrize(("path", "why"), [("/query", '"q"'), ("/query?q=SHOW+DATABASES&epoch=fortnight", "epoch")])
def test_a_wrong_parameter_is_named(client: Client, path: str, why: str) -> None:
    reply = client.ask("GET", path)

    assert reply.status == 400
    assert why in reply.json["error"]


@pytest.mark.parametrize("database", ["", "nowhere"])
def test_a_database_that_is_not_there_is_the_statements_error(client: Client, database: str) -> None:
    (result,) = client.query("SELECT x FROM m", db=database).json["results"]

    assert result["error"] in {"database name required", "database not found: nowhere"}


@pytest.mark.parametrize(
    "query", ["SELECT x FROM m WHERE time > 0", "SELECT sum(x) FROM m WHERE time > 0 GROUP BY time(1s)"]
)
def test_an_answer_above_the_bound_is_refused_not_swallowed(
    client: Client, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embedded.store.influxql.engine.MAX_CELLS", 20)
    monkeypatch.setattr("embedded.store.influxql.table.MAX_CELLS", 20)
    client.write(TEN, precision="s")
    (result,) = client.query(query).json["results"]

    assert "20" in result["error"]


def test_a_query_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with serve(tmp_path / "store.duckdb", "token", clock_ns=lambda: NOW_S * 10**9, query_seconds=0.0) as url:
        client = Client(url)
        lines = "\n".join(f"m,s=s{i} x={i} {NOW_S + i}" for i in range(500))
        client.write(lines, precision="s")
        errors = {
            client.query("SELECT max(x), s FROM m GROUP BY s").json["results"][0].get("error", "") for _ in range(5)
        }

    assert "query timeout limit exceeded: 0 s" in errors


def test_a_time_range_of_one_measurement_is_deleted(client: Client) -> None:
    client.write(TEN + "\n" + TEN.replace("m,", "other,"), precision="s")
    body = {"start": "2026-11-22T00:00:03Z", "stop": "2026-11-22T00:00:05Z", "predicate": '_measurement="m"'}

    assert client.ask("POST", "/api/v2/delete?org=cityops&bucket=city", json.dumps(body).encode()).status == 204
    assert client.query("SELECT count(x) FROM m").rows[0][1] == 7
    assert client.query("SELECT count(x) FROM other").rows[0][1] == 10


def test_an_emptied_bucket_forgets_its_types_and_series(client: Client) -> None:
    client.write(TEN, precision="s")
    client.write(TEN, bucket="city_live", precision="s")
    everything = {"start": "1970-01-01T00:00:00Z", "stop": "2100-01-01T00:00:00Z"}

    assert client.ask("POST", "/api/v2/delete?bucket=city", json.dumps(everything).encode()).status == 204
    assert client.query("SHOW MEASUREMENTS").rows == []
    assert client.write(f"m,area=a0 x=5i {NOW_S}", precision="s").status == 204
    assert client.query("SELECT x FROM m", epoch="s").rows == [[NOW_S, 5]]
    assert client.query("SELECT count(x) FROM m", db="city_live").rows[0][1] == 10


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"{}", 400), (b"[1]", 400), (b'{"start": "x", "stop": "y"}', 400)]
)
def test_a_deletion_that_says_too_little_deletes_nothing(client: Client, body: bytes, status: int) -> None:
    client.write(TEN, precision="s")

    assert client.ask("POST", "/api/v2/delete?bucket=city", body).status == status
    assert client.query("SELECT count(x) FROM m").rows[0][1] == 10


def test_ping_and_health_need_no_token(client: Client) -> None:
    stranger = Client(client.url, "")

    assert stranger.ask("GET", "/ping").status == 204
    assert stranger.ask("GET", "/health").json["status"] == "pass"


@pytest.mark.parametrize("scheme", ["Token {}", "Bearer {}", "token {}"])
def test_the_token_may_come_in_each_scheme_clients_use(client: Client, scheme: str) -> None:
    stranger = Client(client.url, "")

    assert stranger.ask("GET", "/query?q=SHOW+DATABASES", Authorization=scheme.format(client.token)).status == 200
    assert stranger.ask("GET", f"/query?q=SHOW+DATABASES&u=x&p={client.token}").status == 200


def test_queries_beside_deletions_answer_what_is_there(client: Client) -> None:
    everything = json.dumps({"start": "1970-01-01T00:00:00Z", "stop": "2100-01-01T00:00:00Z"}).encode()
    done = threading.Event()

    def write_and_delete() -> None:
        for _ in range(30):
            client.write(TEN, precision="s")
            client.ask("POST", "/api/v2/delete?bucket=city", everything)
        done.set()

    worker = threading.Thread(target=write_and_delete)
    worker.start()
    results = []
    while not done.is_set():
        results.append(client.query("SELECT count(x) FROM m").json["results"][0])
    worker.join()

    assert {len(result.get("series", [])) for result in results} <= {0, 1}
    assert [result["error"] for result in results if "error" in result] == []
    assert {series["values"][0][1] for result in results for series in result.get("series", [])} <= {10}


@pytest.mark.parametrize("name", ["a\\b", '\\"', "hai chữ"])
def test_a_quoted_name_may_hold_a_quote_and_a_backslash(client: Client, name: str) -> None:
    plain = name.replace(" ", "\\ ")
    client.write(f"m,area=a {plain}=1 {NOW_S}", precision="s")
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')

    assert client.query(f'SELECT "{quoted}" FROM "m"').rows == [["2026-11-22T00:00:00Z", 1]]  # noqa: S608 - the name is the test
