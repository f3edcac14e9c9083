"""Settled points → roll-ups. What is behind is found by counting, so a stop, a crash or a late point needs no memory.

A settled point is written once and never with another value, so a window's `sum(count)` only ever grows: a roll-up
that counts as many events as its source is whole, one that counts fewer is computed anew. One that counts more
outlived its source, whose bucket keeps less, and is left as it is.

InfluxDB may show a point that is being written with some of its fields, its count among them. So what is computed is
computed once more at the next look, when the point is whole; a process that begins does so with the last hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city.influxql import Between, conditions, name
from city.instant import NS
from city.rollup import (
    HOUR,
    HOUR_TAG,
    LEAST_COPIED_S,
    WEEK_S,
    floor,
    hour_of_day,
    is_count,
    merge_of,
    merged_fields,
    of_day,
    offset_s,
    resolutions_of,
    scale_of,
)
from stream_app.core.lineprotocol import escape
from summary.quantiles import binned, quantile_lines
from summary.store import ROLLUP, SETTLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.domain import Series
    from city.geography import City
    from city.rollup import Resolution
    from summary.store import Port, Row

_COUNTED_AT_ONCE: Final = 1_500
"""Windows in one question about counts: a day of minutes."""

_DOUBTED_S: Final = 3_600
"""How much of what was rolled up before it began a process does not trust."""

_ROWS_AT_ONCE: Final = 20_000
"""Rows in one question about fields; each has some twenty."""


@dataclass(frozen=True, slots=True)
class Step:
    """One roll-up: what it is computed from, over which tags, into what.

    Attributes:
        by_hour: the hour of the day is a tag of the target.
        week_later: a copy is written under this name, stamped a week later; empty: none.
        quantiles: the quantiles of its distributions are written under this name; empty: it has none.
    """

    series: Series
    bucket: str
    source: str
    target: str
    resolution: Resolution
    tags: tuple[str, ...]
    by_hour: bool = False
    week_later: str = ""
    quantiles: str = ""


def steps_of(series: Series) -> Iterator[Step]:
    """A series' roll-ups, each made of the one before, the shortest of settled points."""
    bucket, source = SETTLED, series.name
    for resolution in resolutions_of(series):
        target, tags = resolution.of(series.name), series.tag_names
        copied = resolution.seconds >= LEAST_COPIED_S
        later = resolution.week_later(series.name) if copied else ""
        quantiles = resolution.quantiles(series.name) if copied and binned(series) else ""
        yield Step(series, bucket, source, target, resolution, tags, week_later=later, quantiles=quantiles)
        bucket, source = ROLLUP, target
    hourly = HOUR.of(series.name)
    yield Step(series, ROLLUP, hourly, of_day(series.name), HOUR, ("area", "zone"), by_hour=True)


