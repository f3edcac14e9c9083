"""A bound plan as SQL. Every value is a parameter; names of tables and columns are made of the catalogue's integers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from embedded.store.catalogue import FieldType
from embedded.store.errors import QueryError
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.binding import check_type
from embedded.store.influxql.grouping import ALWAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embedded.store.catalogue import Field
    from embedded.store.influxql.binding import Bound
    from embedded.store.influxql.zone import Zone

_WIDE = {FieldType.INTEGER: "::HUGEINT", FieldType.UNSIGNED: "::HUGEINT"}
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
    sql = Sql()
    # Two series of a group can hold points of the same time: then the greater value is first, and last.
    ties = bound.grouping.shared
    listed = any(call.name in {"mode", "percentile"} for call in calls)
    source = _source(bound, sql, ordered=listed or (point and ties))
    window = _window(bound, sql)
    values = [_selected(bound, calls[0], auxiliary, sql)] if point else [_call(bound, c, sql, ties=ties) for c in calls]
    columns = ", ".join(f"{value} AS c{i}" for i, value in enumerate(values))
    return f"SELECT g, {window} AS w, {columns} {source} GROUP BY g, w ORDER BY g, w", sql.parameters


def points(bound: Bound, fields: Sequence[Field], *, limited: bool = True) -> tuple[str, list[Any]]:
    """A row for each point: group number, time, series id, then each field's value; only points that have one."""
    sql = Sql()
    source = _source(bound, sql)
    present = " OR ".join(f"p.{f.column} IS NOT NULL" for f in fields)
    columns = ", ".join(f"p.{f.column}" for f in fields)
    cut = _cut(bound, sql) if limited else ""
    return (
        f"SELECT g, p.time, p.series, {columns} {source} AND ({present}) {cut} ORDER BY g, {_in_time(bound)}",
        sql.parameters,
    )


def _in_time(bound: Bound) -> str:
    """The order of points: by time, then by their series' tags."""
    direction = "DESC" if bound.plan.descending else "ASC"
    return f"p.time {direction}, o {direction}"


def _cut(bound: Bound, sql: Sql) -> str:
    """LIMIT and OFFSET for the points of each group."""
    select = bound.plan.select
    if not select.limit and not select.offset:
        return ""
    first = sql.parameter(select.offset)
    # OFFSET without LIMIT gives one point, as it does in InfluxDB.
    last = sql.parameter(select.offset + (select.limit or 1))
    number = f"row_number() OVER (PARTITION BY g ORDER BY {_in_time(bound)})"
    return f"QUALIFY {number} > {first} AND {number} <= {last}"


def distinct(bound: Bound, found: Field) -> tuple[str, list[Any]]:
    """A row for each group, window and value of a field: group number, window start, value; as they came first."""
    sql = Sql()
    window, source = _window(bound, sql), _source(bound, sql, ordered=False)
    direction = "DESC" if bound.plan.descending else "ASC"
    statement = (
        f"SELECT g, {window} AS w, p.{found.column} AS v {source} AND p.{found.column} IS NOT NULL "
        f"GROUP BY g, w, v ORDER BY g, w {direction}, min(p.time) {direction}, v"
    )
    return statement, sql.parameters


def ranked(bound: Bound, call: ast.Call, fields: Sequence[Field], *, per_series: bool) -> tuple[str, list[Any]]:
    """The first points of each group and window by value, `count` of them, or the first one of each series.

    A row for each: group number, window start, value, time, series id, then each of `fields`.
    """
    sql, ref, count = Sql(), call.arguments[0], call.arguments[-1]
    found = bound.field(ref) if isinstance(ref, ast.Ref) else None
    assert found is not None
    assert isinstance(count, ast.Integer)
    check_type(call.name, found)
    window, source = _window(bound, sql), _source(bound, sql)
    select = bound.plan.select
    if not per_series and (select.limit or select.offset):
        # InfluxDB ranks only so many of the first points, then applies LIMIT and OFFSET to those it has chosen.
        first = sql.parameter(select.offset + select.limit + 1)
        number = f"row_number() OVER (PARTITION BY g ORDER BY {_in_time(bound)})"
        present = f"p.{found.column} IS NOT NULL"
        source = f"FROM (SELECT p.*, g, o {source} AND {present} QUALIFY {number} <= {first}) AS p WHERE TRUE"
    columns = "".join(f", p.{field.column}" for field in fields)
    order = f"p.{found.column} {'DESC' if call.name == 'top' else 'ASC'}, p.time, o"
    number = f"row_number() OVER (PARTITION BY g, {window}{', p.series' if per_series else ''} ORDER BY {order})"
    statement = (
        f"SELECT g, {window} AS w, p.{found.column}, p.time, p.series{columns} {source} "
        f"AND p.{found.column} IS NOT NULL QUALIFY {number} <= {sql.parameter(1 if per_series else count.value)} "
        f"ORDER BY g, w, {order}"
    )
    return statement, sql.parameters


def _window(bound: Bound, sql: Sql) -> str:
    """The start of the window of a point; 0 without GROUP BY time."""
    plan = bound.plan
    if not plan.interval:
        return "0"
    length, offset = sql.parameter(plan.interval), sql.parameter(plan.interval_offset)
    if plan.zone is not None:
        return _zone_window(plan.zone.within(plan.start, plan.stop), length, offset, sql)
    if plan.start is not None and plan.start >= plan.interval_offset:
        # No remainder is negative then: a cheaper way to say the same.
        return f"p.time - (p.time - {offset}) % {length}"
    return f"p.time - (((p.time - {offset}) % {length}) + {length}) % {length}"


