"""The rows of a scan as columns: one value a call or reference in each row, filled where the query says so."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embedded.store.errors import StatementError
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.arithmetic import evaluate, wrap
from embedded.store.influxql.fill import fill, like, window
from embedded.store.influxql.mode import most_frequent
from embedded.store.influxql.result import ResultSeries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from embedded.store.influxql.binding import Bound
    from embedded.store.influxql.compiler import Plan
    from embedded.store.influxql.stream import Points
    from embedded.store.line_protocol import Value

Rows = list[tuple[Any, ...]]
Cells = list["Value | None"]

MAX_CELLS = 2_000_000
"""Values in an answer: what fits in the memory the store may take. A day of minutes for 126 areas has 181,440."""


@dataclass(frozen=True, slots=True)
class Table:
    """Times in ns, and the values of each call or reference at them."""

    times: list[int]
    columns: Mapping[ast.Expr, Cells]

    def series(self, bound: Bound, group: tuple[str, ...], *, limited: bool) -> ResultSeries:
        """The selected expressions of these columns; LIMIT and OFFSET are applied unless they are already."""
        select = bound.plan.select
        rows: Sequence[Sequence[Any]] = []
        if self.times:
            values = [
                _numbers(found) if may_be_nan else found
                for expr, may_be_nan in bound.shown
                for found in (evaluate(expr, self.columns.__getitem__, len(self.times)),)
            ]
            rows = list(zip(self.times, *values, strict=True))
        if not limited and (select.limit or select.offset):
            rows = rows[select.offset : select.offset + select.limit if select.limit else None]
        tags = {name: group[place] for name, place in bound.tag_places}
        return ResultSeries(bound.measurement.name, bound.names, rows, tags, zone=bound.plan.zone)


def _numbers(values: Sequence[Value | None]) -> Sequence[Value | None]:
    """Values as they are shown: what is no number (NaN), as some functions make it, is nothing."""
    return [None if value != value else value for value in values]  # noqa: PLR0124 - only NaN differs from itself


def points_table(rows: Rows, refs: Sequence[ast.Ref], fields: Sequence[ast.Ref], bound: Bound) -> Table:
    """Rows of (group, time, series id, a value for each of `fields`)."""
    columns: dict[ast.Expr, Cells] = {ref: [row[place] for row in rows] for place, ref in enumerate(fields, start=3)}
    columns |= {ref: [_tag(bound, row[2], ref) for row in rows] for ref in refs if ref not in columns}
    return Table([row[1] for row in rows], columns)


def selection_table(
    rows: Rows, call: ast.Call, beside: Sequence[ast.Ref], fields: Sequence[ast.Ref], bound: Bound
) -> Table:
    """Rows of (group, window, selected point): the call's value, and what else of that point was asked for."""
    plan = bound.plan
    found = [row for row in rows if row[2] is not None]
    if plan.descending:
        found.reverse()
    times = [row[1] if plan.interval else row[2]["t"] for row in found]
    columns: dict[ast.Expr, Cells] = {call: [row[2]["v"] for row in found]}
    for ref in beside:
        place = f"a{fields.index(ref)}" if ref in fields else ""
        columns[ref] = [row[2][place] if place else _tag(bound, row[2]["s"], ref) for row in found]
    asked = slice(plan.select.offset, plan.select.offset + plan.select.limit if plan.select.limit else None)
    if not plan.interval or plan.fill is ast.Fill.NONE or not times:
        return Table(times[asked], {expr: values[asked] for expr, values in columns.items()})
    windows = _all_windows(bound, min(times))
    filled: dict[ast.Expr, Cells] = {}
    for expr, values in columns.items():
        present = {time: value for time, value in zip(times, values, strict=True) if value is not None}
        if expr is call:
            filled[expr] = fill(present, windows, plan.fill, plan.fill_value, plan.interval)[asked]
        else:
            filled[expr] = _beside(present, windows[asked], plan)
    return Table(windows[asked], filled)


def _beside(present: Mapping[int, Value], windows: Sequence[int], plan: Plan) -> Cells:
    """What stands beside a selected value in each window: a straight line is drawn through that value alone."""
    if plan.fill is ast.Fill.PREVIOUS:
        return fill(present, windows, plan.fill, 0, plan.interval)
    if plan.fill is not ast.Fill.NUMBER:
        return [present.get(time) for time in windows]
    of_numbers = not any(isinstance(value, str | bool) for value in present.values())
    missing = like(plan.fill_value, present.values()) if of_numbers else plan.fill_value
    return [present.get(time, missing) for time in windows]


def ranked_table(
    rows: Rows, call: ast.Call, beside: Sequence[ast.Ref], fields: Sequence[ast.Ref], bound: Bound
) -> Table:
    """Rows of (group, window, value, time, series id, a value for each of `fields`), best first in each window."""
    by = [argument for argument in call.arguments[1:-1] if isinstance(argument, ast.Ref)]
    count = call.arguments[-1]
    assert isinstance(count, ast.Integer)
    chosen: Rows = []
    for _, alike in itertools.groupby(rows, key=lambda row: row[1]):
        best: dict[tuple[str | None, ...] | int, tuple[Any, ...]] = {}
        for row in alike:
            best.setdefault(tuple(_tag(bound, row[4], ref) for ref in by) if by else len(best), row)
        chosen += itertools.islice(best.values(), count.value)
    # In time's order; of one time the best first, as they are already.
    chosen.sort(key=lambda row: row[3], reverse=bound.plan.descending)
    columns: dict[ast.Expr, Cells] = {call: [row[2] for row in chosen]}
    for ref in beside:
        place = 5 + fields.index(ref) if ref in fields else 0
        columns[ref] = [row[place] if place else _tag(bound, row[4], ref) for row in chosen]
    return Table([row[3] for row in chosen], columns)


