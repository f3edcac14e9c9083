"""What functions of successive points make of them: points in, points out, in the query's order. No I/O.

The rules are those of `influxql/query/functions.go`; a point without a value is passed over.
"""

from __future__ import annotations

import itertools
from collections import deque
from typing import TYPE_CHECKING

from embedded.store.errors import StatementError
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.arithmetic import wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from embedded.store.line_protocol import Value

    Points = list[tuple[int, Value | None]]
    Numbers = Iterable[tuple[int, int | float]]
    Bounds = Callable[[int], tuple[int, int]]

_SECOND = 10**9


def apply(call: ast.Call, points: Points, interval: int, *, descending: bool) -> Points:
    """The points that `call` makes of the points of its first argument; `interval` is that of GROUP BY time, or 0.

    Raises:
        StatementError: they are no numbers.
    """
    if call.name == "elapsed":
        unit = _unit(call) or 1
        times = [time for time, value in points if value is not None]
        return [(time, _whole(time - before, unit)) for before, time in itertools.pairwise(times)]
    numbers = _numbers(call.name, points)
    if call.name == "moving_average":
        width = call.arguments[1]
        assert isinstance(width, ast.Integer)
        return list(_moving_average(numbers, width.value))
    if call.name == "cumulative_sum":
        return list(_cumulative_sum(numbers))
    pairs = _pairs(numbers)
    if call.name.endswith("difference"):
        return [(time, _less(value, old)) for (_, old), (time, value) in pairs if _kept(call, value, old)]
    sign = -1 if descending else 1
    unit = _unit(call) or interval or _SECOND
    return [
        (time, (value - old) / (sign * (time - then) / unit))
        for (then, old), (time, value) in pairs
        if _kept(call, value, old)
    ]


def integral(call: ast.Call, points: Points, bounds: Bounds, *, descending: bool) -> Points:
    """The area under the points in each window; `bounds` gives the start and end of the one that holds a time.

    A window's last part is a straight line towards the next point. What follows that line counts for the window of
    the next point, wherever that is; of integers InfluxDB then takes the line's end for the point.
    """
    unit = _unit(call) or _SECOND
    made: Points = []
    before: tuple[int, float] | None = None
    start = end = 0
    area = 0.0
    for time, value in _numbers(call.name, points):
        if before is None or before[0] == time:
            if before is None:
                start, end = bounds(time)[:: -1 if descending else 1]
            before = time, value
            continue
        height: float = value
        if time <= end if descending else time >= end:
            if before[0] != end:
                reached = before[1] + (value - before[1]) / (time - before[0]) * (end - before[0])
                area += 0.5 * (reached + before[1]) * (end - before[0]) / unit
                height, before = (reached, (end, before[1])) if isinstance(value, int) else (value, (end, reached))
            made.append((start, area))
            start, end = bounds(time)[:: -1 if descending else 1]
            area = 0.0
        area += 0.5 * (height + before[1]) * (time - before[0]) / unit
        before = time, value
    if before is not None and before[0] != start:
        made.append((start, area))
    return made


def _numbers(function: str, points: Points) -> Iterator[tuple[int, int | float]]:
    for time, value in points:
        if isinstance(value, str | bool):
            kind = "string" if isinstance(value, str) else "boolean"
            raise StatementError(f"unsupported {function} iterator type: {kind}")
        if value is not None:
            yield time, value


def _pairs(points: Numbers) -> Iterator[tuple[tuple[int, int | float], tuple[int, int | float]]]:
    """Each point with the one before it; of points of the same time only the first counts."""
    before: tuple[int, int | float] | None = None
    for point in points:
        if before is None or point[0] != before[0]:
            if before is not None:
                yield before, point
            before = point


def _kept(call: ast.Call, value: float, before: float) -> bool:
    return not (call.name.startswith("non_negative") and value < before)


def _less(value: float, before: float) -> int | float:
    less = value - before
    return wrap(less) if isinstance(less, int) else less


def _moving_average(points: Numbers, width: int) -> Iterator[tuple[int, float]]:
    last: deque[int | float] = deque(maxlen=width)
    total: int | float = 0
    for time, value in points:
        if len(last) == width:
            total -= last[0]
        last.append(value)
        total += value
        if len(last) == width:
            yield time, total / width


def _cumulative_sum(points: Numbers) -> Iterator[tuple[int, int | float]]:
    total: int | float = 0
    for time, value in points:
        total += value
        yield time, wrap(total) if isinstance(total, int) else total


def _unit(call: ast.Call) -> int:
    return call.arguments[1].ns if len(call.arguments) > 1 and isinstance(call.arguments[1], ast.Duration) else 0


def _whole(length: int, unit: int) -> int:
    """How many units, cut towards zero."""
    return length // unit if length >= 0 else -(-length // unit)
