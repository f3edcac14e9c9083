"""InfluxQL text to its syntax tree. The grammar is `grammar.lark`."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import cast

from lark import Lark
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from embedded.store.errors import QueryError
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.transformer import to_syntax

MAX_QUERY_CHARACTERS = 100_000
MAX_DEPTH = 300
REMEMBERED, REMEMBERED_CHARACTERS = 500, 2_000
"""What boards ask of now is the same text every few seconds; how many are remembered, and of what length."""


def parse(text: str) -> tuple[ast.Statement, ...]:
    """The statements of a query, in order.

    Raises:
        QueryError: it is no InfluxQL, or more of it than the store speaks.
    """
    return _remembered(text) if len(text) <= REMEMBERED_CHARACTERS else _parsed(text)


def _parsed(text: str) -> tuple[ast.Statement, ...]:
    if not text.strip(" ;\t\r\n"):
        raise QueryError("found EOF, expected SELECT, SHOW at line 1, char 1")
    if len(text) > MAX_QUERY_CHARACTERS:
        raise QueryError(f"the query is longer than {MAX_QUERY_CHARACTERS} characters")
    try:
        # Lark's type is that of a tree; with a transformer it gives what that makes of `start`.
        statements = cast("list[ast.Statement]", _lark().parse(text))
    except UnexpectedInput as error:
        raise QueryError(_expected(text, error)) from error
    except VisitError as error:
        if isinstance(error.orig_exc, QueryError):
            raise error.orig_exc from error
        raise
    _refuse_deep(statements)
    return tuple(statements)


_remembered = lru_cache(REMEMBERED)(_parsed)


@cache
def _lark() -> Lark:
    grammar = (files(__package__) / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", transformer=to_syntax(), maybe_placeholders=True, propagate_positions=False)


def _refuse_deep(statements: list[ast.Statement]) -> None:
    """The tree is walked by recursion later: what is nested deeper than any person writes is refused first."""
    level: list[ast.Node] = [*statements]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.children(node)]
        if not level:
            return
    raise QueryError(f"the query is nested more than {MAX_DEPTH} levels deep")


def _expected(text: str, error: UnexpectedInput) -> str:
    line, char = getattr(error, "line", 1), getattr(error, "column", 1)
    if isinstance(error, UnexpectedToken):
        found = str(error.token) if error.token.type != "$END" else "EOF"
        if found == "EOF":
            line, char = text.count("\n") + 1, len(text) - text.rfind("\n")
        wanted = sorted(name.strip("_").replace("__ANON_", "") for name in error.accepts or error.expected)
    else:
        position = error.pos_in_stream or 0
        word = re.match(r"\w+|.", text[position:], re.DOTALL)
        found = word[0] if word else "EOF"
        wanted = sorted(name.strip("_") for name in getattr(error, "allowed", ()) or ())
    return f"found {found}, expected {', '.join(wanted)} at line {line}, char {char}"
