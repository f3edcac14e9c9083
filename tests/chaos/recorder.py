"""Keeps every record of the city's topics as it comes, so that what a log loses later is known all the same."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from city.event import Decoder, Event, UnusableError
from producers.log import Log
from runtime.connect import Broker
from tests.chaos.ground import DOMAINS
from tests.whole.city import CATALOGUE
from tests.whole.proxy import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from city.lines import Line
    from producers.log import At
    from tests.chaos.voice import Identity


class Recorder:
    """Reads the log from its start, in a thread of its own.

    Attributes:
        lines: what was read, each partition in its order.
        read: partition → the offset after the last record read.
    """

    def __init__(self, broker: str) -> None:
        self.lines: list[Line] = []
        self._log = Log(Broker(broker, embedded=False), DOMAINS, group="chaos-recorder")
        self.read: dict[At, int] = dict.fromkeys(self._log.places, 0)
        self._log.assign(self.read)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            came = self._log.poll(0.1)
            if came is None or isinstance(came, tuple):
                continue
            place = came.place
            assert place is not None
            if place.offset >= self.read[place.topic, place.partition]:
                self.lines.append(came)
                self.read[place.topic, place.partition] = place.offset + 1

    def reach(self, ends: Mapping[At, int], limit_s: float = 120) -> None:
        """Wait until everything before these offsets was read; partitions that came later are not ours."""
        wait_until(
            lambda: all(self.read.get(at, end) >= end for at, end in ends.items()), limit_s, f"recorded to {ends}"
        )

    def latest(self, topic: str, count: int) -> list[Event]:
        """The last events of a topic, at most so many."""
        decode = Decoder(next(domain.events for domain in CATALOGUE.domains if domain.topic == topic)).decode
        found: list[Event] = []
        for line in reversed(self.lines[:]):
            if line.place is not None and line.place.topic == topic and line.key:
                with suppress(UnusableError):
                    event = decode(line.value)
                    if isinstance(event, Event):
                        found.append(event)
            if len(found) == count:
                break
        return found

    def close(self) -> None:
        """Read no more."""
        self._stop.set()
        self._thread.join(30)
        self._log.close()

    def identities(self) -> set[Identity]:
        """Of every event that was recorded."""
        found: set[Identity] = set()
        for line in self.lines:
            assert line.place is not None
            try:
                said = _names.decode(line.value)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            found.add((line.place.topic, said.source, said.id, said.time))
        return found


class _Names(msgspec.Struct):
    source: str = ""
    id: str = ""
    time: str = ""


_names = msgspec.json.Decoder(_Names)
