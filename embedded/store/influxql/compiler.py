"""A SELECT, checked by InfluxDB's rules (`query/compile.go`, 1.8) before any data is looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from embedded.store.errors import StatementError
from embedded.store.influxql import functions
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.check import check_columns
from embedded.store.influxql.condition import MAX_TIME, TimeRange, evaluate_time, split
from embedded.store.influxql.zone import zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from embedded.store.influxql.zone import Zone


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked SELECT. Times in ns, both ends included; `start` is None when it is open."""

    select: ast.Select
    columns: tuple[ast.Column, ...]
    time_name: str
    condition: ast.Expr | None
    start: int | None
    stop: int
    interval: int
    interval_offset: int
    fill: ast.Fill
    fill_value: float | int
    descending: bool
    dimensions: tuple[ast.Ref | ast.Wildcard | ast.Regex, ...]
    aggregated: bool
    zone: Zone | None = None


def compile_select(select: ast.Select, now: int, outer: Plan | None = None) -> Plan:
    """Check a SELECT and read its time range and dimensions; a subquery inherits from the plan around it.

    Raises:
        StatementError: InfluxDB refuses it too, in these words.
        QueryError: InfluxDB takes it, the store does not.
    """
    zone = zone_of(select.zone) if select.zone else None
    condition, times = split(select.where, now, zone)
    interval, offset, dimensions = _dimensions(select, now, zone)
    columns, time_name = _columns(select)
    inherited = not interval and outer is not None and outer.interval > 0
    if inherited and outer is not None:
        interval, offset = outer.interval, outer.interval_offset
    aggregated = check_columns(select, columns, interval, inherited=inherited)
    stop = times.stop if times.stop is not None else now if interval else MAX_TIME
    plan = Plan(
        select,
        columns,
        time_name,
        condition,
        times.start,
        stop,
        interval,
        offset,
        select.fill,
        select.fill_value,
        select.descending,
        dimensions,
        aggregated,
        zone,
    )
    return plan if outer is None else _inherit(plan, outer)


def windows_earlier(plan: Plan, count: int) -> Plan:
    """The plan with so many windows more before its first, so that this one has others to be compared with."""
    if not count or not plan.interval:
        return plan
    if plan.descending:
        return replace(plan, stop=min(plan.stop + count * plan.interval, MAX_TIME))
    return plan if plan.start is None else replace(plan, start=plan.start - count * plan.interval)


def _inherit(inner: Plan, outer: Plan) -> Plan:
    """A subquery's plan: within the outer time range, grouped by the outer tags too, empty windows left out."""
    if inner.select.ordered and inner.descending != outer.descending:
        raise StatementError("subqueries must be ordered in the same direction as the query itself")
    times = TimeRange(inner.start, inner.stop).meet(TimeRange(outer.start, outer.stop))
    assert times.stop is not None
    fill = ast.Fill.NONE if inner.aggregated and inner.fill is ast.Fill.NULL else inner.fill
    return replace(
        inner,
        start=times.start,
        stop=times.stop,
        fill=fill,
        descending=outer.descending,
        dimensions=tuple(dict.fromkeys((*inner.dimensions, *outer.dimensions))),
    )


def calls_in(expr: ast.Expr) -> Iterator[ast.Call]:
    """Every call within an expression that the data answers, from left to right; not what is within those."""
    if isinstance(expr, ast.Call) and expr.name not in functions.MATH:
        yield expr
    else:
        for part in _parts(expr):
            yield from calls_in(part)


def refs_in(expr: ast.Expr) -> Iterator[ast.Ref]:
    """Every field or tag named outside a call of the data."""
    if isinstance(expr, ast.Ref):
        yield expr
    else:
        for part in _parts(expr):
            yield from refs_in(part)


def _parts(expr: ast.Expr) -> tuple[ast.Expr, ...]:
    if isinstance(expr, ast.Binary):
        return expr.left, expr.right
    if isinstance(expr, ast.Paren):
        return (expr.inner,)
    return expr.arguments if isinstance(expr, ast.Call) and expr.name in functions.MATH else ()


