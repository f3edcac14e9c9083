"""Opens a publisher on a broker: topics checked, partitions counted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kafka.errors import KafkaError

from city.errors import CityopsError, UnreachableError
from producers.client import abandon, connect, reason
from producers.publisher import Publisher
from producers.topics import ensure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from producers.client import Producer
    from runtime.connect import Broker


def open_publisher(
    broker: Broker,
    topics: Iterable[str],
    partitions: int,
    *,
    max_waiting: int = 50_000,
    sleep: Callable[[float], object] = time.sleep,
    stopping: Callable[[], bool] = lambda: False,
) -> Publisher:
    """A publisher to `topics`, each made or checked first; the embedded broker decides on its partitions itself.

    Raises:
        UnreachableError: nobody answers.
        CityopsError: a topic is not what it must be.
    """
    names = tuple(topics)
    ensure(broker, names, partitions)
    first: list[Producer] = [connect(broker)]
    try:
        count = _count(first[0], broker, names) if broker.embedded else partitions
    except CityopsError:
        abandon(first[0])
        raise

    def connected() -> Producer:
        return first.pop() if first else connect(broker)

    return Publisher(connected, names, count, max_waiting=max_waiting, sleep=sleep, stopping=stopping)


def _count(producer: Producer, broker: Broker, topics: tuple[str, ...]) -> int:
    try:
        counts = {len(producer.partitions_for(topic) or ()) for topic in topics}
    except KafkaError as error:
        raise UnreachableError(f"no Kafka answers at {broker.address}: {reason(error)}") from error
    if len(counts) != 1 or 0 in counts:
        raise CityopsError(f"the topics at {broker.address} have no common number of partitions: {sorted(counts)}")
    return counts.pop()
