"""Empties a city: its log, its group's offsets, its store. Nothing may read or write them meanwhile."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from city.errors import CityopsError, UnreachableError
from city.rules.notice import FIRING_FILE
from embedded.parts import store_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kafka import TopicPartition
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError
    from kafka.structs import OffsetAndMetadata

    from runtime.settings import Settings

ALERTS = ("rules-state.json", FIRING_FILE)
"""What the alerting remembers and tells; what fired over the emptied figures means nothing any more."""
BUCKETS = ("city", "city_live", "city_rollup")
PATIENCE_S = 30.0


def empty_city(settings: Settings) -> None:
    """Empty what the settings name: servers of the person's own, or the files of the embedded ones.

    The embedded broker keeps nothing: stopping it was enough.

    Raises:
        CityopsError: a server refused or did not answer; what was emptied by then stays empty.
    """
    if settings.broker and not settings.broker_embedded:
        empty_log(settings)
    if settings.store_url:
        empty_buckets(settings)
    else:
        for path in store_files(settings.data_dir):
            path.unlink(missing_ok=True)
    for name in ALERTS:
        (settings.data_dir / name).unlink(missing_ok=True)


def empty_log(settings: Settings) -> None:
    """Delete every record of the city's topics, and commit that the log begins anew, and whole, at its end."""
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError

    from embedded.handshake import await_kafka
    from runtime.kafka_access import kafka_access

    addresses = settings.broker.split(",")
    # kafka-python's own answer to a wrong address takes half a minute, and leaves its sockets open.
    access = kafka_access(settings)
    await_kafka(addresses, access=access)
    shown = access.for_kafka_python()
    try:
        admin = KafkaAdminClient(bootstrap_servers=addresses, request_timeout_ms=int(PATIENCE_S * 1000), **shown)
        try:
            _truncate(admin, settings, shown)
        finally:
            admin.close()
    except KafkaError as error:
        raise UnreachableError(f"cannot empty the log at {settings.broker}: {error}") from error


def _truncate(admin: KafkaAdminClient, settings: Settings, shown: Mapping[str, Any]) -> None:
    from kafka import KafkaConsumer, TopicPartition
    from kafka.errors import NoError
    from kafka.structs import OffsetAndMetadata

    from city import catalogue
    from stream_app.core.checkpoint import NEVER, Checkpoint

    domains = {domain.topic for domain in catalogue.load().domains}
    consumer = KafkaConsumer(bootstrap_servers=settings.broker.split(","), enable_auto_commit=False, **shown)
    try:
        there = {topic: consumer.partitions_for_topic(topic) for topic in consumer.topics()}
        ours = [
            TopicPartition(topic, number)
            for topic in sorted(domains.union(catalogue.SIDE_TOPICS))
            for number in sorted(there.get(topic) or ())
        ]
        ends: dict[TopicPartition, int] = consumer.end_offsets(ours)
    finally:
        consumer.close()
    admin.delete_records(dict(ends))
    # Without this commit a worker would meet a log that begins past 0 and must take its first windows for damaged.
    anew = {
        place: OffsetAndMetadata(end, Checkpoint(end, end, NEVER, NEVER, len(there[place.topic] or ()), {}).text(), -1)
        for place, end in ends.items()
        if place.topic in domains
    }
    for place, fault in _committed(admin, settings.group, anew).items():
        if fault is not NoError:
            raise CityopsError(
                f"the group {settings.group} keeps its offset of {place.topic}-{place.partition}: {fault.__name__}; "
                "stop its workers first"
            )


def _committed(
    admin: KafkaAdminClient, group: str, offsets: dict[TopicPartition, OffsetAndMetadata]
) -> dict[TopicPartition, type[KafkaError]]:
    """Commit for the group; a Kafka that has never had one makes room for it first, and says so until it has."""
    from kafka.errors import KafkaError

    deadline = time.monotonic() + PATIENCE_S
    answers: dict[TopicPartition, type[KafkaError]] = {}
    while offsets:
        try:
            answers = admin.alter_group_offsets(group, offsets)
        except KafkaError as error:
            if not error.retriable or time.monotonic() > deadline:
                raise
        else:
            if time.monotonic() > deadline or not any(fault.retriable for fault in answers.values()):
                break
        time.sleep(0.2)
    return answers


def empty_buckets(settings: Settings) -> None:
    """Delete every point of the city's buckets; a bucket that does not exist is empty."""
    where = urlsplit(settings.store_url)
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    headers = {"Authorization": f"Token {settings.store_token()}", "Content-Type": "application/json"}
    everything = json.dumps({"start": "1970-01-01T00:00:00Z", "stop": "2261-01-01T00:00:00Z"})
    for bucket in BUCKETS:
        connection = kind(where.hostname or "", where.port, timeout=PATIENCE_S)
        target = "/api/v2/delete?" + urlencode({"org": settings.store_org, "bucket": bucket})
        try:
            connection.request("POST", target, everything, headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(f"no answer from the store at {settings.store_url}: {error}") from error
        finally:
            connection.close()
        if status not in {204, 404}:
            raise UnreachableError(f"the store at {settings.store_url} keeps bucket {bucket}: it answers {status}")