def column_names(columns: tuple[ast.Column, ...], time_name: str) -> list[str]:
    """What the columns are called, InfluxDB's way: aliases first, then names made unique by a number."""
    taken = {column.alias: 1 for column in columns if column.alias}
    names = [time_name]
    for column in columns:
        if column.alias:
            names.append(column.alias)
            continue
        name = base = _name(column.expr)
        if base in taken:
            count = taken[base]
            while (name := f"{base}_{count}") in taken:
                count += 1
            taken[base] = count + 1
        taken[name] = taken.get(name, 0) + 1
        names.append(name)
    return names


def _name(expr: ast.Expr) -> str:
    if isinstance(expr, ast.Ref | ast.Call):
        return expr.name
    if isinstance(expr, ast.Paren):
        return _name(expr.inner)
    if isinstance(expr, ast.Binary):
        return "_".join(name for side in (expr.left, expr.right) if (name := _name(side)))
    return ""


def _columns(select: ast.Select) -> tuple[tuple[ast.Column, ...], str]:
    """The selected columns without `time`, which is always there, and the name of the time column."""
    columns, time_name = [], "time"
    for column in select.columns:
        if isinstance(column.expr, ast.Ref) and column.expr.name == "time":
            time_name = column.alias or time_name
        else:
            expr = fold(column.expr)
            columns.append(replace(column, expr=expr))
            if isinstance(expr, ast.Call) and expr.name in functions.RANKS:
                # What top() and bottom() rank by stands beside them.
                columns += [ast.Column(argument) for argument in expr.arguments[1:] if isinstance(argument, ast.Ref)]
    if not columns:
        raise StatementError("at least 1 non-time field must be queried")
    return tuple(columns), time_name


def fold(expr: ast.Expr) -> ast.Expr:
    """The expression with its arithmetic on literals done."""
    if isinstance(expr, ast.Paren):
        inner = fold(expr.inner)
        return inner if isinstance(inner, ast.Number | ast.Integer) else ast.Paren(inner)
    if isinstance(expr, ast.Call):
        return replace(expr, arguments=tuple(map(fold, expr.arguments)))
    if not isinstance(expr, ast.Binary):
        return expr
    left, right = fold(expr.left), fold(expr.right)
    if isinstance(left, ast.Number | ast.Integer) and isinstance(right, ast.Number | ast.Integer):
        a, b = left.value, right.value
        if expr.op == "/":
            return ast.Number(a / b if b else 0.0)
        if expr.op in {"+", "-", "*"}:
            value = {"+": a + b, "-": a - b, "*": a * b}[expr.op]
            return ast.Integer(value) if isinstance(value, int) else ast.Number(value)
    return ast.Binary(expr.op, left, right)


def _dimensions(
    select: ast.Select, now: int, zone: Zone | None
) -> tuple[int, int, tuple[ast.Ref | ast.Wildcard | ast.Regex, ...]]:
    interval, offset = 0, 0
    tags: list[ast.Ref | ast.Wildcard | ast.Regex] = []
    for dimension in select.dimensions:
        if isinstance(dimension, ast.Ref):
            if dimension.name.lower() == "time":
                raise StatementError("time() is a function and expects at least one argument")
            tags.append(dimension)
        elif isinstance(dimension, ast.Wildcard | ast.Regex):
            tags.append(dimension)
        elif isinstance(dimension, ast.Call):
            if interval:
                raise StatementError("multiple time dimensions not allowed")
            interval, offset = _interval(dimension, now, zone)
        else:
            raise StatementError("only time and tag dimensions allowed")
    return interval, offset, tuple(tags)


def _interval(call: ast.Call, now: int, zone: Zone | None) -> tuple[int, int]:
    if call.name != "time":
        raise StatementError("only time() calls allowed in dimensions")
    if not 1 <= len(call.arguments) <= 2:
        raise StatementError("time dimension expected 1 or 2 arguments")
    length = call.arguments[0]
    if not isinstance(length, ast.Duration):
        raise StatementError("time dimension must have duration argument")
    if length.ns <= 0:
        return 0, 0
    if len(call.arguments) == 1:
        return length.ns, 0
    shift = call.arguments[1]
    if not isinstance(shift, ast.Duration | ast.Text | ast.Call):
        raise StatementError("time dimension offset must be duration or now()")
    return length.ns, evaluate_time(shift, now, zone) % length.ns
