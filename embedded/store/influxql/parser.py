"""InfluxQL text to its syntax tree. The grammar is `grammar.lark`."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from lark import Lark, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from embedded.store.errors import QueryError
from embedded.store.influxql import syntax as ast

if TYPE_CHECKING:
    from lark import Token

MAX_QUERY_CHARACTERS = 1_000_000
MAX_DEPTH = 200
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


def parse(text: str) -> list[ast.Statement]:
    """The statements of a query, in order.

    Raises:
        QueryError: it is no InfluxQL, or more of it than the store speaks.
    """
    if not text.strip(" ;\t\r\n"):
        raise QueryError("found EOF, expected SELECT, SHOW at line 1, char 1")
    if len(text) > MAX_QUERY_CHARACTERS:
        raise QueryError(f"the query is longer than {MAX_QUERY_CHARACTERS} characters")
    _refuse_deep(text)
    try:
        statements: list[ast.Statement] = _lark().parse(text)  # type: ignore[assignment] - the transformer's result, which Lark cannot type
    except UnexpectedInput as error:
        raise QueryError(_expected(text, error)) from error
    except VisitError as error:
        if isinstance(error.orig_exc, QueryError):
            raise error.orig_exc from error
        raise
    return statements


@cache
def _lark() -> Lark:
    grammar = (files(__package__) / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", transformer=_ToSyntax(), maybe_placeholders=True, propagate_positions=False)


def _refuse_deep(text: str) -> None:
    """The tree is walked by recursion: a thousand brackets must not be a thousand frames."""
    depth = deepest = 0
    for character in text:
        if character in "(-+":
            depth += 1
            deepest = max(deepest, depth)
        elif character == ")":
            depth -= 1
        elif character not in " \t\n(":
            depth = max(0, depth)
    if text.count("(") > MAX_DEPTH * 10 or deepest > MAX_DEPTH * 10:
        raise QueryError("the query is nested too deeply")


def _expected(text: str, error: UnexpectedInput) -> str:
    line, char = getattr(error, "line", 1), getattr(error, "column", 1)
    if isinstance(error, UnexpectedToken):
        found = str(error.token) if error.token.type != "$END" else "EOF"
        if found == "EOF":
            line, char = text.count("\n") + 1, len(text) - text.rfind("\n")
        wanted = sorted(name.strip("_").replace("__ANON_", "") for name in error.accepts or error.expected)
    else:
        position = error.pos_in_stream or 0
        found = text[position : position + 1] or "EOF"
        wanted = sorted(name.strip("_") for name in getattr(error, "allowed", ()) or ())
    return f"found {found}, expected {', '.join(wanted)} at line {line}, char {char}"


def _unquote(token: str) -> str:
    return re.sub(r"\\[n\\'\"]", lambda match: _ESCAPE[match.group()], token[1:-1])


def _duration(token: str) -> int:
    return sum(int(n) * UNIT_NS[unit] for n, unit in re.findall(r"([0-9]+)(ns|ms|[uµsmhdw])", token))


def _whole(token: Token) -> int:
    value = int(token) if len(token) < 30 else 2**99
    if value >= 2**63:
        raise QueryError(f"unable to parse integer: {token[:40]} is out of range")
    return value


@v_args(inline=True)
class _ToSyntax(Transformer[Any, list[ast.Statement]]):
    """Builds the tree from the leaves up; each method is a rule of the grammar."""

    def start(self, *statements: ast.Statement) -> list[ast.Statement]:
        return list(statements)

    def select(
        self,
        columns: tuple[ast.Column, ...],
        sources: tuple[ast.Source, ...],
        where: ast.Expr | None,
        group: tuple[tuple[ast.Expr, ...], tuple[ast.Fill, float | int]] | None,
        order: bool | None,
        limits: tuple[int, int, int, int],
        zone: str | None,
    ) -> ast.Select:
        dimensions, (fill, value) = group or ((), (ast.Fill.NULL, 0))
        return ast.Select(
            columns, sources, where, dimensions, fill, value, bool(order), order is not None, *limits, zone or ""
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

    def group_by(self, *parts: Any) -> tuple[tuple[ast.Expr, ...], tuple[ast.Fill, float | int]]:
        return parts[:-1], parts[-1] or (ast.Fill.NULL, 0)

    def fill(self, option: tuple[ast.Fill, float | int]) -> tuple[ast.Fill, float | int]:
        return option

    def fill_option(self, *tokens: Token | None) -> tuple[ast.Fill, float | int]:
        last = tokens[-1]
        assert last is not None
        if last.type in {"NUMBER", "INTEGER"}:
            value = float(last) if last.type == "NUMBER" else _whole(last)
            return ast.Fill.NUMBER, -value if tokens[0] is not None and tokens[0].type == "MINUS" else value
        return ast.Fill(last.lower()), 0

    def order_by(self, name: str, direction: Token | None) -> bool:
        if name.lower() != "time":
            raise QueryError("only ORDER BY time supported at this time")
        return direction is not None and direction.type == "DESC"

    def limits(self, *tokens: Token | None) -> tuple[int, ...]:
        return tuple(0 if token is None else _whole(token) for token in tokens)

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
        limits: tuple[int, ...],
    ) -> ast.Show:
        return ast.Show(
            ast.Topic.MEASUREMENTS,
            database or "",
            with_measurement=with_measurement,
            where=where,
            limit=limits[0],
            offset=limits[1],
        )

    def show_series(self, *parts: Any) -> ast.Show:
        return _show(ast.Topic.SERIES, *parts)

    def show_tag_keys(self, *parts: Any) -> ast.Show:
        return _show(ast.Topic.TAG_KEYS, *parts)

    def show_tag_values(
        self, database: str | None, sources: Any, key: Any, where: ast.Expr | None, limits: tuple[int, ...]
    ) -> ast.Show:
        return _show(ast.Topic.TAG_VALUES, database, sources, where, limits, key)

    def show_field_keys(self, database: str | None, sources: Any, limits: tuple[int, ...]) -> ast.Show:
        return _show(ast.Topic.FIELD_KEYS, database, sources, None, limits)


def _show(
    topic: ast.Topic,
    database: str | None,
    sources: tuple[ast.Measurement, ...] | None,
    where: ast.Expr | None,
    limits: tuple[int, ...],
    key: tuple[str, tuple[str, ...] | ast.Regex] | None = None,
) -> ast.Show:
    return ast.Show(topic, database or "", sources or (), with_key=key, where=where, limit=limits[0], offset=limits[1])
