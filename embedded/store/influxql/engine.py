"""Runs statements on a reader of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from embedded.store.errors import QueryError, StatementError
from embedded.store.influxql import scan
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.arithmetic import evaluate, wrap
from embedded.store.influxql.binding import bind
from embedded.store.influxql.compiler import SELECTORS, calls_in, column_names, compile_select, refs_in
from embedded.store.influxql.fill import fill, window
from embedded.store.influxql.result import ResultSeries
from embedded.store.influxql.show import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from embedded.store.catalogue import Catalogue, Measurement
    from embedded.store.influxql.binding import Bound, Group
    from embedded.store.influxql.compiler import Plan
    from embedded.store.line_protocol import Value

MAX_CELLS = 5_000_000
"""Values in one answer: what fits in the memory the store may take."""


class Engine:
    """Runs statements; one for each connection, used by one thread at a time."""

    def __init__(self, catalogue: Catalogue, connection: duckdb.DuckDBPyConnection) -> None:
        self._catalogue = catalogue
        self._connection = connection
        self._matched: dict[tuple[str, str], bool] = {}

    def run(self, statement: ast.Statement, database: str, now: int) -> list[ResultSeries]:
        """The answer to one statement.

        Raises:
            StatementError: it cannot be carried out, as InfluxDB cannot.
            QueryError: the store does not do it.
        """
        self._matched.clear()
        if isinstance(statement, ast.Show):
            return show(statement, self._catalogue, database, self.matches)
        return self._select(statement, database, now)

    def interrupt(self) -> None:
        """End the statement that runs now; from any thread."""
        self._connection.interrupt()

    def matches(self, text: str, pattern: str) -> bool:
        """Whether an RE2 pattern is found in a text."""
        known = self._matched.get((text, pattern))
        if known is None:
            try:
                found = self._connection.execute("SELECT regexp_matches(?, ?)", [text, pattern]).fetchall()
            except duckdb.InvalidInputException as error:
                raise QueryError(f"error parsing regexp: {str(error).splitlines()[0]}") from error
            known = self._matched[text, pattern] = bool(found[0][0])
        return known

    def _select(self, select: ast.Select, database: str, now: int) -> list[ResultSeries]:
        plan = compile_select(select, now)
        for pattern in _patterns(select):
            self.matches("", pattern)
        measurements = self._measurements(select.sources, database)
        answer: list[ResultSeries] = []
        for bound in bind(plan, measurements, self.matches):
            if bound.groups:
                answer += self._aggregate(bound) if plan.aggregated else self._points(bound)
        return answer

    def _measurements(self, sources: Iterable[ast.Source], database: str) -> list[Measurement]:
        found: dict[int, Measurement] = {}
        for source in sources:
            if isinstance(source, ast.Select):
                raise QueryError("subqueries are not supported by this store")
            bucket = self._catalogue.buckets.get(source.database or database)
            if bucket is None:
                raise StatementError(f"database not found: {source.database or database}")
            for name, measurement in list(bucket.measurements.items()):
                if name == source.name or (
                    isinstance(source.name, ast.Regex) and self.matches(name, source.name.pattern)
                ):
                    found[measurement.id] = measurement
        return list(found.values())

    def _aggregate(self, bound: Bound) -> list[ResultSeries]:
        plan = bound.plan
        calls = list(dict.fromkeys(call for column in bound.columns for call in calls_in(column.expr)))
        plain = list(dict.fromkeys(ref for column in bound.columns for ref in refs_in(column.expr)))
        auxiliary = [ref for ref in plain if bound.field(ref) is not None]
        single = len(calls) == 1 and calls[0].name in SELECTORS
        point = single and (bool(plain) or not plan.interval)
        rows = self._connection.execute(*scan.aggregate(bound, calls, auxiliary, point=point)).fetchall()
        tags_of = {one.id: one.tags for group in bound.groups for one, _ in group.members}
        by_group: dict[int, list[tuple[Any, ...]]] = {}
        for row in rows:
            by_group.setdefault(row[0], []).append(row)
        answer = []
        for number, found in sorted(by_group.items()):
            columns: dict[ast.Expr, list[Value | None]] = {}
            if point:
                times, columns = _selected(found, calls[0], plain, auxiliary, tags_of, plan)
                if plan.interval and plan.select.fill is not ast.Fill.NONE:
                    times, columns = _filled_selection(times, columns, plan)
            else:
                times, columns = _windows(found, calls, plan)
            if times:
                answer.append(_result(bound, bound.groups[number], times, columns))
        return [series for series in answer if series.rows]

    def _points(self, bound: Bound) -> list[ResultSeries]:
        refs = list(dict.fromkeys(ref for column in bound.columns for ref in refs_in(column.expr)))
        fields = {ref: found for ref in refs if (found := bound.field(ref)) is not None}
        if not fields:
            return []
        rows = self._connection.execute(*scan.points(bound, list(fields.values()))).fetchall()
        if len(rows) * (len(refs) + 1) > MAX_CELLS:
            raise StatementError(f"the answer holds more than {MAX_CELLS} values: narrow the time range or set LIMIT")
        tags_of = {one.id: one.tags for group in bound.groups for one, _ in group.members}
        by_group: dict[int, list[tuple[Any, ...]]] = {}
        for row in rows:
            by_group.setdefault(row[0], []).append(row)
        answer = []
        for number, found in sorted(by_group.items()):
            times = [row[1] for row in found]
            columns: dict[ast.Expr, list[Value | None]] = {}
            for place, ref in enumerate(fields, start=3):
                columns[ref] = [row[place] for row in found]
            for ref in refs:
                if ref not in fields:
                    columns[ref] = [tags_of[row[2]].get(ref.name) or None for row in found]
            answer.append(_result(bound, bound.groups[number], times, columns, limited=True))
        return answer


def _selected(
    rows: list[tuple[Any, ...]],
    call: ast.Call,
    plain: list[ast.Ref],
    auxiliary: list[ast.Ref],
    tags_of: dict[int, dict[str, str]],
    plan: Plan,
) -> tuple[list[int], dict[ast.Expr, list[Value | None]]]:
    """Times and columns where each row is a selected point, with the fields and tags it has beside it."""
    found = [row for row in rows if row[2] is not None]
    if plan.select.descending:
        found.reverse()
    times = [row[1] if plan.interval else row[2]["t"] for row in found]
    columns: dict[ast.Expr, list[Value | None]] = {call: [row[2]["v"] for row in found]}
    for ref in plain:
        if ref in auxiliary:
            place = f"a{auxiliary.index(ref)}"
            columns[ref] = [row[2][place] for row in found]
        else:
            columns[ref] = [tags_of[row[2]["s"]].get(ref.name) or None for row in found]
    return times, columns


def _filled_selection(
    times: list[int], columns: dict[ast.Expr, list[Value | None]], plan: Plan
) -> tuple[list[int], dict[ast.Expr, list[Value | None]]]:
    if not times:
        return times, columns
    windows = _all_windows(plan, min(times), len(columns))
    filled: dict[ast.Expr, list[Value | None]] = {}
    for expr, values in columns.items():
        present = {time: value for time, value in zip(times, values, strict=True) if value is not None}
        how = plan.select.fill if isinstance(expr, ast.Call) else ast.Fill.NULL
        filled[expr] = fill(present, windows, how, plan.select.fill_value, plan.interval)
    return windows, filled


def _windows(
    rows: list[tuple[Any, ...]], calls: list[ast.Call], plan: Plan
) -> tuple[list[int], dict[ast.Expr, list[Value | None]]]:
    """Times and columns of one group's aggregates, filled as the query says."""
    select, columns = plan.select, {}
    present: list[dict[int, Value]] = []
    for place, call in enumerate(calls, start=2):
        values = {row[1]: row[place] for row in rows if row[place] is not None}
        if call.name == "count":
            values = {time: count for time, count in values.items() if count}
        elif call.name == "sum":
            values = {time: wrap(v) if isinstance(v, int) else v for time, v in values.items()}
        present.append(values)
    starts = [min(values) for values in present if values]
    if not starts:
        return [], {}
    if not plan.interval:
        missing = select.fill_value if select.fill is ast.Fill.NUMBER else None
        for call, values in zip(calls, present, strict=True):
            columns[call] = [values.get(0, missing)]
        return [plan.start if plan.start is not None else 0], columns
    if select.fill is ast.Fill.NONE:
        times = sorted(set().union(*present), reverse=select.descending)
    else:
        times = _all_windows(plan, min(starts), len(calls))
    for call, values in zip(calls, present, strict=True):
        how, number = select.fill, select.fill_value
        if call.name == "count" and how is ast.Fill.NULL and values:
            how, number = ast.Fill.NUMBER, 0
        columns[call] = fill(values, times, how, number, plan.interval)
    return times, columns


