"""One Kafka node, broker and controller in one process, on loopback."""

from __future__ import annotations

import base64
import os
import subprocess
import uuid
from typing import TYPE_CHECKING, ClassVar

from city.errors import CityopsError
from infra.native.kafka.recipe import RECIPE
from infra.native.ports import LOOPBACK, answers, free_port
from infra.native.server import Launch, Server
from infra.native.tools import Java, find_java

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from infra.native.cache import Recipe

_FORMAT_S = 60.0
_ASK_S = 2.0
#: What the stream application rests on, as in Compose; and one node's replication.
_PROPERTIES: Mapping[str, str] = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "log.cleanup.policy": "delete",
    "log.message.timestamp.after.max.ms": "60000",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
}


class Kafka(Server):
    """Kafka on loopback; `address` is its bootstrap server.

    It serves again 3 s after a clean stop, and 12 s after a crash: the controller first lets the session of the dead
    broker run out (`broker.session.timeout.ms`, 9 s).

    Args:
        data_dir: log, metadata and configuration of this instance.
        port: to listen on; 0 takes a free one and keeps it for this folder.
        cache: where servers are installed.
        partitions: of a topic that a client's first use makes.
        heap_mb: the Java heap.
        properties: more lines for `server.properties`; they win.
    """

    recipe: ClassVar[Recipe] = RECIPE

    def __init__(
        self,
        data_dir: Path,
        port: int = 0,
        *,
        cache: Path | None = None,
        partitions: int = 12,
        heap_mb: int = 512,
        properties: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data_dir, port, cache=cache)
        self._heap_mb = heap_mb
        self._properties = {
            **_PROPERTIES,
            "num.partitions": str(partitions),
            "log.dirs": str(self.home / "data"),
            **(properties or {}),
        }

    def _launch(self, installed: Path, port: int) -> Launch:
        java = find_java()
        controller = free_port()
        properties = {
            "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
            # Static: a quorum kept in the log would hold the controller to a port that may be taken later.
            "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
            **self._properties,
        }
        configuration = self.home / "server.properties"
        configuration.write_text("".join(f"{k}={v}\n" for k, v in properties.items()), encoding="utf-8")
        classpath = f"{installed / 'lib'}{os.sep}*"
        if not (self.home / "data" / "meta.properties").exists():
            self._format(java, classpath, configuration)
        argv: list[str | Path] = [
            java.program,
            f"-Xmx{self._heap_mb}m",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
            "-cp",
            classpath,
            "kafka.Kafka",
            configuration,
        ]
        return Launch(argv, os.environ)

    def _format(self, java: Java, classpath: str, configuration: Path) -> None:
        """Make the empty log folder of a new cluster; done when `meta.properties` is there."""
        tool = ["kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", str(configuration)]
        options = ["-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
        try:
            ran = subprocess.run(  # noqa: S603 - the Java we found, with our own arguments
                [java.program, *options, "-cp", classpath, *tool],
                capture_output=True,
                text=True,
                timeout=_FORMAT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CityopsError(f"Kafka cannot make its log in {self.home} within {_FORMAT_S:.0f} s") from error
        if ran.returncode:
            raise CityopsError(f"Kafka cannot make its log in {self.home}: {(ran.stderr or ran.stdout).strip()}")

    def _healthy(self, port: int) -> bool:
        # The socket first: librdkafka is slow to try again after a refusal.
        return answers(port) and _serves(f"{LOOPBACK}:{port}")

    def _set_up(self, port: int) -> None:
        """Nothing: a topic comes with its first use."""


def _serves(address: str) -> bool:
    """Whether the broker at `address` takes part in a cluster: a fenced one names no brokers."""
    from confluent_kafka import KafkaException  # noqa: PLC0415 - 15 MB that installing does not need
    from confluent_kafka.admin import AdminClient  # noqa: PLC0415 - as above

    client = AdminClient({"bootstrap.servers": address, "log_level": 0, "socket.timeout.ms": 2000})
    try:
        return bool(client.list_topics(timeout=_ASK_S).brokers)
    except KafkaException:
        return False


def _cluster_id() -> str:
    """A random cluster id as Kafka writes them: 16 bytes, URL-safe base64 without padding, no leading dash."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text
