"""Which broker and which store a command talks to: the ones set, else those of the running city."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from city.errors import CityopsError
from runtime.kafka_access import KafkaAccess, kafka_access
from runtime.part import running

if TYPE_CHECKING:
    from runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Broker:
    """A Kafka to connect to."""

    address: str  # HOST:PORT[,HOST:PORT]
    embedded: bool  # the mock cluster: kafka-python needs `api_version=(2, 3)`, topics are not created
    access: KafkaAccess = field(default_factory=KafkaAccess)


@dataclass(frozen=True, slots=True)
class Store:
    """An InfluxDB to connect to."""

    url: str
    org: str
    token: str = field(repr=False)


def find_broker(settings: Settings) -> Broker:
    """The broker of the settings, else of the city that runs on `data_dir`.

    Raises:
        CityopsError: no broker is set and no city runs, or its broker is not ready, or its password is missing.
    """
    if settings.broker:
        return Broker(settings.broker, settings.broker_embedded, kafka_access(settings))
    broker = _part(settings, "broker")
    return Broker(str(broker["address"]), bool(broker["embedded"]))


def find_store(settings: Settings) -> Store:
    """The store of the settings, else of the city that runs on `data_dir`.

    Raises:
        CityopsError: no store is set and no city runs, or its store is not ready, or there is no token.
    """
    url = settings.store_url or str(_part(settings, "store")["url"])
    return Store(url, settings.store_org, settings.store_token())


def _part(settings: Settings, name: str) -> dict[str, Any]:
    """What a part of the running city has announced."""
    facts = running(settings.data_dir).get(name)
    if not isinstance(facts, dict):
        raise CityopsError(f"the {name} of the city on {settings.data_dir} is not ready: try again when it has started")
    return facts
