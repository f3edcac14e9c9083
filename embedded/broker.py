"""The embedded broker: the mock cluster inside librdkafka, a process of its own (`python -m embedded.broker`).

A broker for demonstrations: memory only, the oldest records given up when a partition is full (`limits.py`), a
new port at each start.
"""

from __future__ import annotations

import argparse
import logging
import time
from typing import TYPE_CHECKING

from confluent_kafka import KafkaError, KafkaException, Producer

from city import catalogue
from city.errors import CityopsError
from city.event import CONTENT_TYPE, tick
from embedded.limits import PARTITIONS
from runtime.part import announce, run, start, told_to_stop

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable

_PATIENCE_S = 10.0
_log = logging.getLogger("embedded.broker")


class Broker:
    """A Kafka cluster of one node on loopback, for as long as this object lives."""

    def __init__(self) -> None:
        # The only door to the mock cluster is a client: its first broker is the one it starts itself.
        self._client = Producer(
            {
                "bootstrap.servers": "the mock replaces it",
                "test.mock.num.brokers": 1,
                "partitioner": "murmur2_random",
                "compression.type": "gzip",
                "enable.idempotence": True,
                "message.timeout.ms": int(_PATIENCE_S * 1000),
            },
            logger=_log,
        )
        nodes = self._client.list_topics(timeout=_PATIENCE_S).brokers.values()
        self.address = ",".join(f"{node.host}:{node.port}" for node in nodes)

    def make(self, topics: Iterable[str]) -> None:
        """Make each topic, with `PARTITIONS` partitions: asking for one is how this broker makes it."""
        for topic in topics:
            self._client.list_topics(topic, timeout=_PATIENCE_S)

    def begin(self, topics: Iterable[str], heard_ns: int) -> None:
        """Open each partition's log with a *begin* tick at `heard_ns`.

        This log is new and the store beside it is not: no window that began before the tick is complete in it.

        Raises:
            CityopsError: a tick was not stored.
        """
        failures: list[str] = []

        def delivered(error: KafkaError | None, _: object) -> None:
            if error is not None:
                failures.append(str(error))

        for topic in topics:
            for partition in range(PARTITIONS):
                self._client.produce(
                    topic,
                    value=tick(heard_ns, source="broker", begin=True),
                    partition=partition,
                    headers=[("content-type", CONTENT_TYPE.encode())],
                    on_delivery=delivered,
                )
        unsent = self._client.flush(_PATIENCE_S)
        if unsent or failures:
            raise CityopsError(f"the embedded broker refused its begin ticks: {failures or 'no answer'}")

    def serve(self, stop: threading.Event) -> None:
        """Return when `stop` is set. The cluster works in threads of librdkafka; only its log needs us."""
        while not stop.wait(1.0):
            self._client.poll(0)


def main() -> None:
    """Run the broker until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="embedded.broker")
    parser.add_argument("--begin", action="store_true", help="the store beside this new log already holds data")
    begin: bool = parser.parse_args().begin
    settings = start()
    stop = told_to_stop()

    topics = [domain.topic for domain in catalogue.load().domains]
    try:
        broker = Broker()
        broker.make((*topics, *catalogue.SIDE_TOPICS))
    except KafkaException as error:
        raise CityopsError(f"the embedded broker does not start: {error}") from error
    if begin:
        broker.begin(topics, time.time_ns())
    announce(settings, "broker", address=broker.address)
    _log.info("ready at %s, topics %s%s", broker.address, ", ".join(topics), ", begun anew" if begin else "")
    broker.serve(stop)


if __name__ == "__main__":
    run(main)
