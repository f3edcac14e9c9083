from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from embedded.store import serve
from infra.native.influxdb import InfluxDB
from runtime.connect import Store
from summary.store import LIVE, ROLLUP, SETTLED, StoreOverHttp
from tests.servers import needs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW_NS = 1_795_200_000 * 10**9


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreOverHttp]:
    with serve(tmp_path / "store.duckdb", "token", clock_ns=lambda: NOW_NS) as url:
        opened = StoreOverHttp(Store(url, "cityops", "token"), tmp_path / "refused")
        yield opened
        opened.close()


@pytest.fixture
def influxdb(tmp_path: Path) -> Iterator[StoreOverHttp]:
    """A real InfluxDB that keeps for ever: the day of the tests grows old."""
    needs(InfluxDB)
    with InfluxDB(tmp_path / "influxdb", buckets=dict.fromkeys((SETTLED, LIVE, ROLLUP), 0)) as server:
        opened = StoreOverHttp(Store(server.url, server.org, server.token), tmp_path / "refused")
        yield opened
        opened.close()
