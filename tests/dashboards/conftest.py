from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from city import catalogue
from city.instant import NS
from dashboards import provisioned
from embedded.store import serve
from infra.native.influxdb import InfluxDB
from tests.dashboards.city import lines, others
from tests.servers import needs
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.catalogue import Catalogue
    from city.domain import Domain


@pytest.fixture(scope="session")
def packs() -> Catalogue:
    return catalogue.load()


@pytest.fixture(scope="session")
def built(packs: Catalogue) -> dict[str, str]:
    """Every provisioned file."""
    return provisioned.build(packs)


@pytest.fixture(scope="session")
def traffic(packs: Catalogue) -> Domain:
    return packs.domain("traffic")


@pytest.fixture(scope="session")
def now_s() -> int:
    """One moment for all stores: real InfluxDB reads its own clock for `now()`."""
    return int(time.time())


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory, now_s: int, packs: Catalogue) -> Iterator[Client]:
    with serve(tmp_path_factory.mktemp("boards") / "store.duckdb", "token", clock_ns=lambda: now_s * NS) as url:
        client = Client(url)
        for text in (lines(now_s), others(packs, now_s)):
            assert client.write(text, bucket="city_live", precision="s").status == 204
        yield client


@pytest.fixture(scope="session")
def influxdb(tmp_path_factory: pytest.TempPathFactory, now_s: int, packs: Catalogue) -> Iterator[Client]:
    needs(InfluxDB)
    with InfluxDB(tmp_path_factory.mktemp("influxdb")) as server:
        client = Client(server.url, server.token)
        for text in (lines(now_s), others(packs, now_s)):
            assert client.write(text, bucket="city_live", precision="s").status == 204
        yield client


@pytest.fixture(params=["embedded", pytest.param("influxdb", marks=pytest.mark.live)])
def store(request: pytest.FixtureRequest) -> Client:
    found: Client = request.getfixturevalue(request.param)
    return found
