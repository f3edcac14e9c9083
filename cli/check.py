"""`./cityops check`: which lines of an events file are wrong, and why."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 — typer reads the annotation when it runs
from typing import Annotated

import typer

DEFAULT_LIMIT = 20


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Events, .jsonl or .jsonl.gz; - is standard input.")],
    limit: Annotated[int, typer.Option(min=0, help="Faulty lines shown; all are counted.")] = DEFAULT_LIMIT,
) -> int:
    """Say which lines of an events file are wrong, and why; exit 1 when any is."""
    from city import catalogue
    from city.errors import DataError
    from producers import files
    from producers.check import Counts
    from producers.check import check as faults_of
    from producers.spoken import Reader

    counts = Counts()
    reader = Reader(catalogue.load())
    wrong = 0
    for wrong, fault in enumerate(faults_of(map(reader.read, files.read(file)), counts), start=1):
        if wrong <= limit:
            print(f"{file}:{fault.number}: {fault.reason}: {' '.join(fault.detail.split())[:300]}")
    if wrong > limit > 0:
        print(f"… and {wrong - limit} more (--limit)")
    reasons = "".join(f" {reason}={number}" for reason, number in sorted(counts.wrong.items()))
    print(f"lines={counts.lines} events={counts.events} ticks={counts.ticks} wrong={wrong}{reasons}")
    if not counts.lines:
        raise DataError(f"{file}: is empty")
    return 1 if wrong else 0
