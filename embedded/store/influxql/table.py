"""The rows of a scan as columns: one value a call or reference in each row, filled where the query says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embedded.store.errors import StatementError
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.arithmetic import evaluate, wrap
from embedded.store.influxql.compiler import column_names, differing
from embedded.store.influxql.fill import fill, window
from embedded.store.influxql.result import ResultSeries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from embedded.store.influxql.binding import Bound, Group
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

    def series(self, bound: Bound, group: Group, *, limited: bool) -> ResultSeries:
        """The selected expressions of these columns; LIMIT and OFFSET are applied unless they are already."""
        select = bound.plan.select
        rows: Sequence[Sequence[Any]] = []
        if self.times:
            values = [evaluate(column.expr, self.columns.__getitem__, len(self.times)) for column in bound.columns]
            rows = list(zip(self.times, *values, strict=True))
        if not limited and (select.limit or select.offset):
            rows = rows[select.offset : select.offset + select.limit if select.limit else None]
        names = column_names(bound.columns, bound.plan.time_name)
        tags = dict(sorted(zip(bound.tags, group.tags, strict=True)))
        return ResultSeries(bound.measurement.name, tuple(names), rows, tags)


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
    if not plan.interval or plan.fill is ast.Fill.NONE or not times:
        return Table(times, columns)
    windows = _all_windows(bound, min(times))
    filled: dict[ast.Expr, Cells] = {}
    for expr, values in columns.items():
        present = {time: value for time, value in zip(times, values, strict=True) if value is not None}
        how = plan.fill if expr is call else ast.Fill.NULL
        filled[expr] = fill(present, windows, how, plan.fill_value, plan.interval)
    return Table(windows, filled)


def window_table(rows: Rows, calls: Sequence[ast.Call], bound: Bound) -> Table:
    """Rows of (group, window, a value for each call), with the windows between them filled."""
    plan = bound.plan
    present = [_present(call, place, rows) for place, call in enumerate(calls, start=2)]
    starts = [min(values) for values in present if values]
    if not starts:
        return Table([], {})
    if not plan.interval:
        missing = plan.fill_value if plan.fill is ast.Fill.NUMBER else None
        return Table(
            [plan.start if plan.start is not None else 0],
            {call: [values.get(0, missing)] for call, values in zip(calls, present, strict=True)},
        )
    if plan.fill is ast.Fill.NONE:
        times = sorted(set[int]().union(*present), reverse=plan.descending)
    else:
        times = _all_windows(bound, min(starts))
    columns: dict[ast.Expr, Cells] = {}
    for call, values in zip(calls, present, strict=True):
        how, number = plan.fill, plan.fill_value
        if call.name == "count" and how is ast.Fill.NULL and values:
            how, number = ast.Fill.NUMBER, 0
        columns[call] = fill(values, times, how, number, plan.interval)
    return _differences(Table(times, columns), bound) if plan.differences else Table(times, columns)


def _differences(table: Table, bound: Bound) -> Table:
    """What each window has more than the one before that has a value; a window without any such is left out."""
    wanted = {call for column in bound.columns for call in _outermost(column.expr)}
    grown: dict[ast.Expr, Cells] = {call: _grown(table.columns[differing(call)[0]]) for call in wanted}
    kept = [row for row in range(len(table.times)) if any(cells[row] is not None for cells in grown.values())]
    times = [table.times[row] for row in kept]
    return Table(times, {call: [cells[row] for row in kept] for call, cells in grown.items()})


def _outermost(expr: ast.Expr) -> Iterator[ast.Call]:
    if isinstance(expr, ast.Call):
        yield expr
    else:
        for child in ast.children(expr):
            if not isinstance(child, ast.Select | ast.Show | ast.Measurement):
                yield from _outermost(child)


def _grown(values: Cells) -> Cells:
    before: Value | None = None
    grown: Cells = []
    for value in values:
        both = isinstance(value, int | float) and isinstance(before, int | float)
        more = value - before if both else None  # type: ignore[operator]  # mypy does not follow `both`
        grown.append(more if more is not None and more >= 0 else None)
        before = before if value is None else value
    return grown


def _present(call: ast.Call, place: int, rows: Rows) -> dict[int, Value]:
    """The values of one call by window; a count of nothing is no value."""
    values = {row[1]: row[place] for row in rows if row[place] is not None}
    if call.name == "count":
        return {time: count for time, count in values.items() if count}
    if call.name == "sum":
        return {time: wrap(total) if isinstance(total, int) else total for time, total in values.items()}
    return values


def _tag(bound: Bound, series: int, ref: ast.Ref) -> str | None:
    if ref.cast not in {"", "tag"}:
        return None  # a field of another measurement, where this one has a tag of that name
    return bound.tags_of[series].get(ref.name) or None


def _all_windows(bound: Bound, first: int) -> list[int]:
    plan = bound.plan
    if plan.start is not None:
        first = window(plan.start, plan.interval, plan.interval_offset)
    last = window(plan.stop, plan.interval, plan.interval_offset)
    count = (last - first) // plan.interval + 1
    cells = count * len(bound.groups) * (len(bound.columns) + 1)
    if cells > MAX_CELLS:
        raise StatementError(
            f"max-select-buckets limit exceeded: {count} windows make {cells} values, above {MAX_CELLS}"
        )
    windows = list(range(first, last + 1, plan.interval))
    return windows[::-1] if plan.descending else windows
