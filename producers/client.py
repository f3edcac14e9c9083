"""The kafka-python producer, made for one promise: in order, once, for as long as it takes.

Every private name of the library that we lean on is touched here and nowhere else.
"""

from __future__ import annotations

import logging
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from kafka import KafkaProducer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError

from city.errors import UnreachableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.connect import Broker

PATIENCE_S: Final = 10.0
"""How long a first connection may take."""

BATCH_BYTES: Final = 128 * 1024
"""How much of a partition goes as one batch."""

LINGER_S: Final = 0.1
"""How long a batch waits for more: each costs as much as several events."""

_EMBEDDED_API: Final = (2, 3)  # kafka-python cannot read the mock cluster's answer to ApiVersions
_ABANDON_S: Final = 1.0
_SMALL_BYTES: Final = 64 * 1024


class Future(Protocol):
    """What a send will come to."""

    is_done: bool
    exception: BaseException | None


class Producer(Protocol):
    """The part of `KafkaProducer` that the publisher uses."""

    def send(  # noqa: PLR0917 - the library's own signature
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        headers: Sequence[tuple[str, bytes]] | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
    ) -> Future:
        """Buffer a record."""
        ...

    def flush(self, timeout: float | None = None) -> None:
        """Send what is buffered; raises `KafkaTimeoutError` when it takes longer."""
        ...

    def partitions_for(self, topic: str) -> set[int] | None:
        """The partitions of a topic, asked of the broker when unknown."""
        ...

    def close(self, timeout: float | None = None) -> None:
        """Flush and end."""
        ...


class _Direct(KafkaProducer):  # type: ignore[misc]  # kafka-python leaves it untyped
    """`send` without the questions to which the publisher has the answers: bytes, for a partition that it names.

    The library also wakes its sender for each batch that begins, some hundred times a second. The first is enough:
    until that has been sent, the sender sleeps no longer than it may linger, and then looks at all of them.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._known: set[str] = set()

    def send(  # noqa: PLR0917 - the library's own signature
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        headers: Any = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
    ) -> Any:
        """Buffer a record; for a topic of which nothing is known yet, or of a large one, as the library does."""
        if topic not in self._known or partition is None or value is None or len(value) > _SMALL_BYTES:
            sent = super().send(topic, value, key, headers, partition, timestamp_ms)
            if self._metadata.partitions_for_topic(topic):
                self._known.add(topic)
            return sent
        future, is_full, is_new, _ = self._accumulator.append(
            TopicPartition(topic, partition), timestamp_ms, key, value, headers or []
        )
        if is_full or (is_new and self._is_the_only_one()):
            self._sender.wakeup()
        return future

    def _is_the_only_one(self) -> bool:
        """Whether no other batch waits beside the one that has just begun; asked when that can be seen already."""
        return sum(map(len, list(self._accumulator._batches.values()))) <= 1  # noqa: SLF001


def connect(broker: Broker) -> Producer:
    """A producer for `broker`: idempotent, acknowledged by all, compressed, patient without end.

    Batches are large and linger a moment, because compression decides how much the embedded broker's five
    megabytes hold. gzip is the codec that kafka-python has without further packages.

    Raises:
        UnreachableError: nobody answers there.
    """
    probe(broker)
    embedded = {"api_version": _EMBEDDED_API} if broker.embedded else {}
    try:
        made: Producer = _Direct(
            bootstrap_servers=broker.address.split(","),
            client_id="cityops",
            acks="all",
            enable_idempotence=True,
            compression_type="gzip",
            batch_size=BATCH_BYTES,
            linger_ms=int(LINGER_S * 1000),
            delivery_timeout_ms=float("inf"),
            request_timeout_ms=10_000,
            max_block_ms=int(PATIENCE_S * 1000),
            bootstrap_timeout_ms=int(PATIENCE_S * 1000),
            reconnect_backoff_max_ms=1_000,
            metrics_enabled=False,
            **embedded,
            **broker.access.for_kafka_python(),
        )
    except KafkaError as error:
        raise UnreachableError(f"no Kafka answers at {broker.address}: {reason(error)}") from error
    return made


def probe(broker: Broker) -> None:
    """Make sure that somebody listens there. kafka-python's clients leave a thread behind when nobody does.

    Raises:
        UnreachableError: nobody listens, or the address is none.
    """
    fault = "there is no address"
    for address in broker.address.split(","):
        host, _, port = address.strip().rpartition(":")
        if not port.isdecimal() or not 0 < int(port) < 65_536:
            raise UsageError(f"the broker's address {address!r} is not HOST:PORT")
        try:
            socket.create_connection((host.strip("[]"), int(port)), PATIENCE_S).close()
        except OSError as error:
            fault = error.strerror or str(error)
        else:
            return
    raise UnreachableError(f"no Kafka answers at {broker.address}: {fault}")


def abandon(producer: Producer) -> None:
    """End a producer whether its records have arrived or not: every future is decided afterwards."""
    sender: Any = getattr(producer, "_sender", None)
    if sender is not None:
        # `close` flushes first, and fails without ending anything when that takes too long.
        sender.force_close()
        sender.join(_ABANDON_S)
    with suppress(KafkaTimeoutError):
        producer.close(timeout=_ABANDON_S)


def quiet(level: int = logging.WARNING) -> None:
    """Let the library's own log say no less than this; the publisher tells what matters."""
    logging.getLogger("kafka").setLevel(level)


def reason(error: BaseException) -> str:
    """A Kafka error in a few words on one line."""
    text = " ".join(str(error).split())
    return text if text.startswith(type(error).__name__) else f"{type(error).__name__}: {text}".rstrip(": ")
