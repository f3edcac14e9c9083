"""Who speaks while things fail: the simulators by the live publisher, at a steady rate, in the disorder of real feeds.

The city's clock runs `SPEED` times as fast as ours and some hours behind, so that many windows settle in a minute and
the last ones can be closed at once. Rates are in events per second of ours.
"""

from __future__ import annotations

import heapq
import random
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec

from city.errors import CityopsError
from city.instant import NS, nanoseconds, rfc3339
from producers.client import connect
from producers.live import speak
from producers.publisher import Publisher
from producers.simulators import find, together
from producers.topics import ensure
from runtime.connect import Broker
from tests.stream.brokers import PARTITIONS
from tests.whole.city import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from producers.simulators import Heard

SPEED: Final = 5
_BEHIND_S: Final = 3 * 3_600
_CLOSING_NS: Final = 600 * NS
_MAX_WAITING: Final = 400_000
_LATEST_S: Final = 120
_TOPICS: Final = [domain.topic for domain in CATALOGUE.domains]
_SHARE: Final = 0.02
"""Of the events: said twice, said late, out of order, and stamped ahead; each."""

Identity = tuple[str, str, str, str]
"""Topic, source, id, time: what every copy of an event shares."""


class Voice:
    """A publisher in a thread of its own.

    Args:
        broker: the address of a real Kafka.
        seed: of what is said.
        rate: events a second.

    Attributes:
        said: what the publisher has accepted.
        fault: what ended the thread before its time.
    """

    def __init__(self, broker: str, seed: int, rate: float) -> None:
        self._where = Broker(broker, embedded=False)
        ensure(self._where, _TOPICS, PARTITIONS)
        self.said: set[Identity] = set()
        self.fault: BaseException | None = None
        self._monotonic = time.monotonic_ns()
        self._begin = self._next = (time.time_ns() - _BEHIND_S * NS) // (60 * NS) * 60 * NS
        self._stop = threading.Event()
        events = together(find(CATALOGUE.domains, CATALOGUE.city), seed, self._begin, events_per_s=rate / SPEED)
        self._events = self._remembered(disordered(events, random.Random(seed)))
        self._publisher = self._opened()
        self._thread = self._speaking()

    def again(self) -> None:
        """Speak on, by a new publisher: a fault has ended the last one."""
        with suppress(CityopsError):  # what it had to say it has said
            self._publisher.close(0)
        self.fault = None
        self._publisher = self._opened()
        self._thread = self._speaking()

    def _opened(self) -> Publisher:
        return Publisher(lambda: connect(self._where), _TOPICS, PARTITIONS, max_waiting=_MAX_WAITING, clock=self.now)

    def _speaking(self) -> threading.Thread:
        thread = threading.Thread(target=self._speak, name="voice", daemon=True)
        thread.start()
        return thread

    def now(self) -> int:
        """The city's clock, ns. It waits for what is to be said next: a busy machine makes nothing late."""
        return min(self._begin + (time.monotonic_ns() - self._monotonic) * SPEED, self._next + NS)

    def _remembered(self, events: Iterable[Heard]) -> Iterator[Heard]:
        for heard in events:
            self._next = heard.at
            yield heard
            event = heard.event  # we are asked for the next one: this one was accepted
            self.said.add((heard.topic, event.source, event.id, event.time))

    def _speak(self) -> None:
        try:
            speak(self._publisher, self._events, self.now, lambda city_s: self._stop.wait(city_s / SPEED))
        except BaseException as error:  # noqa: BLE001 - told by `finish`, in the thread that can fail
            self.fault = error

    def finish(self, limit_s: float) -> int:
        """Stop, and close every window by a tick far ahead; how many records were not stored in time."""
        self.stop()
        if self.fault is not None:
            raise self.fault
        self._publisher.tick(self.now() + _CLOSING_NS)
        return self._publisher.close(limit_s)

    def stop(self) -> None:
        """Say no more."""
        self._stop.set()
        self._thread.join(60)


def disordered(events: Iterable[Heard], dice: random.Random) -> Iterator[Heard]:
    """The same events, some of them twice, some late, some out of order and some from a fast clock."""
    later: list[tuple[int, int, Heard]] = []
    for number, heard in enumerate(events):
        while later and later[0][0] <= heard.at:
            yield heapq.heappop(later)[2]._replace(at=heard.at)
        chance = dice.random() / _SHARE
        if chance < 1:  # a copy, soon or after its window has closed
            yield heard
            heapq.heappush(later, (heard.at + dice.randrange(_LATEST_S) * NS, number, heard))
        elif chance < 2:  # late or merely out of order
            heapq.heappush(later, (heard.at + dice.randrange(_LATEST_S) * NS, number, heard))
        elif chance < 3:  # from now to twice of what a clock may be ahead
            ahead = rfc3339(nanoseconds(heard.event.time) + dice.randrange(10 * NS))
            yield heard._replace(event=msgspec.structs.replace(heard.event, time=ahead))
        else:
            yield heard
