"""A bound plan as SQL. Every value is a parameter; names of tables and columns are made of the catalogue's integers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from embedded.store.catalogue import FieldType
from embedded.store.errors import QueryError
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.binding import check_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embedded.store.catalogue import Field
    from embedded.store.influxql.binding import Bound

_COMPARISON = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(slots=True)
class Sql:
    """A statement in the making, with its parameters."""

    parameters: list[Any] = field(default_factory=list)

    def parameter(self, value: object) -> str:
        """The place of a value."""
        self.parameters.append(value)
        return f"${len(self.parameters)}"


def aggregate(
    bound: Bound, calls: Sequence[ast.Call], auxiliary: Sequence[ast.Ref], *, point: bool
) -> tuple[str, list[Any]]:
    """A row for each group and window: group number, window start, then each call's value.

    With `point` the one call is a selector whose point is wanted: its value is then a structure of `v`, the time
    `t`, the series `s` and the auxiliary fields `a0`, `a1` …
    """
    sql, plan = Sql(), bound.plan
    source = _source(bound, sql)
    # Two series of a group can hold points of the same time: then the greater value is first, and last.
    ties = any(len(group.members) > 1 for group in bound.groups)
    values = [_selected(bound, calls[0], auxiliary)] if point else [_call(bound, c, ties=ties) for c in calls]
    window = "0"
    if plan.interval:
        length, offset = sql.parameter(plan.interval), sql.parameter(plan.interval_offset)
        window = f"p.time - (((p.time - {offset}) % {length}) + {length}) % {length}"
        if plan.start is not None and plan.start >= plan.interval_offset:
            # No remainder is negative then: a cheaper way to say the same.
            window = f"p.time - (p.time - {offset}) % {length}"
    columns = ", ".join(f"{value} AS c{i}" for i, value in enumerate(values))
    return f"SELECT g, {window} AS w, {columns} {source} GROUP BY g, w ORDER BY g, w", sql.parameters


def points(bound: Bound, fields: Sequence[Field]) -> tuple[str, list[Any]]:
    """A row for each point: group number, time, series id, then each field's value; only points that have one."""
    sql, select = Sql(), bound.plan.select
    source = _source(bound, sql)
    present = " OR ".join(f"p.{f.column} IS NOT NULL" for f in fields)
    columns = ", ".join(f"p.{f.column}" for f in fields)
    direction = "DESC" if bound.plan.descending else "ASC"
    order = f"p.time {direction}, o {direction}"
    limited = ""
    if select.limit or select.offset:
        first = sql.parameter(select.offset)
        last = sql.parameter(select.offset + select.limit if select.limit else 2**62)
        number = f"row_number() OVER (PARTITION BY g ORDER BY {order})"
        limited = f"QUALIFY {number} > {first} AND {number} <= {last}"
    return (
        f"SELECT g, p.time, p.series, {columns} {source} AND ({present}) {limited} ORDER BY g, {order}",
        sql.parameters,
    )


def _source(bound: Bound, sql: Sql) -> str:
    """FROM and WHERE: the points `p` of the chosen series, with their group `g` and the series' order `o` in it."""
    plan = bound.plan
    conditions: dict[ast.Expr, list[tuple[int, int, int]]] = {}
    for number, group in enumerate(bound.groups):
        for place, (series, condition) in enumerate(group.members):
            conditions.setdefault(condition, []).append((series.id, number, place))
    members = [(*member, kind) for kind, found in enumerate(conditions.values()) for member in found]
    ids, groups, order, kinds = (list(column) for column in zip(*members, strict=True))
    table = ", ".join(
        f"unnest({sql.parameter(values)}::INTEGER[]) AS {name}"
        for name, values in (("series", ids), ("g", groups), ("o", order), ("k", kinds))
    )
    clauses = [f"p.time <= {sql.parameter(plan.stop)}"]
    if plan.start is not None:
        clauses.append(f"p.time >= {sql.parameter(plan.start)}")
    if len(conditions) > 1 or next(iter(conditions)) != ast.Boolean(value=True):
        asked = [f"(k = {kind} AND {_condition(bound, expr, sql)})" for kind, expr in enumerate(conditions)]
        clauses.append(f"({' OR '.join(asked)})")
    return (
        f"FROM {bound.measurement.table} AS p JOIN (SELECT {table}) AS m ON p.series = m.series "
        f"WHERE {' AND '.join(clauses)}"
    )


def _call(bound: Bound, call: ast.Call, *, ties: bool) -> str:
    ref = call.arguments[0]
    found = bound.field(ref) if isinstance(ref, ast.Ref) else None
    if found is None:
        return "NULL"
    check_type(call.name, found)
    column = f"p.{found.column}"
    if call.name in {"first", "last"}:
        order = _order(call.name, found) if ties else f"{'-' if call.name == 'first' else ''}p.time"
        return f"arg_max({column}, {order}) FILTER (WHERE {column} IS NOT NULL)"
    return f"{'avg' if call.name == 'mean' else call.name}({column})"


