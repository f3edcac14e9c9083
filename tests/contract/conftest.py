"""The stores of the contract: the embedded one and a real InfluxDB, by parameter; each test finds them empty."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from embedded.store import serve
from infra.native.influxdb import BUCKETS, InfluxDB
from tests.servers import needs
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW_S = 1_795_305_600  # 2026-11-22T00:00:00Z


@pytest.fixture(scope="session")
def influxdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxDB]:
    """A real InfluxDB that keeps for ever: the days of the tests grow old."""
    needs(InfluxDB)
    with InfluxDB(tmp_path_factory.mktemp("influxdb"), buckets=dict.fromkeys(BUCKETS, 0)) as server:
        yield server


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Client]:
    with serve(tmp_path / "store.duckdb", "token", clock_ns=lambda: NOW_S * 10**9) as url:
        yield Client(url)


@pytest.fixture
def emptied(influxdb: InfluxDB) -> Client:
    """The real InfluxDB with its bucket `city` made anew."""
    client = Client(influxdb.url, influxdb.token)
    empty(client)
    return client


@pytest.fixture(params=["embedded", pytest.param("emptied", marks=pytest.mark.live)])
def store(request: pytest.FixtureRequest) -> Client:
    client: Client = request.getfixturevalue(request.param)
    return client


def empty(client: Client, bucket: str = "city") -> None:
    """Delete a bucket of a real InfluxDB and make it again."""
    (known,) = client.ask("GET", f"/api/v2/buckets?name={quote(bucket)}").json["buckets"]
    assert client.ask("DELETE", f"/api/v2/buckets/{known['id']}").status == 204
    made = {"orgID": known["orgID"], "name": bucket, "retentionRules": []}
    assert client.ask("POST", "/api/v2/buckets", json.dumps(made).encode()).status == 201


def without_token(client: Client, token: str = "") -> Client:
    """The same store, asked without its token or with another."""
    return replace(client, token=token)
