"""What Grafana's InfluxDB data source (InfluxQL) asks of a server: any store of ours answers it as InfluxDB does."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.contract.conftest import without_token

if TYPE_CHECKING:
    from tests.store.web import Client, Reply

T_MS = 1_795_132_800_000  # 2026-11-20T00:00:00Z
FLOW = "\n".join(
    f"flow,area=0000{area},kind={kind} count={step + area}i,speed={step * 1.5} {(T_MS + step * 10_000) * 10**6 + area}"
    for step in range(6)
    for area in (1, 2)
    for kind in ("car", "bus")
)
RANGE = f"time >= {T_MS}ms and time <= {T_MS + 59_999}ms"


@pytest.fixture
def filled(store: Client) -> Client:
    assert store.write(FLOW).status == 204
    return store


def posted(store: Client, query: str, **parameters: str) -> Reply:
    """A query as the data source posts it: `db` and `epoch` in the address, `q` in a form."""
    address = "/query?" + urlencode({"db": "city", "epoch": "ms", **parameters})
    form = urlencode({"q": query}).encode()
    return store.ask("POST", address, form, Content_Type="application/x-www-form-urlencoded")


def only(reply: Reply) -> list[dict[str, Any]]:
    """The series of the only statement."""
    assert reply.status == 200, reply.body
    (result,) = reply.json["results"]
    assert "error" not in result
    return list(result.get("series", []))


def test_the_health_check_finds_a_server(store: Client) -> None:
    health = store.ask("GET", "/health")

    assert health.status == 200
    assert health.json["name"] == "influxdb"
    assert health.json["status"] == "pass"
    assert health.json["version"].startswith("v2.7")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_ping_names_the_version(store: Client, method: str) -> None:
    ping = without_token(store).ask(method, "/ping")

    assert ping.status == 204
    assert ping.headers["X-Influxdb-Version"].startswith("v2.7")


@pytest.mark.parametrize(
    ("query", "columns", "values"),
    [
        ("SHOW MEASUREMENTS LIMIT 100", ["name"], [["flow"]]),
        ("SHOW MEASUREMENTS WITH MEASUREMENT =~ /(?i)FL/ LIMIT 100", ["name"], [["flow"]]),
        ('SHOW FIELD KEYS FROM "flow"', ["fieldKey", "fieldType"], [["count", "integer"], ["speed", "float"]]),
        (
            'SHOW FIELD KEYS FROM "autogen"."flow"',
            ["fieldKey", "fieldType"],
            [["count", "integer"], ["speed", "float"]],
        ),
        ('SHOW TAG KEYS FROM "flow"', ["tagKey"], [["area"], ["kind"]]),
        ('SHOW TAG KEYS FROM "flow" WHERE "kind" = \'car\'', ["tagKey"], [["area"], ["kind"]]),
        ('SHOW TAG VALUES FROM "flow" WITH KEY = "area"', ["key", "value"], [["area", "00001"], ["area", "00002"]]),
        (
            f'SHOW TAG VALUES FROM "flow" WITH KEY = "kind" WHERE {RANGE} LIMIT 5000',
            ["key", "value"],
            [["kind", "bus"], ["kind", "car"]],
        ),
        (
            'SHOW TAG VALUES FROM "flow" WITH KEY = "area" WHERE "kind" =~ /^(car|bus)$/ AND "area" != \'00002\'',
            ["key", "value"],
            [["area", "00001"]],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_query_editor_finds_what_there_is(
    filled: Client, query: str, columns: list[str], values: list[list[str]]
) -> None:
    (series,) = only(posted(filled, query))

    assert series["columns"] == columns
    assert series["values"] == values


def test_the_query_editor_finds_databases_and_their_policy(store: Client) -> None:
    (databases,) = only(store.query("SHOW DATABASES", db=""))
    (policies,) = only(posted(store, 'SHOW RETENTION POLICIES on "city"'))

    assert {"city", "city_live", "city_rollup"} <= {name for (name,) in databases["values"]}
    assert [(row[0], row[-1]) for row in policies["values"]] == [("autogen", True)]


@pytest.mark.parametrize("measurement", ['"flow"', '"autogen"."flow"', '"city"."autogen"."flow"', "city..flow"])
def test_a_panel_is_answered_in_milliseconds(filled: Client, measurement: str) -> None:
    query = (
        f'SELECT mean("count"::field) AS "n" FROM {measurement} WHERE ("kind"::tag = \'car\') AND {RANGE} '  # noqa: S608 - InfluxQL
        'GROUP BY time(20s), "area"::tag fill(null) ORDER BY time ASC'
    )
    first, second = only(posted(filled, query))

    assert first["tags"] == {"area": "00001"}
    assert first["columns"] == ["time", "n"]
    assert first["values"] == [[T_MS, 1.5], [T_MS + 20_000, 3.5], [T_MS + 40_000, 5.5]]
    assert second["values"] == [[T_MS, 2.5], [T_MS + 20_000, 4.5], [T_MS + 40_000, 6.5]]


def test_the_queries_of_a_panel_are_answered_each_in_its_place(filled: Client) -> None:
    reply = posted(filled, 'SELECT max("count") FROM "flow"; SELECT nothing FROM "flow";\nSHOW MEASUREMENTS LIMIT 1')

    assert reply.status == 200
    first, nothing, last = reply.json["results"]
    assert [result["statement_id"] for result in reply.json["results"]] == [0, 1, 2]
    assert first["series"][0]["values"][0][1] == 7
    assert "series" not in nothing
    assert last["series"][0]["values"] == [["flow"]]


def test_what_cannot_be_carried_out_is_said_beside_the_results(filled: Client) -> None:
    reply = posted(filled, 'SELECT mean("count"), "speed" FROM "flow"')

    assert reply.status == 200
    assert "mixing aggregate and non-aggregate queries" in reply.json["results"][0]["error"]


@pytest.mark.parametrize("chunk_size", ["", "2"])
def test_an_answer_in_chunks_has_every_row_once(filled: Client, chunk_size: str) -> None:
    more = {"chunk_size": chunk_size} if chunk_size else {}
    reply = posted(
        filled, 'SELECT "count" FROM "flow" WHERE "area" = \'00001\' AND "kind" = \'car\'', chunked="true", **more
    )

    assert reply.status == 200
    rows = [
        row
        for line in reply.body.decode().splitlines()
        for result in json.loads(line)["results"]
        for series in result["series"]
        for row in series["values"]
    ]
    assert rows == [[T_MS + step * 10_000, step + 1] for step in range(6)]


@pytest.mark.parametrize(("policy", "found"), [("", True), ("autogen", True), ("two_weeks", False)])
def test_a_retention_policy_is_known_or_named(filled: Client, policy: str, found: bool) -> None:  # noqa: FBT001 - of the table
    (result,) = filled.query('SELECT "count" FROM "flow" LIMIT 1', rp=policy).json["results"]

    assert ("series" in result) is found
    assert result.get("error", "retention policy not found: two_weeks") == "retention policy not found: two_weeks"


@pytest.mark.parametrize("way", ["token", "basic", "parameters"])
def test_it_may_sign_in_as_influxdb_allows(filled: Client, way: str) -> None:
    token = filled.token
    nobody = without_token(filled)
    given = {"token": f"Token {token}", "basic": f"Basic {b64encode(f'grafana:{token}'.encode()).decode()}"}
    named = {"u": "grafana", "p": token} if way == "parameters" else {}
    address = "/query?" + urlencode({"db": "city", "q": "SHOW MEASUREMENTS", **named})
    reply = nobody.ask("GET", address, Authorization=given[way]) if way in given else nobody.ask("GET", address)

    assert reply.status == 200
    assert reply.json["results"][0]["series"][0]["values"] == [["flow"]]


@pytest.mark.parametrize("token", ["", "another"])
@pytest.mark.parametrize("address", ["/query?db=city&q=SHOW+MEASUREMENTS", "/api/v2/write?org=cityops&bucket=city"])
def test_without_its_token_nobody_is_answered(store: Client, token: str, address: str) -> None:
    method = "GET" if address.startswith("/query") else "POST"
    assert without_token(store, token).ask(method, address, None if method == "GET" else b"m x=1").status == 401


def test_a_large_answer_is_packed_for_who_unpacks(filled: Client) -> None:
    body = "\n".join(f"many,n=n{number} x={number} {T_MS * 10**6}" for number in range(1_000))
    assert filled.write(body).status == 204
    reply = filled.ask("GET", "/query?db=city&q=SELECT+*+FROM+many", Accept_Encoding="gzip")

    assert reply.headers["Content-Encoding"] == "gzip"


def test_a_query_without_text_is_refused(store: Client) -> None:
    assert store.ask("GET", "/query?db=city").status == 400


def test_a_variable_query_by_get_is_answered_too(filled: Client) -> None:
    (series,) = only(filled.query('SHOW TAG VALUES FROM "flow" WITH KEY = "kind"', epoch="ms"))
    assert series["values"] == [["kind", "bus"], ["kind", "car"]]
