"""What the city's topics must be like, and making those that are not there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAlreadyExistsError

from city.catalogue import SIDE_TOPICS
from city.errors import CityopsError, UnreachableError
from producers.client import PATIENCE_S, probe, reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runtime.connect import Broker

_MAKE = {"cleanup.policy": "delete", "message.timestamp.after.max.ms": "60000"}


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as a broker holds it."""

    name: str
    partitions: int
    cleanup: str  # `cleanup.policy`


def faults(topics: Iterable[Topic], partitions: int) -> list[str]:
    """What is wrong with each topic, in words that say what to do."""
    found = []
    for topic in topics:
        if "compact" in topic.cleanup:
            found.append(
                f"topic {topic.name} has cleanup.policy={topic.cleanup}, and compaction would eat events "
                "(their key is the area): set it to delete"
            )
        if topic.partitions != partitions:
            found.append(
                f"topic {topic.name} has {topic.partitions} partitions and the settings say {partitions}: "
                f"set partitions = {topic.partitions}"
            )
    return found


def ensure(broker: Broker, names: Iterable[str], partitions: int) -> None:
    """Make the topics that are missing, the worker's side topics too, and refuse those that would misplace events.

    The embedded broker makes its own and cannot be asked.

    Raises:
        UnreachableError: nobody answers.
        CityopsError: a topic is not what it must be; says what to do.
    """
    if broker.embedded:
        return
    wanted = list(names)
    probe(broker)
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=broker.address.split(","),
            client_id="cityops",
            request_timeout_ms=int(PATIENCE_S * 1000),
            bootstrap_timeout_ms=int(PATIENCE_S * 1000),
            **broker.access.for_kafka_python(),
        )
    except KafkaError as error:
        raise UnreachableError(f"no Kafka answers at {broker.address}: {reason(error)}") from error
    try:
        _make(admin, sorted({*wanted, *SIDE_TOPICS} - set(admin.list_topics())), partitions)
        found = _describe(admin, wanted)
    except KafkaError as error:
        raise CityopsError(f"Kafka at {broker.address} refuses to show or make topics: {reason(error)}") from error
    finally:
        admin.close()
    if wrong := faults(found, partitions):
        raise CityopsError("; ".join(wrong))


def _make(admin: Any, names: list[str], partitions: int) -> None:
    if not names:
        return
    topics = {name: {"num_partitions": partitions, "replication_factor": -1, "configs": _MAKE} for name in names}
    with suppress(TopicAlreadyExistsError):  # another part was quicker
        admin.create_topics(topics)
    admin.wait_for_topics(names, timeout_ms=int(PATIENCE_S * 1000))


def _describe(admin: Any, names: list[str]) -> list[Topic]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    configs = admin.describe_configs(resources, config_filter="all")["topic"]
    counts = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics(names)}
    return [Topic(name, counts[name], str(configs[name]["cleanup.policy"]["value"])) for name in names]
