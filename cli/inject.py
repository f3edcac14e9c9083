"""`./cityops inject`: make a file of events worse, always in the same way."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 — typer reads the annotation when it runs
from typing import Annotated

import typer

from cli._options import seconds

_HELP = """Make a file of events worse: late, duplicate, missing, skewed and poison events.

FAULTS is KIND=RATE[:DURATION], separated by commas; rates lie in 0..1. The same file, faults and seed give the same
bytes.

late=0.02:2m: this share of the events is heard up to 2 minutes later than it was.

duplicate=0.01: this share is heard twice, within five seconds.

gap=0.05:1m: each source is silent for this share of the spans of a minute.

skew=0.1:30s: this share of the sources has a clock wrong by a fixed amount, up to 30 s fast or slow.

poison=0.001: so many lines that are no events are mixed in, for each event.
"""


def inject(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Events, .jsonl or .jsonl.gz; - is standard input.")],
    faults: Annotated[str, typer.Argument(metavar="FAULTS", help="For example late=0.02:90s,duplicate=0.01.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="OUT", help="The worse file; - is standard output.")
    ],
    seed: Annotated[int, typer.Option(min=0, help="Another seed, other faults of the same kind.")] = 1,
) -> None:
    """Make a file of events worse."""
    from city import catalogue
    from city.errors import DataError
    from cli._file import faults_of
    from cli._progress import progress
    from producers import files
    from producers import inject as injection
    from producers.spoken import Reader

    wanted = injection.parse(faults, seconds)
    reader = Reader(catalogue.load())
    done = 0
    with faults_of(file), progress("inject", None) as tell, files.written(output) as out:
        worse = injection.inject(map(reader.read, files.read(file)), wanted, seed)
        for done, line in enumerate(worse, start=1):
            out.write(line + b"\n")
            if done % 1_000 == 0:
                tell(done)
        if not done:
            raise DataError("no event of it is left, or there was none; nothing is written")
    typer.echo(f"{done:,} lines → {output}", err=True)


inject.__doc__ = _HELP