def distinct_table(rows: Rows, call: ast.Call, bound: Bound) -> Table:
    """Rows of (group, window, value)."""
    plan = bound.plan
    times = [row[1] if plan.interval else plan.start or 0 for row in rows]
    return Table(times, {call: [row[2] for row in rows]})


def window_points(call: ast.Call, place: int, rows: Rows, bound: Bound) -> Points:
    """One call's value in each window of a group, from rows of (group, window, a value for each call); filled."""
    plan = bound.plan
    values = _present(call, place, rows)
    if not values:
        return []
    if not plan.interval:
        return [(plan.start if plan.start is not None else 0, value) for value in values.values()]
    if plan.fill is ast.Fill.NONE:
        return sorted(values.items(), reverse=plan.descending)
    windows = _all_windows(bound, min(values))
    return list(zip(windows, _filled(call, values, windows, plan), strict=True))


def window_table(rows: Rows, calls: Sequence[ast.Call], bound: Bound) -> Table | None:
    """The calls in windows that are all filled, so that they share their times; None when none has a value."""
    plan, select = bound.plan, bound.plan.select
    present = {call: _present(call, place, rows) for place, call in enumerate(calls, start=2)}
    starts = [min(values) for values in present.values() if values]
    if not starts:
        return None
    windows = _all_windows(bound, min(starts))
    asked = slice(select.offset, select.offset + select.limit if select.limit else None)
    filled: dict[ast.Expr, Cells] = {
        call: _filled(call, values, windows, plan)[asked] for call, values in present.items()
    }
    return Table(windows[asked], filled)


def _filled(call: ast.Call, values: Mapping[int, Value], windows: Sequence[int], plan: Plan) -> Cells:
    if call.name == "count" and plan.fill is ast.Fill.NULL and values:
        return fill(values, windows, ast.Fill.NUMBER, 0, plan.interval)
    return fill(values, windows, plan.fill, plan.fill_value, plan.interval)


def merged_table(points: Mapping[ast.Call, Points], bound: Bound) -> Table:
    """The calls of a group beside each other: a row for each time that one of them has a value at.

    Where a call has none there stands what `fill()` says: a number, the value before it, or nothing.
    """
    plan, select = bound.plan, bound.plan.select
    last = select.offset + select.limit if select.limit else None
    # LIMIT counts the points of each call, not the rows they make together.
    streams = {call: found[select.offset : last] for call, found in points.items()}
    times, *others = ([time for time, _ in found] for found in streams.values())
    if all(other == times for other in others):
        return Table(times, {call: [value for _, value in found] for call, found in streams.items()})
    times = []
    columns: dict[ast.Expr, Cells] = {call: [] for call in streams}
    ahead = {call: deque(found) for call, found in streams.items()}
    while heads := [queue[0][0] for queue in ahead.values() if queue]:
        time = max(heads) if plan.descending else min(heads)
        times.append(time)
        for call, queue in ahead.items():
            value = queue.popleft()[1] if queue and queue[0][0] == time else None
            cells = columns[call]
            cells.append(_standing(streams[call], cells, bound) if value is None else value)
    return Table(times, columns)


def _standing(points: Points, cells: Cells, bound: Bound) -> Value | None:
    if bound.plan.fill is ast.Fill.PREVIOUS:
        return cells[-1] if cells else None
    if bound.plan.fill is not ast.Fill.NUMBER:
        return None
    return like(bound.plan.fill_value, [value for _, value in points])


def _present(call: ast.Call, place: int, rows: Rows) -> dict[int, Value]:
    """The values of one call by window; a count of nothing is no value."""
    values = {row[1]: row[place] for row in rows if row[place] is not None}
    if call.name == "count":
        return {time: count for time, count in values.items() if count}
    if call.name in {"sum", "spread"}:
        return {time: wrap(total) if isinstance(total, int) else total for time, total in values.items()}
    if call.name == "mode":
        return {time: most_frequent(found) for time, found in values.items()}
    return values


def _tag(bound: Bound, series: int, ref: ast.Ref) -> str | None:
    if ref.cast not in {"", "tag"}:
        return None  # a field of another measurement, where this one has a tag of that name
    return bound.tags_of[series].get(ref.name) or None


def _all_windows(bound: Bound, first: int) -> list[int]:
    """Every window from the first that is asked for, or has a value, to the last that is asked for."""
    plan = bound.plan
    if plan.start is not None:
        first = _window(plan, plan.start)
    last = _window(plan, plan.stop)
    count = (last - first) // plan.interval + 1
    cells = count * len(bound.grouping.groups) * (len(bound.columns) + 1)
    if cells > MAX_CELLS:
        raise StatementError(
            f"max-select-buckets limit exceeded: {count} windows make {cells} values, above {MAX_CELLS}"
        )
    if plan.zone is None:
        windows = list(range(first, last + 1, plan.interval))
        return windows[::-1] if plan.descending else windows
    windows = [last if plan.descending else first]
    while True:
        following = plan.zone.after(windows[-1], plan.interval, descending=plan.descending)
        if not first <= following <= last:
            return windows
        windows.append(following)


def _window(plan: Plan, time: int) -> int:
    if plan.zone is not None:
        return plan.zone.window(time, plan.interval, plan.interval_offset)
    return window(time, plan.interval, plan.interval_offset)