class RollUps:
    """Keeps the roll-ups of some series."""

    def __init__(self, store: Port, city: City) -> None:
        self._store = store
        self._city = city
        self._rows: dict[str, int] = {}
        self._doubted: dict[str, set[int]] = {}

    def bring_up(self, series: Series, look_back_s: int | None = None) -> int:
        """Compute what is behind; the number of windows that were.

        Args:
            series: whose roll-ups.
            look_back_s: how far before its newest settled point to look; None: at everything the store keeps.

        Raises:
            CityopsError, StoreAwayError: the store did not do its part. Calling again goes on from there.
        """
        newest = self._edge(series, "last")
        if newest is None:
            return 0
        oldest = newest - look_back_s * NS if look_back_s is not None else self._edge(series, "first") or newest
        return sum(self._bring_up(step, oldest, newest) for step in steps_of(series))

    def _edge(self, series: Series, which: str) -> int | None:
        """The time of the first or last settled point."""
        query = f"SELECT {which}({name('count')}) AS {name('count')} FROM {name(series.name)}"  # noqa: S608 - every name went through `name`
        return next((row.time for row in self._store.rows(SETTLED, query)), None)

    def _bring_up(self, step: Step, oldest: int, newest: int) -> int:
        ahead_s, length = offset_s(self._city, newest), step.resolution.seconds * NS
        start = floor(oldest, step.resolution, ahead_s)
        end = floor(newest, step.resolution, ahead_s) + length
        doubted = self._doubted.get(step.target)
        again: set[int] = set()
        for at in range(start, end, length * _COUNTED_AT_ONCE):
            span = Between(at, min(end, at + length * _COUNTED_AT_ONCE))
            there = self._counts(step, step.bucket, step.source, span, ahead_s)
            here = self._counts(step, ROLLUP, step.target, span, ahead_s)
            behind = {time for time, count in there.items() if count > here.get(time, 0)}
            equal = {time for time, count in there.items() if count == here.get(time)}
            fresh = {time for time in equal if time + length > newest - _DOUBTED_S * NS}
            stale = sorted(behind | (fresh if doubted is None else equal & doubted))
            for first, last in self._stretches(step, stale, length):
                self._compute(step, Between(first, last + length), ahead_s)
            again |= behind
        self._doubted[step.target] = again
        return len(again)

    def _counts(self, step: Step, bucket: str, measurement: str, span: Between, ahead_s: int) -> dict[int, int]:
        """How many events each window holds: start (ns) → count."""
        query = (
            f"SELECT sum({name('count')}) AS {name('count')} FROM {name(measurement)} "  # noqa: S608 - every name went through `name`
            f"WHERE {conditions((), span)} GROUP BY {_windows(step, ahead_s)} fill(none)"
        )
        return {row.time: row.values["count"] for row in self._store.rows(bucket, query)}

    def _stretches(self, step: Step, stale: list[int], length: int) -> Iterator[tuple[int, int]]:
        """Neighbouring windows together, as many as an answer may hold."""
        most = max(1, _ROWS_AT_ONCE // self._rows.get(step.target, 1_000))
        stretch: list[int] = []
        for time in stale:
            if stretch and (time != stretch[-1] + length or len(stretch) >= most):
                yield stretch[0], stretch[-1]
                stretch = []
            stretch.append(time)
        if stretch:
            yield stretch[0], stretch[-1]

    def _compute(self, step: Step, span: Between, ahead_s: int) -> None:
        """Write the windows of a stretch. The roll-up itself comes last: its count says that all is there."""
        fields = merged_fields(step.series)
        columns = ", ".join(f"{merge_of(field, step.series)}({name(field)}) AS {name(field)}" for field in fields)
        groups = ", ".join([*map(name, step.tags), _windows(step, ahead_s)])
        query = f"SELECT {columns} FROM {name(step.source)} WHERE {conditions((), span)} GROUP BY {groups} fill(none)"  # noqa: S608 - every name went through `name`
        rows = list(self._store.rows(step.bucket, query))
        windows = max(1, (span.end_ns - span.start_ns) // (step.resolution.seconds * NS))
        self._rows[step.target] = max(1, len(rows) // windows)
        if step.week_later:
            later = [_line(step, step.week_later, row, row.time + WEEK_S * NS, ahead_s) for row in rows]
            self._store.write(ROLLUP, later)
        if step.quantiles:
            self._store.write(ROLLUP, list(quantile_lines(step.series, step.quantiles, rows)))
        self._store.write(ROLLUP, [_line(step, step.target, row, row.time, ahead_s) for row in rows])


def _windows(step: Step, ahead_s: int) -> str:
    return f"time({step.resolution.seconds}s, {-ahead_s}s)"


def _line(step: Step, measurement: str, row: Row, at_ns: int, ahead_s: int) -> str:
    tags = {tag: row.tags[tag] for tag in step.tags}
    if step.by_hour:
        tags[HOUR_TAG] = hour_of_day(row.time, ahead_s)
    key = measurement + "".join(f",{tag}={escape(value)}" for tag, value in sorted(tags.items()))
    fields = ",".join(_field(step.series, field, value) for field, value in row.values.items())
    return f"{key} {fields} {at_ns // NS}"


def _field(series: Series, field: str, value: float) -> str:
    """A field of a line. Sums of floats are put right to the smallest step, so that they are what sums of steps are."""
    if is_count(field, series):
        return f"{field}={int(value)}i"
    scale = scale_of(field, series)
    return f"{field}={round(value * scale) / scale!r}"