def _selected(bound: Bound, call: ast.Call, auxiliary: Sequence[ast.Ref]) -> str:
    ref = call.arguments[0]
    found = bound.field(ref) if isinstance(ref, ast.Ref) else None
    if found is None:
        return "NULL"
    check_type(call.name, found)
    column = f"p.{found.column}"
    parts = [f"v := {column}", "t := p.time", "s := p.series"]
    for i, other in enumerate(auxiliary):
        aux = bound.field(other)
        parts.append(f"a{i} := {'NULL' if aux is None else 'p.' + aux.column}")
    # Of points that are equal in all this, the series that comes first.
    order = f"ROW({_order(call.name, found)}, -o)"
    return f"arg_max(struct_pack({', '.join(parts)}), {order}) FILTER (WHERE {column} IS NOT NULL)"


def _order(function: str, found: Field) -> str:
    """What is greatest for the point that a selector chooses, by InfluxDB's `query/call_iterator.go`."""
    column = f"p.{found.column}"
    if function == "max":
        return f"ROW({column}, -p.time)"
    if function == "min":
        return f"ROW({_negative(found)}, -p.time)"
    if function == "last":
        return f"ROW(p.time, {column})"
    return f"ROW(-p.time, {_negative(found) if found.type is FieldType.BOOLEAN else column})"


def _negative(found: Field) -> str:
    """Something that is greater the less the field is."""
    if found.type is FieldType.BOOLEAN:
        return f"(NOT p.{found.column})"
    return f"-p.{found.column}::{'DOUBLE' if found.type is FieldType.FLOAT else 'HUGEINT'}"


def _condition(bound: Bound, expr: ast.Expr, sql: Sql) -> str:  # noqa: PLR0911 - one return a kind of node
    if isinstance(expr, ast.Boolean):
        return "TRUE" if expr.value else "FALSE"
    if isinstance(expr, ast.Ref):
        found = bound.field(expr)
        if found is not None and found.type is FieldType.BOOLEAN:
            return f"p.{found.column}"
        raise QueryError("invalid condition: a field stands alone")
    if not isinstance(expr, ast.Binary):
        raise QueryError("invalid condition")
    if expr.op in {"and", "or"}:
        left, right = _condition(bound, expr.left, sql), _condition(bound, expr.right, sql)
        return f"({left} {'AND' if expr.op == 'and' else 'OR'} {right})"
    left_kind, right_kind = _kind(bound, expr.left), _kind(bound, expr.right)
    if expr.op in {"=~", "!~"}:
        if left_kind != "string" or not isinstance(expr.right, ast.Regex):
            return "FALSE"
        found_in = f"regexp_matches({_value(bound, expr.left, sql)}, {sql.parameter(expr.right.pattern)})"
        return found_in if expr.op == "=~" else f"(NOT {found_in})"
    if left_kind != right_kind or expr.op not in _COMPARISON or (left_kind == "boolean" and expr.op not in {"=", "!="}):
        return "FALSE"
    return f"({_value(bound, expr.left, sql)} {_COMPARISON[expr.op]} {_value(bound, expr.right, sql)})"


def _kind(bound: Bound, expr: ast.Expr) -> str:  # noqa: PLR0911 - one return a kind of node
    if isinstance(expr, ast.Ref):
        found = bound.field(expr)
        if found is None:
            return "nothing"
        return "number" if found.type.is_number else found.type.influx
    if isinstance(expr, ast.Text):
        return "string"
    if isinstance(expr, ast.Boolean):
        return "boolean"
    if isinstance(expr, ast.Paren):
        return _kind(bound, expr.inner)
    if isinstance(expr, ast.Binary):
        return "number" if _kind(bound, expr.left) == _kind(bound, expr.right) == "number" else "nothing"
    return "number" if isinstance(expr, ast.Number | ast.Integer) else "nothing"


def _value(bound: Bound, expr: ast.Expr, sql: Sql) -> str:
    if isinstance(expr, ast.Ref):
        found = bound.field(expr)
        assert found is not None
        return f"p.{found.column}"
    if isinstance(expr, ast.Text | ast.Number | ast.Boolean):
        return sql.parameter(expr.value)
    if isinstance(expr, ast.Integer):
        return f"{sql.parameter(expr.value)}::BIGINT"
    if isinstance(expr, ast.Paren):
        return _value(bound, expr.inner, sql)
    if isinstance(expr, ast.Binary) and expr.op in {"+", "-", "*", "/"}:
        left, right = _value(bound, expr.left, sql), _value(bound, expr.right, sql)
        if expr.op == "/":
            return f"CASE WHEN {right} = 0 THEN 0.0 ELSE {left}::DOUBLE / {right} END"
        return f"({left} {expr.op} {right})"
    raise QueryError("that arithmetic in WHERE is not supported by this store")
