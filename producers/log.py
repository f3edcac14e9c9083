"""Looking at a city's log: how far its clock has come, how much of it is not counted yet, and reading it."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from city.errors import CityopsError, UnreachableError
from city.event import UnusableError
from city.gate import Gate
from city.lines import Line, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from city.catalogue import Catalogue
    from city.event import Event
    from runtime.connect import Broker

_PATIENCE_S: Final = 10.0
_TAIL: Final = 200

At = tuple[str, int]
"""A topic and one of its partitions."""


class Log:
    """Some topics of a broker, read without joining a group or committing anything.

    Raises:
        UnreachableError: nobody answers.
        CityopsError: there is no such topic.
    """

    def __init__(self, broker: Broker, topics: Iterable[str], *, group: str = "cityops-look") -> None:
        self._address = broker.address
        self._consumer = Consumer(
            {
                "bootstrap.servers": broker.address,
                "group.id": group,
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                "allow.auto.create.topics": False,
                "log_level": 0,
                "queued.max.messages.kbytes": 16_384,
                "fetch.wait.max.ms": 100,
                **broker.access.for_librdkafka(),
            },
            error_cb=lambda _: None,
        )
        self.partitions = {topic: self._count(topic) for topic in topics}

    @property
    def places(self) -> list[At]:
        """Every partition of every topic."""
        return [(topic, number) for topic, count in self.partitions.items() for number in range(count)]

    def close(self) -> None:
        """Let go of the connection."""
        self._consumer.close()

    # ---------------------------------------------------------------------------------------------- asking

    def bounds(self) -> dict[At, tuple[int, int]]:
        """Partition → offset of the first record kept, and of the next one to come."""
        return {at: self._ask("get_watermark_offsets", TopicPartition(*at), timeout=_PATIENCE_S) for at in self.places}

    def committed(self) -> dict[At, int]:
        """Partition → the offset the group has committed; -1 for none."""
        asked = [TopicPartition(*at) for at in self.places]
        found = self._ask("committed", asked, timeout=_PATIENCE_S)
        return {(one.topic, one.partition): max(-1, one.offset) for one in found}

    def tails(self, records: int = _TAIL) -> list[Line]:
        """The last records of each partition, at most so many of each."""
        ends = {at: (max(low, high - records), high) for at, (low, high) in self.bounds().items()}
        return list(
            self.read({at: begin for at, (begin, _) in ends.items()}, {at: end for at, (_, end) in ends.items()})
        )

    # --------------------------------------------------------------------------------------------- reading

    def assign(self, begin: Mapping[At, int]) -> None:
        """Read from these offsets on."""
        self._consumer.assign([TopicPartition(topic, number, offset) for (topic, number), offset in begin.items()])

    def poll(self, timeout_s: float) -> Line | At | None:
        """The next record, or the partition whose end has been reached, or None when nothing came.

        Raises:
            CityopsError: the broker refuses to be read.
        """
        message = self._ask("poll", timeout=timeout_s)
        if message is None:
            return None
        if (error := message.error()) is None:
            return self._line(message)
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - the library's name for it
            return message.topic(), message.partition()
        if error.retriable() or error.code() in {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN}:  # noqa: SLF001 - ditto
            return None
        raise CityopsError(f"the log at {self._address} cannot be read: {error.str()}")

    def hold(self, at: At) -> None:
        """Fetch no more of this partition for now."""
        self._consumer.pause([TopicPartition(*at)])

    def let_go(self, at: At) -> None:
        """Fetch it again."""
        self._consumer.resume([TopicPartition(*at)])

    def read(self, begin: Mapping[At, int], end: Mapping[At, int]) -> Iterator[Line]:
        """The records from `begin` to before `end`, in the order they come."""
        left = {at for at in begin if begin[at] < end[at]}
        self.assign({at: begin[at] for at in left})
        quiet_s = 0.0
        while left:
            came = self.poll(0.5)
            quiet_s = 0.0 if came is not None else quiet_s + 0.5
            if quiet_s >= _PATIENCE_S:
                raise UnreachableError(f"the log at {self._address} stopped answering")
            if isinstance(came, tuple):
                left.discard(came)
            elif came is not None and came.place is not None:
                at = (came.place.topic, came.place.partition)
                if came.place.offset < end[at]:
                    yield came
                if came.place.offset >= end[at] - 1:
                    left.discard(at)

    # ---------------------------------------------------------------------------------------------- inside

    def _line(self, message: Any) -> Line:
        key = message.key()
        headers = tuple((name, _text(value)) for name, value in message.headers() or ())
        place = Place(
            topic=message.topic(),
            partition=message.partition(),
            partitions=self.partitions[message.topic()],
            offset=message.offset(),
            timestamp_ms=message.timestamp()[1],
            key=None if key is None else key.decode("latin-1"),
            headers=headers,
        )
        return Line(message.value() or b"", place)

    def _count(self, topic: str) -> int:
        found = self._ask("list_topics", topic, timeout=_PATIENCE_S).topics[topic]
        if found.error is not None or not found.partitions:
            raise CityopsError(f"there is no topic {topic} at {self._address}")
        return len(found.partitions)

    def _ask(self, method: str, *arguments: object, **options: object) -> Any:
        try:
            return getattr(self._consumer, method)(*arguments, **options)
        except KafkaException as error:
            raise UnreachableError(f"no Kafka answers at {self._address}: {error.args[0].str()}") from error


def clock_of(catalogue: Catalogue, log: Log) -> int | None:
    """The greatest instant that a log has heard (ns), over the tails of all partitions; None when it is empty."""
    gates = {
        (topic, number): Gate(types, catalogue.city.zone_of, (number, count))
        for topic, count in log.partitions.items()
        for number in range(count)
        for types in (_types(catalogue, topic),)
    }
    latest = None
    for line in log.tails():
        assert line.place is not None
        gate = gates[line.place.topic, line.place.partition]
        with suppress(UnusableError):
            _, _, heard = gate.admit(line.value, line.key, line.headers, line.place.timestamp_ms * 1_000_000)
            latest = max(heard, latest or heard)
    return latest


def _types(catalogue: Catalogue, topic: str) -> tuple[type[Event], ...]:
    return next((domain.events for domain in catalogue.domains if domain.topic == topic), ())


def _text(value: bytes | None) -> str:

    return base64.b64encode(value or b"").decode()
