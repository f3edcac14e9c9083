"""The city speaks by itself: all simulators at the settings' rate, and a tick a second (`python -m producers.live`)."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from city import catalogue
from city.instant import NS
from producers.client import quiet
from producers.opening import open_publisher
from producers.publisher import Interrupted, Publisher
from producers.simulators import find, together
from runtime.connect import find_broker
from runtime.part import announce, run, start, told_to_stop

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable

    from producers.simulators import Heard
    from runtime.settings import Settings

TICK_NS: Final = NS
_LAST_WORDS_S: Final = 1.0  # the supervisor grants 1.5 s
_MAX_WAITING: Final = 200_000  # more than a quarter of an hour of a broker's absence at the default rate
_log = logging.getLogger("producers.live")


def speak(
    publisher: Publisher, events: Iterable[Heard], clock: Callable[[], int], stopped: Callable[[float], bool]
) -> None:
    """Publish each event at the moment it is heard, and a tick each second, until `stopped`.

    Args:
        publisher: stamps and sends; its last act here is a tick.
        events: by non-decreasing moment.
        clock: the wall clock, nanoseconds since 1970.
        stopped: waits for so many seconds, or less when the answer is yes.
    """
    tick_at = clock()
    try:
        for at, topic, event in events:
            while (now := clock()) < at or now >= tick_at:
                if now >= tick_at:
                    publisher.tick_now()
                    tick_at = now - now % TICK_NS + TICK_NS
                elif stopped((min(at, tick_at) - now) / NS):
                    publisher.tick_now()
                    return
            if stopped(0):
                break
            publisher.accept(topic, event)
        while not stopped(max(0, tick_at - clock()) / NS):
            publisher.tick_now()
            tick_at += TICK_NS
        publisher.tick_now()
    except Interrupted:
        return


def live(
    settings: Settings,
    stop: threading.Event,
    *,
    domain: str | None = None,
    ready: Callable[[tuple[str, ...], int], None] = lambda _names, _begin: None,
) -> int:
    """Run the simulators until `stop`; the number of records that the broker never acknowledged.

    Args:
        settings: broker, rate, seed, scenarios.
        stop: ends it.
        domain: the one to run; None for all.
        ready: hears the names of the domains when they are about to speak, and the instant (ns) from which on their
            simulators are asked: who knows it can tell what they inject.

    Raises:
        CityopsError: the broker cannot be used, or a setting is wrong.
    """
    city = catalogue.load()
    domains = city.domains if domain is None else (city.domain(domain),)
    simulators = find(domains, city.city)
    begin = time.time_ns()
    events = together(
        simulators,
        settings.seed,
        begin,
        events_per_s=settings.rate,
        scenarios=settings.scenarios,
    )
    publisher = open_publisher(
        find_broker(settings),
        [one.topic for one in domains],
        settings.partitions,
        max_waiting=_MAX_WAITING,
        sleep=stop.wait,
        stopping=stop.is_set,
    )
    lost = 0
    try:
        names = tuple(simulator.domain.name for simulator in simulators)
        ready(names, begin)
        _log.info("%g events/s from %s", settings.rate, ", ".join(names))
        speak(publisher, events, time.time_ns, stop.wait)
    finally:
        lost = publisher.close(_LAST_WORDS_S)
        _log.info("stopped after %d events, %d of them not stored", publisher.sent, lost)
    return lost


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    settings = start()
    quiet()
    stop = told_to_stop()

    def ready(names: tuple[str, ...], begin: int) -> None:
        announce(settings, "producers", rate=settings.rate, domains=names, begin_ns=begin)

    live(settings, stop, ready=ready)


if __name__ == "__main__":
    run(main)
