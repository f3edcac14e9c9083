"""Real servers for tests that need one: skipped with the reason where there is none, failed with CITYOPS_LIVE=1."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from city.errors import CityopsError
from infra.native.cache import default_cache, installed
from infra.native.influxdb import InfluxDB
from infra.native.kafka import Kafka

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.native.server import Server


def _needs(server: type[Server]) -> None:
    try:
        installed(server.recipe, default_cache())
    except CityopsError as error:
        if os.environ.get("CITYOPS_LIVE") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def kafka_installed() -> None:
    _needs(Kafka)


@pytest.fixture(scope="session")
def influxdb_installed() -> None:
    _needs(InfluxDB)


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory, kafka_installed: None) -> Iterator[Kafka]:
    _ = kafka_installed
    with Kafka(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture(scope="module")
def influxdb(tmp_path_factory: pytest.TempPathFactory, influxdb_installed: None) -> Iterator[InfluxDB]:
    _ = influxdb_installed
    with InfluxDB(tmp_path_factory.mktemp("influxdb")) as server:
        yield server
