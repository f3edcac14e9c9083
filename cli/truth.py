"""`./cityops truth FILE`: recompute a file's points in the plainest way; compare them with the store."""

from __future__ import annotations

import time
from pathlib import Path  # noqa: TC003 — typer reads the annotation when it runs
from typing import TYPE_CHECKING, Annotated

import typer

from city.errors import CityopsError, DataError, UsageError
from city.instant import NS, nanoseconds, rfc3339
from city.lines import Line, parse_line
from city.partition import partition_of
from cli._options import DataDir  # noqa: TC001 — typer reads the annotation when it runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from city.catalogue import Catalogue
    from city.domain import Series
    from cli._progress import Progress
    from producers.files import Text
    from runtime.connect import Store
    from stream_app.truth import Difference, Key, Truth, Value

SETTLED = "city"
PATIENCE_S = 60.0
_LOOK_EVERY_S = 1.0
_ROWS_AN_ANSWER = 20_000
_TOLD_EVERY = 5_000


def truth(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Events (.jsonl, .jsonl.gz): plain, or recorded from a log.")
    ],
    compare: Annotated[bool, typer.Option("--compare", help="Compare with the store's settled points.")] = False,
    data_dir: DataDir = None,
) -> int:
    """Recompute every series of FILE; print its points, or compare them with the store.

    Comparing waits until every window of the file has closed, for 60 s at the most.
    """
    from city.catalogue import load as load_catalogue
    from runtime.connect import find_store
    from runtime.settings import load as load_settings

    catalogue = load_catalogue()
    partitions: dict[str, int] = {}
    true = _compute(file, catalogue, partitions)
    if not compare:
        _print(true)
        return 0
    if not true.points:
        raise CityopsError(f"{file}: no window of it has closed, so there is nothing to compare ({_counts(true)})")
    difference = _when_closed(find_store(load_settings(data_dir=data_dir)), catalogue, true, partitions)
    print(difference)
    for example in difference.examples:
        print(f"  {example}")
    return 0 if difference.none else 1


def _compute(file: Path, catalogue: Catalogue, partitions: dict[str, int]) -> Truth:
    """The truth of all domains; `partitions` hears how many each topic of a recording had.

    The file is read once for each domain, not held.
    """
    from cli._file import faults_of
    from cli._progress import progress
    from producers.files import read
    from stream_app.truth import Truth, compute

    if str(file) == "-":
        raise UsageError("truth reads its file once for each domain: it cannot read standard input")
    whole = Truth()
    with faults_of(file):
        if next(read(file), None) is None:
            raise DataError("is empty")
        for domain in catalogue.domains:
            with progress("read", None) as tell:
                part = compute(_lines(file, tell, partitions), domain, catalogue.city)
            whole.points |= part.points
            whole.counts += part.counts
    return whole


def _lines(file: Path, tell: Progress, partitions: dict[str, int]) -> Iterator[Line]:
    from producers.files import read

    for done, text in enumerate(read(file), start=1):
        if done % _TOLD_EVERY == 0:
            tell(done)
        line = _line(text)
        if line.place is not None:
            partitions[line.place.topic] = line.place.partitions
        yield line


def _line(text: Text) -> Line:
    """What a replay would send: a line that is no record of a log after all goes as it is, and is refused."""
    try:
        return parse_line(text.data)
    except DataError:
        return Line(text.data)


def _print(true: Truth) -> None:
    for key in sorted(true.points, key=lambda key: (key.measurement, key.start, key.tags)):
        tags = ",".join(f"{name}={value}" for name, value in key.tags)
        fields = ",".join(f"{name}={value}" for name, value in true.points[key].items())
        print(f"{rfc3339(key.start)} {key.measurement},{tags} {fields}")
    print(f"points={len(true.points)} {_counts(true)}".rstrip())


def _counts(true: Truth) -> str:
    return " ".join(f"{name}={count}" for name, count in sorted(true.counts.items()))


def _when_closed(store: Store, catalogue: Catalogue, true: Truth, partitions: Mapping[str, int]) -> Difference:
    """The difference once nothing is missing any more, or when patience ends.

    Where something differs it looks once more: InfluxDB may show half of a point that is being written.
    """
    from stream_app.truth import compare

    until = time.monotonic() + PATIENCE_S
    before = None
    while True:
        stored = _stored(store, catalogue, true)
        difference = compare(true.points, _within(stored, true, catalogue, partitions))
        if difference.none or time.monotonic() > until or (not difference.missing and difference == before):
            return difference
        before = difference
        time.sleep(_LOOK_EVERY_S)


def _stored(store: Store, catalogue: Catalogue, true: Truth) -> dict[Key, dict[str, Value]]:
    """What the store holds of the same series in the same time."""
    from cli._progress import progress

    points: dict[Key, dict[str, Value]] = {}
    with progress("compare", len(true.points), "points") as tell:
        for name, series in catalogue.series.items():
            starts = [key.start for key in true.points if key.measurement == name]
            if starts:
                for start, end in _stretches(min(starts), max(starts) + 1, len(starts), series.window_s * NS):
                    points |= _points(store, series, start, end)
                    tell(len(points))
    return points


def _within(
    stored: dict[Key, dict[str, Value]], true: Truth, catalogue: Catalogue, partitions: Mapping[str, int]
) -> dict[Key, dict[str, Value]]:
    """Of what is stored, what the file can speak of.

    The partitions of a recording end at different moments, and the city has closed more windows since: of each
    partition nothing counts that is later than its last window in the file.
    """
    counts = {
        series.name: partitions[domain.topic]
        for domain in catalogue.domains
        for series in domain.series
        if domain.topic in partitions
    }
    last: dict[tuple[str, int], int] = {}
    for key in true.points:
        at = _partition(key, counts)
        last[at] = max(last.get(at, key.start), key.start)
    least = {name: min(start for (of, _), start in last.items() if of == name) for name, _ in last}
    return {
        key: fields
        for key, fields in stored.items()
        if key.start <= last.get(_partition(key, counts), least[key.measurement])
    }


def _partition(key: Key, counts: Mapping[str, int]) -> tuple[str, int]:
    """Where a point comes from: its measurement and partition, one for all in a plain file."""
    count = counts.get(key.measurement)
    return key.measurement, partition_of(dict(key.tags)["area"].encode(), count) if count else 0


def _stretches(start: int, end: int, points: int, window: int) -> Iterator[tuple[int, int]]:
    """Cut the time so that an answer has about `_ROWS_AN_ANSWER` rows."""
    answers = points // _ROWS_AN_ANSWER + 1
    step = max(window, (end - start) // answers + 1)
    for at in range(start, end, step):
        yield at, min(at + step, end)


def _points(store: Store, series: Series, start: int, end: int) -> dict[Key, dict[str, Value]]:
    from runtime.ask import ask
    from stream_app.truth import Key

    fields = ", ".join(f'"{name}"' for name in series.field_names)
    tags = ", ".join(f'"{name}"' for name in series.tag_names)
    question = f'SELECT {fields} FROM "{series.name}" WHERE time >= {start} AND time < {end} GROUP BY {tags}'  # noqa: S608 — names of the pack
    points: dict[Key, dict[str, Value]] = {}
    for result in ask(store, SETTLED, question):
        for one in result.get("series", ()):
            group = tuple(sorted(one["tags"].items()))
            for when, *values in one["values"]:
                named = dict(zip(one["columns"][1:], values, strict=True))
                key = Key(series.name, group, nanoseconds(when))
                points[key] = {name: value for name, value in named.items() if value is not None}
    return points
