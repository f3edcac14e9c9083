"""`./cityops import`: an outside data set becomes a file of events."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from city.errors import CityopsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.event import Event
    from producers.feeds import Dirty


_TOLD_EVERY = 10_000

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

FeedName = Annotated[str, typer.Argument(metavar="FEED", help="The data set's feed; a wrong name lists them.")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Its files, plain or gzip.")]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Events; gzip when it ends in .gz.")]
Start = Annotated[str | None, typer.Option(metavar="TIME", help="Time of the first row, where rows carry none.")]
Zone = Annotated[str | None, typer.Option(metavar="ZONE", help="Zone of local times, as in Europe/Paris.")]
Unit = Annotated[str | None, typer.Option(metavar="UNIT", help="Unit of speeds: mph or km/h.")]
Length = Annotated[float | None, typer.Option(metavar="METRES", help="Length of the road of travel times.")]


@app.command("import")
def import_(
    feed: FeedName,
    files: Files,
    output: Output,
    start: Start = None,
    zone: Zone = None,
    unit: Unit = None,
    length_m: Length = None,
) -> None:
    """Turn an outside data set into events; what cannot be one is counted by its reason.

    Units and zones become explicit, and what the files do not say is printed as an assumption. The events are in
    order of time; `./cityops check` and `./cityops replay` read them.
    """
    from city.catalogue import load
    from city.event import encode
    from cli._progress import progress
    from producers import files as on_disk
    from producers.feeds import InFile, Options, find

    feeds = find()
    if feed not in feeds:
        raise UsageError(f"no feed {feed!r}; there are: {', '.join(feeds)}")
    options = Options(start, zone, unit, length_m)
    assumed = feeds[feed].assumptions(options)
    inputs = [InFile(str(path), on_disk.read(path)) for path in files]
    tally = _Tally()
    with on_disk.written(output) as stream, progress(f"import {feed}", None) as tell:
        for event in tally.events(feeds[feed].read(inputs, options, load().city)):
            stream.write(encode(event) + b"\n")
            if tally.used % _TOLD_EVERY == 0:
                tell(tally.used)
        if not tally.used:
            raise CityopsError(f"nothing to import: {tally.left_out()}; {output} is not written")
    # Standard output may be the events themselves.
    report = [f"{feed}: {tally.summary()} → {output}", *(f"  assumed: {text}" for text in assumed), *tally.reasons()]
    sys.stderr.write("\n".join(report) + "\n")


class _Tally:
    """Counts what becomes of the readings, and keeps the first of each reason to show."""

    def __init__(self) -> None:
        self.used = 0
        self._lost: Counter[str] = Counter()
        self._first: dict[str, Dirty] = {}

    def events(self, read: Iterator[Event | Dirty]) -> Iterator[Event]:
        """Let the events through."""
        from city.event import Event

        for made in read:
            if isinstance(made, Event):
                self.used += 1
                yield made
            else:
                self._lost[made.reason] += made.readings
                self._first.setdefault(made.reason, made)

    def summary(self) -> str:
        """`417,312 readings: 417,312 events, 0 left out`."""
        return f"{self.used + self._lost.total():,} readings: {self.used:,} events, {self._lost.total():,} left out"

    def left_out(self) -> str:
        """All reasons in one line."""
        if not self._lost:
            return "the files hold no readings"
        return ", ".join(f"{count:,} {reason}" for reason, count in self._lost.most_common())

    def reasons(self) -> Iterator[str]:
        """A line for each reason: how many, and where the first one stands."""
        for reason, count in self._lost.most_common():
            first = self._first[reason]
            yield f"  left out: {count:,} {reason} (first: {first.where}: {first.what})"
