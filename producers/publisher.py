"""The publisher: everything that speaks to the city's log goes through here.

It stamps an event when it accepts it, before its buffer, so that a broker that is away makes nothing late; sends
in order and once; and vouches, by a tick to every partition, that nothing earlier is in flight.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from kafka.errors import (
    InvalidProducerEpochError,
    InvalidProducerIdMappingError,
    KafkaTimeoutError,
    OutOfOrderSequenceNumberError,
    ProducerFencedError,
    RetriableError,
    UnknownProducerIdError,
)

from city.errors import CityopsError, UnreachableError
from city.event import CONTENT_TYPE, encode, tick
from city.instant import rfc3339
from city.partition import partition_of
from producers.client import abandon, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from city.event import Event
    from producers.client import Future, Producer

Headers = tuple[tuple[str, bytes], ...]

HEADERS: Final[Headers] = (("content-type", CONTENT_TYPE.encode()),)
MAX_RECORD_BYTES: Final = 1_000_000
"""The largest value sent. Kafka's own limit is 1,048,588 bytes with the batch around it."""

_MS: Final = 1_000_000
_WAIT_S: Final = 0.02
_QUIET_S: Final = 5.0
# The broker no longer knows our session: what it has not acknowledged is sent again in a new one. Readers
# recognise an event by source, id and time, so that one stored twice counts once.
_SESSION_LOST = (
    InvalidProducerEpochError,
    InvalidProducerIdMappingError,
    OutOfOrderSequenceNumberError,
    ProducerFencedError,
    RetriableError,
    UnknownProducerIdError,
)
_home = lru_cache(maxsize=4_096)(partition_of)
_log = logging.getLogger("producers.publisher")


class Interrupted(Exception):  # noqa: N818 - a way to stop, no fault
    """The publisher was asked to stop while it waited for room."""


class Outgoing(NamedTuple):
    """A record to be sent."""

    topic: str
    value: bytes
    partition: int
    key: bytes | None = None
    headers: Headers = HEADERS
    timestamp_ms: int | None = None


class _Waiting(NamedTuple):
    future: Future
    record: Outgoing


