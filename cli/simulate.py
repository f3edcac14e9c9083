"""`./cityops simulate`: what the simulators say, into a file, or live into a city."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from city.errors import CityopsError, UsageError
from cli._options import DataDir, seconds
from runtime.settings import load

if TYPE_CHECKING:
    from runtime.settings import Settings


def simulate(
    domain: Annotated[str | None, typer.Argument(metavar="DOMAIN", help="One domain; all without it.")] = None,
    begin: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="First instant, RFC 3339 (default: this hour).")
    ] = None,
    length: Annotated[str, typer.Option("--for", metavar="DURATION", help="How long: 90s, 10m, 2h.")] = "10m",
    rate: Annotated[float | None, typer.Option(min=0, help="Events a second over all domains.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="The same seed gives the same events.")] = None,
    scenario: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A scenario to play; repeatable.")] = None,
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="Where to, .jsonl or .jsonl.gz; - is standard output."),
    ] = Path("-"),
    live: Annotated[bool, typer.Option("--live", help="Speak into the city now, with ticks, until Ctrl-C.")] = False,
    broker: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="With --live: the Kafka to speak to.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Write simulated events to a file or to the city."""
    from city.instant import rfc3339
    from producers.simulators import FOR_EVER_NS

    chosen = tuple(scenario) if scenario else None
    settings = load(rate=rate, seed=seed, scenarios=chosen, broker=broker, data_dir=data_dir)
    if live:
        if begin is not None or str(output) != "-":
            raise UsageError("--live speaks now, into the city: leave --from and -o away")
        _live(settings, domain)
    else:
        start, duration = _instant(begin), round(seconds(length) * 1e9)
        if start + duration > FOR_EVER_NS:
            raise UsageError(f"--for {length}: that is past {rfc3339(FOR_EVER_NS)}, where simulated time ends")
        _write(settings, domain, start, duration, output)


def _live(settings: Settings, domain: str | None) -> None:
    import logging

    from cli._stop import stoppable
    from producers.client import quiet
    from producers.live import live
    from runtime import log

    log.configure(settings.log_level)
    quiet(logging.CRITICAL)  # a person reads along: the publisher tells what matters
    with stoppable() as stop:
        lost = live(settings, stop, domain=domain)
    if lost:
        raise CityopsError(f"{lost} records were not stored: the broker did not answer")


def _write(settings: Settings, domain: str | None, begin: int, length: int, output: Path) -> None:
    from city import catalogue
    from city.event import encode
    from cli._progress import progress
    from producers import files
    from producers.simulators import find, together

    city = catalogue.load()
    simulators = find(city.domains if domain is None else (city.domain(domain),), city.city)
    if domain is not None and not simulators:
        raise CityopsError(f"the domain {domain} has no simulator")
    heard = together(
        simulators,
        settings.seed,
        begin,
        begin + length,
        events_per_s=settings.rate,
        scenarios=settings.scenarios,
    )
    with progress("simulate", round(settings.rate * length / 1e9)) as tell, files.written(output) as out:
        for done, (_, _, event) in enumerate(heard, start=1):
            out.write(encode(event) + b"\n")
            if done % 1_000 == 0:
                tell(done)


def _instant(text: str | None) -> int:
    import time

    from city.instant import NS, nanoseconds

    hour = 3_600 * NS
    if text is None:
        return time.time_ns() // hour * hour
    try:
        return nanoseconds(text)
    except ValueError as error:
        raise UsageError(f"--from: {error}; write for example 2026-11-23T07:00:00+07:00") from None
