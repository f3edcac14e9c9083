"""A SELECT, checked by InfluxDB's rules (`query/compile.go`, 1.8) before any data is looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from embedded.store.errors import QueryError, StatementError
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.condition import MAX_TIME, TimeRange, evaluate_time, split

if TYPE_CHECKING:
    from collections.abc import Iterator

SELECTORS = {"min", "max", "first", "last"}
AGGREGATES = {"count", "sum", "mean"}
DIFFERENCE = "non_negative_difference"
"""Of the values of another call in successive windows; what becomes less gives nothing."""
FUNCTIONS = SELECTORS | AGGREGATES


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
    differences: bool = False


def compile_select(select: ast.Select, now: int, outer: Plan | None = None) -> Plan:
    """Check a SELECT and read its time range and dimensions; a subquery inherits from the plan around it.

    Raises:
        StatementError: InfluxDB refuses it too, in these words.
        QueryError: InfluxDB takes it, the store does not.
    """
    if select.zone:
        raise QueryError("tz() is not supported by this store: times are UTC, an offset goes into time(1d, -7h)")
    condition, times = split(select.where, now)
    interval, offset, dimensions = _dimensions(select, now)
    columns, time_name = _columns(select)
    check = _Check()
    for column in columns:
        check.column(column.expr)
    check.whole(select, interval)
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
        aggregated=bool(check.calls),
        differences=check.differences > 0,
    )
    return _from_one_window_before(plan if outer is None else _inherit(plan, outer))


def _from_one_window_before(plan: Plan) -> Plan:
    """A plan of differences looks at one window more, so that the first one asked for has one to differ from."""
    if not plan.differences or plan.start is None:
        return plan
    return replace(plan, start=plan.start - plan.interval)


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
        interval=inner.interval or outer.interval,
        interval_offset=inner.interval_offset if inner.interval else outer.interval_offset,
        fill=fill,
        descending=outer.descending,
        dimensions=tuple(dict.fromkeys((*inner.dimensions, *outer.dimensions))),
    )


def calls_in(expr: ast.Expr) -> Iterator[ast.Call]:
    """Every call within an expression that the data answers, from left to right."""
    if isinstance(expr, ast.Call):
        yield from differing(expr) or (expr,)
    elif isinstance(expr, ast.Binary):
        yield from calls_in(expr.left)
        yield from calls_in(expr.right)
    elif isinstance(expr, ast.Paren):
        yield from calls_in(expr.inner)


def differing(call: ast.Call) -> tuple[ast.Call, ...]:
    """The call whose values a difference compares; none for any other call."""
    return tuple(one for one in call.arguments if isinstance(one, ast.Call)) if call.name == DIFFERENCE else ()


def refs_in(expr: ast.Expr) -> Iterator[ast.Ref]:
    """Every field or tag named outside a call."""
    if isinstance(expr, ast.Ref):
        yield expr
    elif isinstance(expr, ast.Binary):
        yield from refs_in(expr.left)
        yield from refs_in(expr.right)
    elif isinstance(expr, ast.Paren):
        yield from refs_in(expr.inner)


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
            columns.append(replace(column, expr=fold(column.expr)))
    if not columns:
        raise StatementError("at least 1 non-time field must be queried")
    return tuple(columns), time_name


def fold(expr: ast.Expr) -> ast.Expr:
    """The expression with its arithmetic on literals done."""
    if isinstance(expr, ast.Paren):
        inner = fold(expr.inner)
        return inner if isinstance(inner, ast.Number | ast.Integer) else ast.Paren(inner)
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


def _dimensions(select: ast.Select, now: int) -> tuple[int, int, tuple[ast.Ref | ast.Wildcard | ast.Regex, ...]]:
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
            interval, offset = _interval(dimension, now)
        else:
            raise StatementError("only time and tag dimensions allowed")
    return interval, offset, tuple(tags)


def _interval(call: ast.Call, now: int) -> tuple[int, int]:
    if call.name != "time":
        raise StatementError("only time() calls allowed in dimensions")
    if not 1 <= len(call.arguments) <= 2:
        raise StatementError("time dimension expected 1 or 2 arguments")
    length = call.arguments[0]
    if not isinstance(length, ast.Duration):
        raise StatementError("time dimension must have duration argument")
    if length.ns <= 0:
        raise StatementError("time dimension must have a duration greater than zero")
    if len(call.arguments) == 1:
        return length.ns, 0
    shift = call.arguments[1]
    if not isinstance(shift, ast.Duration | ast.Text | ast.Call):
        raise StatementError("time dimension offset must be duration or now()")
    return length.ns, evaluate_time(shift, now) % length.ns


class _Check:
    """Walks the columns as InfluxDB's compiler does, with its messages."""

    def __init__(self) -> None:
        self.calls: list[ast.Call] = []
        self.differences = 0
        self.plain = False
        self.only_selectors = True

    def column(self, expr: ast.Expr, *, nested: bool = False) -> None:
        if isinstance(expr, ast.Ref):
            self.plain = True
        elif isinstance(expr, ast.Wildcard | ast.Regex):
            if nested:
                what = "wildcard" if isinstance(expr, ast.Wildcard) else "regex"
                raise StatementError(f"unable to use {what} in a binary expression")
            self.plain = True
        elif isinstance(expr, ast.Call):
            self._call(expr, nested=nested)
        elif isinstance(expr, ast.Paren):
            self.column(expr.inner, nested=nested)
        elif isinstance(expr, ast.Binary):
            self._binary(expr)
        else:
            raise StatementError("field must contain at least one variable")

    def whole(self, select: ast.Select, interval: int) -> None:
        if not self.calls:
            if select.fill in {ast.Fill.NONE, ast.Fill.LINEAR} and select.dimensions:
                raise StatementError(f"fill({select.fill.value}) must be used with a function")
            if interval:
                raise StatementError("GROUP BY requires at least one aggregate function")
        if self.differences:
            if not interval:
                raise StatementError(f"{DIFFERENCE} aggregate requires a GROUP BY interval")
            if self.differences < len(self.calls) or select.descending:
                raise QueryError(f"{DIFFERENCE}() beside other calls, or descending, is not supported by this store")
        if self.calls and self.plain:
            if not self.only_selectors:
                raise StatementError("mixing aggregate and non-aggregate queries is not supported")
            if len(self.calls) > 1:
                raise StatementError("mixing multiple selector functions with tags or fields is not supported")

    def _binary(self, expr: ast.Binary) -> None:
        if expr.op in {"and", "or", "=", "!=", "<", "<=", ">", ">=", "=~", "!~"}:
            raise QueryError(f"invalid operator {expr.op} in SELECT clause; operator is intended for WHERE clause")
        literal = ast.Number | ast.Integer | ast.Text | ast.Boolean | ast.Duration
        sides = [side for side in (expr.left, expr.right) if not isinstance(side, literal)]
        if not sides:
            raise StatementError("cannot perform a binary expression on two literals")
        for side in (expr.left, expr.right):
            if isinstance(side, ast.Text | ast.Boolean | ast.Duration):
                raise QueryError(f"arithmetic with {type(side).__name__.lower()} is not supported by this store")
        for side in sides:
            self.column(side, nested=True)

    def _call(self, call: ast.Call, *, nested: bool) -> None:
        if call.name == DIFFERENCE:
            self._difference(call, nested=nested)
            return
        if call.name not in FUNCTIONS:
            raise QueryError(
                f"undefined function {call.name}(): this store knows {', '.join(sorted({*FUNCTIONS, DIFFERENCE}))}"
            )
        self.calls.append(call)
        if call.name in AGGREGATES:
            self.only_selectors = False
        if len(call.arguments) != 1:
            raise StatementError(f"invalid number of arguments for {call.name}, expected 1, got {len(call.arguments)}")
        argument = call.arguments[0]
        if isinstance(argument, ast.Wildcard | ast.Regex):
            if nested:
                raise StatementError(f"unsupported expression with wildcard: {call.name}()")
            self.only_selectors = False
        elif isinstance(argument, ast.Call):
            raise QueryError(f"{argument.name}() within {call.name}() is not supported by this store")
        elif not isinstance(argument, ast.Ref):
            raise StatementError(f"expected field argument in {call.name}()")

    def _difference(self, call: ast.Call, *, nested: bool) -> None:
        if len(call.arguments) != 1:
            raise StatementError(f"invalid number of arguments for {call.name}, expected 1, got {len(call.arguments)}")
        if not differing(call):
            raise QueryError(f"{call.name}() of points, not of a call, is not supported by this store")
        self.differences += 1
        self._call(differing(call)[0], nested=nested)
        self.only_selectors = False
