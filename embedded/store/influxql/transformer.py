"""Lark's parse of InfluxQL to the syntax tree: a method for each rule of `grammar.lark`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lark import Transformer, v_args

from embedded.store.errors import QueryError
from embedded.store.influxql import syntax as ast

if TYPE_CHECKING:
    from lark import Token

    _Sources = tuple[ast.Measurement, ...] | None

UNIT_NS = {
    "ns": 1,
    "u": 1_000,
    "µ": 1_000,
    "ms": 1_000_000,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3_600 * 10**9,
    "d": 86_400 * 10**9,
    "w": 7 * 86_400 * 10**9,
}
_ESCAPE = {"\\n": "\n", "\\\\": "\\", "\\'": "'", '\\"': '"'}
_OPERATORS = {"<>": "!="}


def _unquote(token: str) -> str:
    return re.sub(r"\\[n\\'\"]", lambda match: _ESCAPE[match.group()], token[1:-1])


def _duration(token: str) -> int:
    return sum(int(n) * UNIT_NS[unit] for n, unit in re.findall(r"([0-9]+)(ns|ms|[uµsmhdw])", token))


def _whole(token: Token) -> int:
    value = int(token) if len(token) < 30 else 2**99
    if value >= 2**63:
        raise QueryError(f"unable to parse integer: {token[:40]} is out of range")
    return value


def to_syntax() -> Transformer[Any, list[ast.Statement]]:
    """What Lark calls for each rule it has recognised."""
    return _ToSyntax()


@v_args(inline=True)
class _ToSyntax(Transformer[Any, list[ast.Statement]]):
    """Builds the tree from the leaves up; each method is a rule of the grammar."""

    def start(self, *statements: ast.Statement) -> list[ast.Statement]:
        return list(statements)

    def select(self, columns: tuple[ast.Column, ...], sources: tuple[ast.Source, ...], *clauses: Any) -> ast.Select:
        where, dimensions, filled, descending, limits, zone = clauses
        fill, fill_value = filled or (ast.Fill.NULL, 0)
        return ast.Select(
            columns,
            sources,
            where,
            dimensions or (),
            fill,
            fill_value,
            bool(descending),
            descending is not None,
            zone or "",
            *limits,
        )

    def columns(self, *columns: ast.Column) -> tuple[ast.Column, ...]:
        return columns

    def column(self, expr: ast.Expr, alias: str | None) -> ast.Column:
        return ast.Column(expr, alias or "")

    def from_(self, *sources: ast.Source) -> tuple[ast.Source, ...]:
        return sources

    from_names = from_

    def measurement_1(self, name: str | ast.Regex) -> ast.Measurement:
        return ast.Measurement(name)

    def measurement_2(self, retention: str, name: str | ast.Regex) -> ast.Measurement:
        return ast.Measurement(name, "", retention)

    def measurement_3(self, database: str, retention: str, name: str | ast.Regex) -> ast.Measurement:
        return ast.Measurement(name, database, retention)

    def measurement_default(self, database: str, name: str | ast.Regex) -> ast.Measurement:
        return ast.Measurement(name, database)

    def where(self, expr: ast.Expr) -> ast.Expr:
        return expr

    def group_by(self, *dimensions: ast.Expr) -> tuple[ast.Expr, ...]:
        return dimensions

    def fill(self, option: tuple[ast.Fill, float | int]) -> tuple[ast.Fill, float | int]:
        return option

    def fill_option(self, *tokens: Token | None) -> tuple[ast.Fill, float | int]:
        last = tokens[-1]
        assert last is not None
        if last.type in {"NUMBER", "INTEGER"}:
            value = float(last) if last.type == "NUMBER" else _whole(last)
            return ast.Fill.NUMBER, -value if tokens[0] is not None and tokens[0].type == "MINUS" else value
        return ast.Fill(last.lower()), 0

    def order_by(self, *parts: str | Token | None) -> bool:
        direction = parts[-1]
        if len(parts) > 1 and str(parts[0]).lower() != "time":
            raise QueryError("only ORDER BY time supported at this time")
        return direction is not None and direction.upper() == "DESC"

    def limits(self, *tokens: Token | None) -> tuple[int, ...]:
        return tuple(0 if token is None else _whole(token) for token in tokens)

    cut = limits

    def zone(self, token: Token) -> str:
        return _unquote(token)

    def binary(self, left: ast.Expr, op: Token, right: ast.Expr) -> ast.Expr:
        return ast.Binary(_OPERATORS.get(op, op.lower()), left, right)

    def negative(self, _: Token, value: ast.Expr) -> ast.Expr:
        if isinstance(value, ast.Integer):
            return ast.Integer(-value.value)
        if isinstance(value, ast.Number):
            return ast.Number(-value.value)
        if isinstance(value, ast.Duration):
            return ast.Duration(-value.ns)
        if isinstance(value, ast.Ref | ast.Call | ast.Paren):
            return ast.Binary("*", ast.Integer(-1), value)
        raise QueryError("found -, expected a number, a duration, a field or a call")

    def positive(self, _: Token, value: ast.Expr) -> ast.Expr:
        return value

    def number(self, token: Token) -> ast.Number:
        return ast.Number(float(token))

    def integer(self, token: Token) -> ast.Integer:
        return ast.Integer(_whole(token))

    def duration(self, token: Token) -> ast.Duration:
        return ast.Duration(_duration(token))

    def string(self, token: Token) -> ast.Text:
        return ast.Text(_unquote(token))

    def true(self, _: Token) -> ast.Boolean:
        return ast.Boolean(value=True)

    def false(self, _: Token) -> ast.Boolean:
        return ast.Boolean(value=False)

    def regex(self, token: Token) -> ast.Regex:
        return ast.Regex(token[1:-1].replace("\\/", "/"))

    def ref(self, name: str, cast: Token | None = None) -> ast.Ref:
        return ast.Ref(name, cast.lower() if cast else "")

    def wildcard(self, _: Token, cast: Token | None = None) -> ast.Wildcard:
        return ast.Wildcard(cast.lower() if cast else "")

    def call(self, name: Token, *arguments: ast.Expr | None) -> ast.Call:
        return ast.Call(name.lower(), tuple(a for a in arguments if a is not None))

    def distinct(self, name: str) -> ast.Call:
        return ast.Call("distinct", (ast.Ref(name),))

    def distinct_call(self, *arguments: ast.Expr | None) -> ast.Call:
        return ast.Call("distinct", tuple(a for a in arguments if a is not None))

    def paren(self, inner: ast.Expr) -> ast.Paren:
        return ast.Paren(inner)

    def name(self, token: Token) -> str:
        return _unquote(token) if token[0] == '"' else str(token)

    def on(self, name: str) -> str:
        return name

    def with_measurement(self, op: Token, name: str | ast.Regex) -> tuple[str, str | ast.Regex]:
        return str(op), name

    def with_key(self, op: Token, key: str | ast.Regex) -> tuple[str, tuple[str, ...] | ast.Regex]:
        return _OPERATORS.get(op, str(op)), (key,) if isinstance(key, str) else key

    def with_key_in(self, *keys: str) -> tuple[str, tuple[str, ...] | ast.Regex]:
        return "=", keys

    def show_databases(self) -> ast.Show:
        return ast.Show(ast.Topic.DATABASES)

    def show_retention(self, database: str | None) -> ast.Show:
        return ast.Show(ast.Topic.RETENTION, database or "")

    def show_measurements(
        self,
        database: str | None,
        with_measurement: tuple[str, str | ast.Regex] | None,
        where: ast.Expr | None,
        *rest: Any,
    ) -> ast.Show:
        shown = _show(ast.Topic.MEASUREMENTS, database, None, where, rest[-1])
        return replace(shown, with_measurement=with_measurement)

    def show_series(self, database: str | None, sources: _Sources, where: ast.Expr | None, *rest: Any) -> ast.Show:
        return _show(ast.Topic.SERIES, database, sources, where, rest[-1])

    def show_tag_keys(
        self, database: str | None, sources: _Sources, _: Any, where: ast.Expr | None, *rest: Any
    ) -> ast.Show:
        # InfluxDB reads WITH KEY here, and heeds it not.
        return _show(ast.Topic.TAG_KEYS, database, sources, where, rest[-1])

    def show_tag_values(
        self, database: str | None, sources: _Sources, key: Any, where: ast.Expr | None, *rest: Any
    ) -> ast.Show:
        return replace(_show(ast.Topic.TAG_VALUES, database, sources, where, rest[-1]), with_key=key)

    def show_field_keys(self, database: str | None, sources: _Sources, *rest: Any) -> ast.Show:
        return _show(ast.Topic.FIELD_KEYS, database, sources, None, rest[-1])


def _show(
    topic: ast.Topic, database: str | None, sources: _Sources, where: ast.Expr | None, cut: tuple[int, ...]
) -> ast.Show:
    return ast.Show(topic, database or "", sources or (), where=where, limit=cut[0], offset=cut[1])
