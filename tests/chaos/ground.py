"""One Kafka and one InfluxDB for many experiments, each of which finds empty topics and an organisation of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from infra.native.influxdb import InfluxDB
from infra.native.influxdb.setup import _ask
from infra.native.kafka import Kafka
from producers.log import Log
from runtime.connect import Broker, Store
from stream_app.side import TOPICS as SIDE
from tests.stream.brokers import PARTITIONS, make_topics
from tests.whole.city import CATALOGUE
from tests.whole.proxy import wait_until

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from producers.log import At

DOMAINS = tuple(domain.topic for domain in CATALOGUE.domains)
_PATIENCE_S = 60.0
_PROPERTIES = {"auto.create.topics.enable": "false"}
"""A client of the experiment before would make a topic again that was just removed."""
_LARGEST = 25_000_000


class Ground:
    """Both servers, running.

    Args:
        folder: everything they keep is below.
        stack: what stops them.
    """

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.kafka = stack.enter_context(Kafka(folder / "kafka", partitions=PARTITIONS, properties=_PROPERTIES))
        self.influxdb = stack.enter_context(InfluxDB(folder / "influxdb"))

    @property
    def broker(self) -> str:
        """Where Kafka is."""
        return self.kafka.address

    def clear(self) -> None:
        """Both servers run, and the city's topics are empty."""
        self.kafka.start()
        self.influxdb.start()
        self.remove_topics(*DOMAINS, *SIDE.values())
        make_topics(self.broker, *DOMAINS, *SIDE.values(), max_message_bytes=str(_LARGEST))

    def remove_topics(self, *names: str) -> None:
        """Wait until there are no such topics."""
        admin = AdminClient({"bootstrap.servers": self.broker, "log_level": 4})

        def gone() -> bool:
            there = set(names) & admin.list_topics(timeout=_PATIENCE_S).topics.keys()
            for one in admin.delete_topics(list(there)).values() if there else ():
                try:
                    one.result(_PATIENCE_S)
                except KafkaException:  # asked twice, or not known any more
                    continue
            return not there

        wait_until(gone, _PATIENCE_S, f"{names} are gone")

    def organisation(self, name: str) -> Store:
        """A new organisation with empty buckets, and a token that sees nothing else."""
        port, operator = self.influxdb.port, self.influxdb.token
        org = _ask(port, "POST", "/api/v2/orgs", {"name": name}, token=operator)["id"]
        for bucket in self.influxdb.buckets:
            _ask(port, "POST", "/api/v2/buckets", {"orgID": org, "name": bucket, "retentionRules": []}, token=operator)
        allowed = [
            {"action": action, "resource": {"type": kind, "orgID": org}}
            for action in ("read", "write")
            for kind in ("buckets", "dbrp")
        ]
        made = _ask(port, "POST", "/api/v2/authorizations", {"orgID": org, "permissions": allowed}, token=operator)
        return Store(self.influxdb.url, name, made["token"])

    def ends(self) -> dict[At, int]:
        """Partition of the city's topics → where its log ends now."""
        log = Log(Broker(self.broker, embedded=False), DOMAINS, group="chaos-ends")
        try:
            return {at: end for at, (_, end) in log.bounds().items()}
        finally:
            log.close()
