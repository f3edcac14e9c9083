"""`./cityops record`: the events of the city's log, with their places, into a file."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 — typer reads the annotation when it runs
from typing import Annotated

import typer

from cli._options import DataDir, seconds
from runtime.connect import find_broker
from runtime.settings import load


def record(
    output: Annotated[Path, typer.Argument(metavar="OUT", help="The file, .jsonl or .jsonl.gz; - is standard output.")],
    topic: Annotated[
        list[str] | None, typer.Option(metavar="TOPIC", help="A topic; repeatable (default: every domain's).")
    ] = None,
    length: Annotated[
        str | None, typer.Option("--for", metavar="DURATION", help="How long (default: until Ctrl-C).")
    ] = None,
    from_start: Annotated[
        bool,
        typer.Option("--from-start", help="From the first record the log keeps; with --for 0s, what is there now."),
    ] = False,
    broker: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="The Kafka (default: the city's).")] = None,
    data_dir: DataDir = None,
) -> None:
    """Write the events of the city's log to a file, in the order they were heard, until Ctrl-C."""
    from city import catalogue
    from city.lines import format_line
    from cli._progress import progress
    from cli._stop import stoppable
    from producers import files
    from producers.log import Log
    from producers.recording import recorded

    settings = load(broker=broker, data_dir=data_dir)
    duration = None if length is None else seconds(length)
    topics = topic or [domain.topic for domain in catalogue.load().domains]
    log = Log(find_broker(settings), topics)
    try:
        with stoppable() as stop, progress("record", None) as tell, files.written(output) as out:
            lines = recorded(log, from_start=from_start, seconds=duration, stopping=stop.is_set)
            done = 0
            for done, line in enumerate(lines, start=1):
                out.write(format_line(line))
                tell(done)
    finally:
        log.close()
    typer.echo(f"{done:,} records of {', '.join(topics)} → {output}", err=True)
