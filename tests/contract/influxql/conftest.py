"""Both stores with the same data, for as long as a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from embedded.store import serve
from infra.native.influxdb import BUCKETS, InfluxDB
from tests.contract.conftest import NOW_S
from tests.contract.influxql.data import data, generated_data
from tests.servers import needs
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The embedded store with the data of every question."""
    path = tmp_path_factory.mktemp("answers") / "store.duckdb"
    with serve(path, "token", clock_ns=lambda: NOW_S * 10**9) as url:
        client = Client(url)
        for body in data():
            assert client.write(body).status == 204
        assert client.write(generated_data(), bucket="city_live").status == 204
        yield client


@pytest.fixture(scope="session")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A real InfluxDB with the same; of its own, for other tests empty theirs."""
    needs(InfluxDB)
    with InfluxDB(tmp_path_factory.mktemp("asked"), buckets=dict.fromkeys(BUCKETS, 0)) as server:
        client = Client(server.url, server.token)
        for body in data():
            assert client.write(body).status == 204
        assert client.write(generated_data(), bucket="city_live").status == 204
        yield client
