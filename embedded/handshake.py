"""Whether who listens at an address is a Kafka."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from city.errors import UnreachableError
from embedded.premises import await_server
from runtime.kafka_access import KafkaAccess

if TYPE_CHECKING:
    from collections.abc import Sequence

PATIENCE_S: Final = 10.0
_PLAIN: Final = KafkaAccess()


def await_kafka(addresses: Sequence[str], patience_s: float = PATIENCE_S, access: KafkaAccess = _PLAIN) -> None:
    """Check that a Kafka answers at one of the addresses, each HOST:PORT.

    Raises:
        UnreachableError: nobody listens there, or whoever does is no Kafka.
    """
    await_server("broker", addresses)
    where = ",".join(addresses)
    try:
        client = AdminClient({"bootstrap.servers": where, "log_level": 0, **access.for_librdkafka()})
        client.list_topics(timeout=patience_s)
    except KafkaException as error:
        raise UnreachableError(f"no broker at {where}: who listens there does not answer as Kafka does") from error
