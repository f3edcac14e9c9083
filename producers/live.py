"""The city speaks by itself: all simulators at the settings' rate, and a tick a second (`python -m producers.live`).

`--share 1/2` and `--share 2/2` are two processes that together say exactly what one would: each speaks for partitions
of its own.
"""

from __future__ import annotations

import argparse
import logging
import time
from typing import TYPE_CHECKING, Final

from city import catalogue
from city.instant import NS
from producers.client import quiet
from producers.opening import open_publisher
from producers.publisher import Interrupted, Publisher
from producers.share import Share, areas_in
from producers.simulators import find, loads, refuse_unknown, together
from runtime.connect import find_broker
from runtime.part import announce, run, start, told_to_stop

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Container, Iterable

    from producers.simulators import Heard
    from runtime.settings import Settings

ALL: Final = Share(1, 1)
TICK_NS: Final = NS
_BREATH_NS: Final = NS // 50
"""Between two looks at what is to be said: who stops for every single event pays for each with a cold start."""

_LAST_WORDS_S: Final = 1.0  # the supervisor grants 1.5 s
_MAX_WAITING: Final = 200_000  # more than a quarter of an hour of a broker's absence at the default rate
_BEHIND_NS: Final = 5 * NS
_TOLD_EVERY_NS: Final = 60 * NS
_log = logging.getLogger("producers.live")


def speak(
    publisher: Publisher,
    events: Iterable[Heard],
    clock: Callable[[], int],
    stopped: Callable[[float], bool],
    areas: Container[str] | None = None,
) -> None:
    """Publish each event at the moment it is heard or a breath later, and a tick each second, until `stopped`.

    Args:
        publisher: stamps and sends; its last act here is a tick.
        events: by non-decreasing moment.
        clock: the wall clock, nanoseconds since 1970.
        stopped: waits for so many seconds, or less when the answer is yes.
        areas: what is about others is left out when its moment comes; None: nothing is.
    """
    tick_at = told_at = clock()
    try:
        for at, topic, event in events:
            while (now := clock()) < at or now >= tick_at:
                if now >= tick_at:
                    publisher.tick_now()
                    tick_at = now - now % TICK_NS + TICK_NS
                    if now - at > _BEHIND_NS and now >= told_at:
                        _log.warning("%d s behind: this machine cannot say so many events/s", (now - at) // NS)
                        told_at = now + _TOLD_EVERY_NS
                elif stopped((min(max(at, now + _BREATH_NS), tick_at) - now) / NS):
                    publisher.tick_now()
                    return
            if stopped(0):
                break
            if areas is None or event.area in areas:
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
    share: Share = ALL,
    ready: Callable[[tuple[str, ...], int], None] = lambda _names, _begin: None,
) -> int:
    """Run the simulators until `stop`; the number of records that the broker never acknowledged.

    Args:
        settings: broker, rate, seed, scenarios.
        stop: ends it.
        domain: the one to run; None for all.
        share: which of how many processes this is.
        ready: hears the names of the domains when they are about to speak, and the instant (ns) from which on their
            simulators are asked: who knows it can tell what they inject.

    Raises:
        CityopsError: the broker cannot be used, or a setting is wrong.
    """
    city = catalogue.load()
    domains = city.domains if domain is None else (city.domain(domain),)
    simulators = find(domains, city.city)
    refuse_unknown(settings.scenarios, simulators)
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
        load = loads(domains, city.city)
        ours = share.partitions(load, publisher.partitions)
        publisher.keep_to(ours)
        areas = None if share.of == 1 else areas_in(ours, load, publisher.partitions)
        begin = time.time_ns()
        events = together(
            simulators,
            settings.seed,
            begin,
            events_per_s=settings.rate,
            scenarios=settings.scenarios,
            areas=areas,
        )
        names = tuple(simulator.domain.name for simulator in simulators)
        ready(names, begin)
        _log.info("share %d/%d of %g events/s from %s", *share, settings.rate, ", ".join(names))
        speak(publisher, events, time.time_ns, stop.wait, areas)
    finally:
        lost = publisher.close(_LAST_WORDS_S)
        _log.info("stopped after %d events, %d of them not stored", publisher.sent, lost)
    return lost


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="producers.live", allow_abbrev=False)
    parser.add_argument("--share", type=Share.parse, default=ALL, metavar="N/ALL", help="which process of how many")
    share: Share = parser.parse_args().share
    settings = start()
    quiet()
    stop = told_to_stop()

    def ready(names: tuple[str, ...], begin: int) -> None:
        announce(settings, share.part, rate=settings.rate, domains=names, begin_ns=begin)

    live(settings, stop, share=share, ready=ready)


if __name__ == "__main__":
    run(main)