def _zone_window(zone: Zone, length: str, offset: str, sql: Sql) -> str:
    """`Zone.window` in SQL: the offset of a time is at the place of as many changes as it has seen."""
    if not zone.changes:
        local = f"(p.time - {offset} + {sql.parameter(zone.offsets[0])})"
        return f"p.time - (({local} % {length}) + {length}) % {length}"
    changes, offsets = sql.parameter(list(zone.changes)), sql.parameter(list(zone.offsets))

    def ahead(time: str) -> str:
        return f"({offsets}::BIGINT[])[1 + len(list_filter({changes}::BIGINT[], lambda change: change <= {time}))]"

    local = f"(p.time - {offset} + {ahead(f'(p.time - {offset})')})"
    start = f"(p.time - (({local} % {length}) + {length}) % {length})"
    moved = f"({ahead(f'(p.time - {offset})')} - {ahead(start)})"
    return f"{start} + CASE WHEN abs({moved}) < {length} THEN {moved} ELSE 0 END"


def _source(bound: Bound, sql: Sql, *, ordered: bool = True) -> str:
    """FROM and WHERE: the points `p` of the chosen series, with their group `g` and, if wanted, its order `o` in it."""
    plan, grouping = bound.plan, bound.grouping
    clauses = [f"p.time <= {sql.parameter(plan.stop)}"]
    if plan.start is not None:
        clauses.append(f"p.time >= {sql.parameter(plan.start)}")
    if len(grouping.conditions) > 1:
        asked = [f"(k = {kind} AND {_condition(bound, expr, sql)})" for kind, expr in enumerate(grouping.conditions)]
        clauses.append(f"({' OR '.join(asked)})")
    elif grouping.conditions != (ALWAYS,):
        clauses.append(_condition(bound, grouping.conditions[0], sql))
    return f"{_members(bound, sql, ordered=ordered)} WHERE {' AND '.join(clauses)}"


def _members(bound: Bound, sql: Sql, *, ordered: bool) -> str:
    """FROM: every point `p` of the chosen series. What nobody reads is not joined: planning it costs more than rows."""
    grouping, table = bound.grouping, bound.measurement.table
    if grouping.whole and not ordered:
        return f"FROM (SELECT *, 0 AS g FROM {table}) AS p"  # noqa: S608 - an integer of ours
    columns = {"series": grouping.ids, "g": grouping.numbers}
    columns |= {"o": grouping.places} if ordered else {}
    columns |= {"k": grouping.kinds} if len(grouping.conditions) > 1 else {}
    lists = ", ".join(
        f"unnest(from_json({sql.parameter(values)}::VARCHAR, '[\"INTEGER\"]')) AS {name}"
        for name, values in columns.items()
    )
    return f"FROM {table} AS p JOIN (SELECT {lists}) AS m ON p.series = m.series"


def _call(bound: Bound, call: ast.Call, sql: Sql, *, ties: bool) -> str:
    ref = call.arguments[0]
    if isinstance(ref, ast.Call):  # count(distinct(field)); no other call has one within it
        within = ref.arguments[0]
        counted = bound.field(within) if isinstance(within, ast.Ref) else None
        return "NULL" if counted is None else f"count(DISTINCT p.{counted.column})"
    found = bound.field(ref) if isinstance(ref, ast.Ref) else None
    if found is None:
        return "NULL"
    check_type(call.name, found)
    column = f"p.{found.column}"
    present = f"FILTER (WHERE {column} IS NOT NULL)"
    if call.name in {"first", "last"}:
        order = _order(call.name, found) if ties else f"{'-' if call.name == 'first' else ''}p.time"
        return f"arg_max({column}, {order}) {present}"
    if call.name == "percentile":
        return _nearest_rank(call, f"list({column} ORDER BY {column}) {present}", f"count({column})", sql)
    others = {
        "mean": f"avg({column})",
        "median": f"median({column}::DOUBLE)",
        # Of one point it is no number, as InfluxDB says, which is not the same as nothing.
        "stddev": f"CASE WHEN count({column}) = 1 THEN 'NaN'::DOUBLE ELSE stddev_samp({column}) END",
        "spread": f"max({column}){_WIDE.get(found.type, '')} - min({column})",
        "mode": f"list(struct_pack(v := {column}, t := p.time) ORDER BY {column}, p.time, o) {present}",
    }
    return others.get(call.name, f"{call.name}({column})")


def _nearest_rank(call: ast.Call, values: str, count: str, sql: Sql) -> str:
    """The element of a sorted list that stands for a percentile; nothing where the list has no such place."""
    percent = call.arguments[1]
    assert isinstance(percent, ast.Integer | ast.Number)
    place = f"floor({count} * {sql.parameter(float(percent.value))}::DOUBLE / 100 + 0.5)::BIGINT"
    return f"CASE WHEN {place} BETWEEN 1 AND {count} THEN ({values})[{place}] END"


def _selected(bound: Bound, call: ast.Call, auxiliary: Sequence[ast.Ref], sql: Sql) -> str:
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
    if call.name == "percentile":
        points = (
            f"list(struct_pack({', '.join(parts)}) ORDER BY {column}, p.time, o) FILTER (WHERE {column} IS NOT NULL)"
        )
        return _nearest_rank(call, points, f"count({column})", sql)
    order = _order(call.name, found)
    if bound.grouping.shared:
        # Of points that are equal in all this, the series that comes first.
        order = f"ROW({order}, -o)"
    elif call.name in {"first", "last"}:
        order = f"{'-' if call.name == 'first' else ''}p.time"
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
