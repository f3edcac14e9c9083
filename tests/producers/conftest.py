from __future__ import annotations

import gc
import logging
import uuid
from typing import TYPE_CHECKING

import pytest

from embedded.broker import Broker as Embedded
from infra.native.kafka import Kafka
from runtime.connect import Broker
from tests.servers import needs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def embedded() -> Broker:
    # The mock cluster lives as long as this object: kept by the fixture for the whole run.
    cluster = Embedded()
    _KEPT.append(cluster)
    return Broker(cluster.address, embedded=True)


_KEPT: list[Embedded] = []


@pytest.fixture(scope="session")
def kafka_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    needs(Kafka)
    with Kafka(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.live)])
def broker(request: pytest.FixtureRequest) -> Broker:
    if request.param == "embedded":
        found: Broker = request.getfixturevalue("embedded")
        return found
    return Broker(request.getfixturevalue("kafka_server").address, embedded=False)


@pytest.fixture
def collected(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Collect what a test leaves behind before another test is blamed for it; log records would keep it."""
    caplog.set_level(logging.CRITICAL, "kafka")
    yield
    gc.collect()


@pytest.fixture
def topic() -> str:
    return f"city.test-{uuid.uuid4().hex}"