class Publisher:
    """Sends records to the partitions of some topics. Made for one thread.

    Args:
        connect: makes a producer; called again when the broker has forgotten the old one.
        topics: those that ticks go to.
        partitions: how many each of them has.
        max_waiting: records that may wait for the broker; one more waits for room. Nothing is dropped.
        max_waiting_bytes: the same, in bytes of their values.
        clock: the wall clock, nanoseconds since 1970.
        sleep: waits for so many seconds.
        stopping: whether to give up waiting for room.
    """

    def __init__(
        self,
        connect: Callable[[], Producer],
        topics: Iterable[str],
        partitions: int,
        *,
        max_waiting: int = 50_000,
        max_waiting_bytes: int = 64 * 1024 * 1024,
        clock: Callable[[], int] = time.time_ns,
        sleep: Callable[[float], object] = time.sleep,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.topics = tuple(topics)
        self.partitions = partitions
        self.heard = 0
        """The greatest instant stamped or vouched for, nanoseconds."""
        self.sent = 0
        """Records handed over so far, ticks not counted."""
        self._ours = frozenset(range(partitions))
        self._connect = connect
        self._producer = connect()
        self._max_waiting = max_waiting
        self._max_bytes = max_waiting_bytes
        self._clock = clock
        self._sleep = sleep
        self._stopping = stopping
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0

    def keep_to(self, partitions: Iterable[int]) -> None:
        """Vouch for these partitions alone: another process speaks for the rest."""
        self._ours = frozenset(partitions)

    @property
    def waiting(self) -> int:
        """Records that the broker has not acknowledged yet, as far as is known."""
        return len(self._waiting)

    # ------------------------------------------------------------------------------------------------ live

    def accept(self, topic: str, event: Event) -> None:
        """Stamp an event with the moment it is accepted, and send it to its area's partition.

        Raises:
            Interrupted: asked to stop while waiting for room.
            CityopsError: the broker refuses it for good.
        """
        self._make_room()
        heard = self._now()
        key = event.area.encode()
        value = encode(msgspec.structs.replace(event, recordedtime=rfc3339(heard)))
        self._send(Outgoing(topic, value, _home(key, self.partitions), key, timestamp_ms=heard // _MS))
        self.sent += 1

    def tick_now(self) -> None:
        """Vouch for this moment in every partition of ours: nothing earlier is in flight."""
        heard = self._now()
        self.tick(heard, timestamp_ms=heard // _MS)

    # ---------------------------------------------------------------------------------------------- replay

    def addressed(self, topic: str | None, value: bytes, key: bytes | None, headers: Headers = HEADERS) -> Outgoing:
        """A record as it is, garbage included, for the partition that its key (else its value) names.

        A value that no broker takes is cut; it is far too large for an event, and stays so.
        """
        at = partition_of(value, self.partitions) if key is None else _home(key, self.partitions)
        return Outgoing(topic or self.topics[0], value[:MAX_RECORD_BYTES], at, key, headers)

    def put(self, record: Outgoing) -> None:
        """Send a record as it is.

        Raises:
            Interrupted: asked to stop while waiting for room.
            CityopsError: the broker refuses it for good.
        """
        self._make_room()
        self._send(record)
        self.sent += 1

    def tick(self, heard: int, timestamp_ms: int | None = None) -> None:
        """Move the clock of every partition of ours to `heard` (nanoseconds)."""
        self.heard = max(self.heard, heard)
        value = tick(heard)
        for topic in self.topics:
            for partition in sorted(self._ours):
                self._make_room()
                self._send(Outgoing(topic, value, partition, timestamp_ms=timestamp_ms))

    # ---------------------------------------------------------------------------------------------- ending

    def flush(self, timeout_s: float) -> int:
        """Wait until everything sent is stored, at most `timeout_s`; the number of records that are not."""
        end = time.monotonic() + timeout_s
        self._settle()
        while self._waiting and (left := end - time.monotonic()) > 0:
            with suppress(KafkaTimeoutError):
                self._producer.flush(min(left, 0.5))
            self._settle()
        return len(self._waiting)

    def close(self, timeout_s: float) -> int:
        """Flush and end; the number of records that were not stored."""
        try:
            return self.flush(timeout_s)
        finally:
            abandon(self._producer)

    # ----------------------------------------------------------------------------------------------- inside

    def _now(self) -> int:
        """This moment in whole milliseconds, never before one already said."""
        self.heard = max(self.heard, self._clock() // _MS * _MS)
        return self.heard

    def _make_room(self) -> None:
        self._settle()
        told = 0.0
        while len(self._waiting) >= self._max_waiting or self._bytes >= self._max_bytes:
            if self._stopping():
                raise Interrupted
            self._sleep(_WAIT_S)
            told += _WAIT_S
            if told >= _QUIET_S:
                told = 0.0
                _log.warning("the broker is slow or away: %d records wait, no more are accepted", len(self._waiting))
            self._settle()

    def _send(self, record: Outgoing) -> None:
        self._waiting.append(_Waiting(self._hand_over(record), record))
        self._bytes += len(record.value)

    def _hand_over(self, record: Outgoing) -> Future:
        topic, value, partition, key, headers, timestamp_ms = record
        while True:
            try:
                return self._producer.send(topic, value, key, list(headers), partition, timestamp_ms)
            except KafkaTimeoutError as error:  # the topic's metadata is unknown and nobody answers
                if self._stopping():
                    raise Interrupted from error
                _log.warning("%s; trying again", reason(error))

    def _settle(self) -> None:
        """Let go of what the broker has acknowledged, in the order it was sent."""
        waiting = self._waiting
        while waiting and (first := waiting[0]).future.is_done:
            if first.future.exception is not None:
                self._begin_again(first.future.exception, first.record)
                return
            waiting.popleft()
            self._bytes -= len(first.record.value)

    def _begin_again(self, error: BaseException, record: Outgoing) -> None:
        """Open a new session, and send in it what the old one has not stored, in the old order."""
        if not isinstance(error, _SESSION_LOST):
            raise CityopsError(f"the broker refuses a record of {record.topic}/{record.partition}: {reason(error)}")
        abandon(self._producer)
        records = unstored(self._waiting)
        _log.warning("the producer's session is lost (%s): sending %d records again", reason(error), len(records))
        self._producer = self._reconnect()
        self._waiting.clear()
        self._bytes = 0
        for again in records:
            self._send(again)

    def _reconnect(self) -> Producer:
        while True:
            self._sleep(_WAIT_S)
            try:
                return self._connect()
            except UnreachableError as error:
                if self._stopping():
                    raise Interrupted from error
                _log.warning("%s; trying again", error)


def unstored(waiting: Iterable[_Waiting]) -> list[Outgoing]:
    """The records that are not known to be stored."""
    return [record for future, record in waiting if not future.is_done or future.exception is not None]
