"""Which broker and which store a command talks to: the ones set, else those of the running city."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runtime.part import running

if TYPE_CHECKING:
    from runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Broker:
    """A Kafka to connect to."""

    address: str  # HOST:PORT[,HOST:PORT]
    embedded: bool  # the mock cluster: kafka-python needs `api_version=(2, 3)`, topics are not created


@dataclass(frozen=True, slots=True)
class Store:
    """An InfluxDB to connect to."""

    url: str
    org: str
    token: str = field(repr=False)


def find_broker(settings: Settings) -> Broker:
    """The broker of the settings, else of the city that runs on `data_dir`.

    Raises:
        CityopsError: no broker is set and no city runs.
    """
    if settings.broker:
        return Broker(settings.broker, settings.broker_embedded)
    broker = running(settings.data_dir)["broker"]
    return Broker(str(broker["address"]), bool(broker["embedded"]))


def find_store(settings: Settings) -> Store:
    """The store of the settings, else of the city that runs on `data_dir`.

    Raises:
        CityopsError: no store is set and no city runs, or there is no token.
    """
    url = settings.store_url or str(running(settings.data_dir)["store"]["url"])
    return Store(url, settings.store_org, settings.store_token())