def _all_windows(plan: Plan, first: int, columns: int) -> list[int]:
    if plan.start is not None:
        first = window(plan.start, plan.interval, plan.interval_offset)
    last = window(plan.stop, plan.interval, plan.interval_offset)
    count = (last - first) // plan.interval + 1
    if count * columns > MAX_CELLS:
        raise StatementError(f"max-select-buckets limit exceeded: ({count}/{MAX_CELLS // columns})")
    windows = list(range(first, last + 1, plan.interval))
    return windows[::-1] if plan.select.descending else windows


def _result(
    bound: Bound,
    group: Group,
    times: list[int],
    columns: dict[ast.Expr, list[Value | None]],
    *,
    limited: bool = False,
) -> ResultSeries:
    select = bound.plan.select
    values = [evaluate(column.expr, columns.__getitem__, len(times)) for column in bound.columns]
    rows: Sequence[Sequence[Any]] = list(zip(times, *values, strict=True))
    if not limited and (select.limit or select.offset):
        rows = rows[select.offset : select.offset + select.limit if select.limit else None]
    names = column_names(bound.columns, bound.plan.time_name)
    return ResultSeries(
        bound.measurement.name, tuple(names), rows, dict(sorted(zip(bound.tags, group.tags, strict=True)))
    )


def _patterns(select: ast.Select) -> Iterable[str]:
    """Every regular expression of a statement, so that a bad one is refused whatever the data."""
    stack: list[object] = [*select.dimensions, select.where, *select.sources, *(c.expr for c in select.columns)]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Regex):
            yield node.pattern
        elif isinstance(node, ast.Binary):
            stack += [node.left, node.right]
        elif isinstance(node, ast.Paren):
            stack.append(node.inner)
        elif isinstance(node, ast.Call):
            stack += node.arguments
        elif isinstance(node, ast.Measurement):
            stack.append(node.name)
