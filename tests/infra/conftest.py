"""Real servers, one of each for the tests of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.native.influxdb import InfluxDB
from infra.native.kafka import Kafka
from tests.servers import needs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    needs(Kafka)
    with Kafka(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture(scope="module")
def influxdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxDB]:
    needs(InfluxDB)
    with InfluxDB(tmp_path_factory.mktemp("influxdb")) as server:
        yield server
