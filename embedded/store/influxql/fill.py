"""What stands in windows without points. Columns in, columns out; windows in the query's order."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from embedded.store.influxql import syntax as ast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from embedded.store.line_protocol import Value


def window(time: int, interval: int, offset: int) -> int:
    """The start of the window of a time, all in ns."""
    return time - (time - offset) % interval


def fill(
    points: Mapping[int, Value], windows: Sequence[int], how: ast.Fill, number: float, interval: int
) -> list[Value | None]:
    """The values of one call in one group at `windows`; `points` are those that were computed."""
    if how is ast.Fill.NUMBER:
        standing = like(number, points.values())
        return [points.get(time, standing) for time in windows]
    if how is ast.Fill.PREVIOUS:
        return _previous(points, windows)
    if how is ast.Fill.LINEAR:
        return _linear(points, windows, interval)
    return [points.get(time) for time in windows]


def like(number: float, values: Iterable[Value | None]) -> Value:
    """A number as the type of those values holds it: InfluxDB's text of a number is empty, its boolean false."""
    kind = next((type(value) for value in values if value is not None), float)
    if kind is str:
        return ""
    if kind is bool:
        return False
    return int(number) if kind is int else float(number)


def _previous(points: Mapping[int, Value], windows: Sequence[int]) -> list[Value | None]:
    values: list[Value | None] = []
    last: Value | None = None
    for time in windows:
        last = points.get(time, last)
        values.append(last)
    return values


def _linear(points: Mapping[int, Value], windows: Sequence[int], interval: int) -> list[Value | None]:
    values: list[Value | None] = [points.get(time) for time in windows]
    known = [i for i, value in enumerate(values) if value is not None]
    for before, after in itertools.pairwise(known):
        start, stop = values[before], values[after]
        if not isinstance(start, int | float) or not isinstance(stop, int | float) or isinstance(start, bool):
            continue
        for i in range(before + 1, after):
            # InfluxDB interpolates over whole numbers of windows since the epoch, and cuts integers.
            part = (windows[i] // interval - windows[before] // interval) / (
                windows[after] // interval - windows[before] // interval
            )
            value = start + (stop - start) * part
            values[i] = int(value) if isinstance(start, int) else value
    return values
