"""`./cityops replay`: say recorded events again, into a city."""

from __future__ import annotations

import math
import sys
import time
from contextlib import contextmanager
from pathlib import Path  # noqa: TC003 — typer reads the annotation when it runs
from typing import TYPE_CHECKING, Annotated

import typer

from city.errors import CityopsError, UsageError
from cli._options import DataDir  # noqa: TC001 — typer reads the annotation when it runs
from runtime.connect import Broker, find_broker
from runtime.settings import Settings, load

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    from city.catalogue import Catalogue
    from producers.log import Log
    from producers.plan import Plan, Survey
    from producers.replay import Progress
    from producers.spoken import Spoken

_NS = 1_000_000_000
_LOOK_AGAIN_S = 1.5


def replay(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Events, .jsonl or .jsonl.gz, in this order.")],
    speed: Annotated[str, typer.Option(metavar="1|60|max", help="Seconds of the file in a second.")] = "1",
    keep_time: Annotated[
        bool,
        typer.Option(
            "--keep-time/--shift-to-now", help="Keep the times of the file, or shift them so that it happens now."
        ),
    ] = False,
    broker: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="The Kafka (default: the city's).")] = None,
    partitions: Annotated[int | None, typer.Option(min=1, help="Partitions of a topic that is to be made.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Send recorded events into the city: in their order, with their disorder, and ticks past the last window."""
    import logging

    from city import catalogue
    from cli._stop import stoppable
    from producers.client import quiet
    from producers.files import opened
    from producers.plan import NOTHING

    quiet(logging.CRITICAL)
    pace = _speed(speed)
    if any(str(file) == "-" for file in files):
        raise UsageError("replay reads its files twice, to know where they end: it cannot read standard input")
    settings = load(broker=broker, partitions=partitions, data_dir=data_dir)
    for file in files:
        with opened(file):
            pass  # a missing file is said before a missing city
    to = find_broker(settings)
    if keep_time:
        _refuse_simulators(settings, to)
    city = catalogue.load()
    with stoppable() as stop:
        survey = _survey(city, files, stop)
        if stop.is_set():
            raise KeyboardInterrupt
        if survey.first is None:
            raise CityopsError(NOTHING)
        if strangers := survey.topics - {domain.topic for domain in city.domains}:
            raise CityopsError(
                f"{files[0]}: holds records of {', '.join(sorted(strangers))}, which no domain speaks in"
            )
        _replay(city, files, survey, settings, to, pace, stop, keep=keep_time)


def _speed(text: str) -> float:
    if text == "max":
        return math.inf
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 100_000:
        raise UsageError(f"--speed {text}: a number, as 1 or 60, or max")
    return speed


def _refuse_simulators(settings: Settings, to: Broker) -> None:
    """No simulators may run in the city that is spoken to."""
    from runtime.part import running

    try:
        city = running(settings.data_dir)
    except CityopsError:
        return  # no city of ours: its log's clock tells
    speaks = any(name.startswith("producers") for name in city)
    if speaks and city.get("broker", {}).get("address") == to.address:
        raise CityopsError(
            f"simulators run in the city on {settings.data_dir}: --keep-time needs one without, `./cityops up --rate 0`"
        )


def _read(city: Catalogue, paths: list[Path], stop: threading.Event) -> Iterator[Spoken]:
    from producers.files import read
    from producers.spoken import Reader

    reader = Reader(city)
    for path in paths:
        for text in read(path):
            if stop.is_set():
                return
            yield reader.read(text)


def _survey(city: Catalogue, paths: list[Path], stop: threading.Event) -> Survey:
    from cli._progress import progress
    from producers.plan import Survey

    survey = Survey()
    with progress("read", None) as tell:
        for spoken in _read(city, paths, stop):
            survey.add(spoken)
            if survey.lines % 5_000 == 0:
                tell(survey.lines)
    return survey


def _plan(city: Catalogue, survey: Survey, clocks: tuple[int | None, bool], speed: float, *, keep: bool) -> Plan:
    from producers.plan import alignment_ns, closing_ns, keep_time, shift_to_now

    clock, moving = clocks
    series = [one for domain in city.domains if domain.topic in survey.topics for one in domain.series]
    closing = closing_ns(city.series.values())
    now = time.time_ns()
    if keep:
        return keep_time(survey, now, clock, closing=closing, speed=speed)
    aligned = alignment_ns(series)
    return shift_to_now(survey, now, clock, closing=closing, speed=speed, aligned=aligned, moving=moving)


def _replay(
    city: Catalogue,
    paths: list[Path],
    survey: Survey,
    settings: Settings,
    to: Broker,
    speed: float,
    stop: threading.Event,
    *,
    keep: bool,
) -> None:
    from producers.log import Log
    from producers.opening import open_publisher
    from producers.pace import Room
    from producers.publisher import Interrupted
    from producers.replay import Clock, Replay

    topics = sorted(survey.topics) or [city.domains[0].topic]
    publisher = open_publisher(
        to, topics, settings.partitions, max_waiting=20_000, sleep=stop.wait, stopping=stop.is_set
    )
    log = Log(to, topics, group=settings.group)
    unstored = 0
    try:
        plan = _plan(city, survey, _clocks(city, log), speed, keep=keep)
        _announce(plan, survey)
        room = Room(log, lambda: publisher.flush(60), stop.wait) if to.embedded else _no_limit
        with _shown(survey) as report:
            clock = Clock(time.time_ns, stop.wait)
            run = Replay(publisher, plan, clock, ordered=not survey.disordered, room=room, report=report)
            whole = run.run(_read(city, paths, stop)) and not stop.is_set()
    except Interrupted:
        whole = False
    finally:
        log.close()
        unstored = publisher.close(1.0 if stop.is_set() else 60.0)
    if unstored:
        raise CityopsError(f"{unstored} records were not stored: the broker did not answer")
    if not whole:
        raise KeyboardInterrupt
    typer.echo(f"replayed {survey.events:,} events and {survey.unusable:,} unusable lines", err=True)


def _no_limit(_at: tuple[str, int], _size: int) -> None:
    """A real Kafka holds it all; its back-pressure is the producer's buffer."""


def _clocks(city: Catalogue, log: Log) -> tuple[int | None, bool]:
    """The greatest instant the log has heard, and whether somebody goes on moving it."""
    from producers.log import clock_of

    clock = clock_of(city, log)
    if clock is None or clock < time.time_ns() - 10 * _NS:
        return clock, False
    time.sleep(_LOOK_AGAIN_S)
    again = clock_of(city, log)
    return again, again != clock


def _announce(plan: Plan, survey: Survey) -> None:
    from city.instant import rfc3339

    if survey.disordered:
        sys.stderr.write(
            f"replay: {survey.disordered} lines were heard earlier than one before them (`./cityops check` names "
            "them); what is late then follows from the log, not from the file\n"
        )
    if plan.shift:
        sys.stderr.write(f"replay: shifted to {rfc3339(plan.first)} – {rfc3339(plan.last)}, by whole windows\n")
    if (wait := plan.begin - time.time_ns()) > _NS:
        sys.stderr.write(f"replay: begins in {wait / _NS:.0f} s, so that whole windows stay whole\n")


@contextmanager
def _shown(survey: Survey) -> Iterator[Callable[[Progress], None]]:
    """Show how far a replay has come, with the time of the file."""
    from city.instant import rfc3339
    from cli._progress import progress

    with progress("replay", survey.lines) as tell:

        def report(now: Progress) -> None:
            tell(now.lines, ("closing, " if now.closing else "") + rfc3339(now.at)[:19] + "Z")

        yield report
