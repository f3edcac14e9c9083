"""Grafana's math expressions, the part that rules use: `$A`, numbers, arithmetic, comparisons, and, or, not.

A comparison gives 1 or 0. A value that is missing (None) makes the whole missing; one that is no number stays none.
https://grafana.com/docs/grafana/latest/panels-visualizations/query-transform-data/expression-queries/
"""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from city.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TOKEN: Final = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|\$(\w+)|\$\{(\w+)\}|(\|\||&&|[<>=!]=|[<>+\-*/!()]))")

_LEVELS: Final = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">="), ("+", "-"), ("*", "/"))
"""Binary operators, from the loosest to the tightest."""

_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "&&": lambda left, right: left != 0 and right != 0,
    "||": lambda left, right: left != 0 or right != 0,
}
_COMPUTE: Final[Mapping[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Variable:
    """The result of another step, by its refId."""

    ref: str


@dataclass(frozen=True, slots=True)
class Unary:
    """`-` or `!`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands."""

    operator: str
    left: Node
    right: Node


Node = Number | Variable | Unary | Binary


@cache
def parse(text: str) -> Node:
    """The expression as a tree.

    Raises:
        DataError: it is none.
    """
    tokens: list[str] = []
    position = 0
    while position < len(text.rstrip()):
        found = _TOKEN.match(text, position)
        if found is None:
            raise DataError(f"no math expression: {text!r}, at character {position + 1}")
        number, bare, braced, sign = found.groups()
        tokens.append(number or sign or f"${bare or braced}")
        position = found.end()
    node, rest = _binary(tokens, 0)
    if rest:
        raise DataError(f"no math expression: {text!r}, at {rest[0]!r}")
    return node


def variables(node: Node) -> frozenset[str]:
    """The refIds that it reads."""
    match node:
        case Variable(ref):
            return frozenset({ref})
        case Unary(_, operand):
            return variables(operand)
        case Binary(_, left, right):
            return variables(left) | variables(right)
        case Number():
            return frozenset()


def compute(node: Node, values: Mapping[str, float | None]) -> float | None:
    """The value of the expression; None where a value it needs is missing."""
    match node:
        case Number(value):
            return value
        case Variable(ref):
            return values[ref]
        case Unary(sign, operand):
            one = compute(operand, values)
            return None if one is None else _unary(sign, one)
        case Binary(sign, left, right):
            one, other = compute(left, values), compute(right, values)
            return None if one is None or other is None else _apply(sign, one, other)


def _unary(sign: str, value: float) -> float:
    if math.isnan(value):
        return value
    return -value if sign == "-" else float(value == 0)


def _apply(sign: str, left: float, right: float) -> float:
    if math.isnan(left) or math.isnan(right):
        return math.nan
    if sign in _COMPARE:
        return float(_COMPARE[sign](left, right))
    if sign != "/":
        return _COMPUTE[sign](left, right)
    if right == 0:
        return math.nan if left == 0 else math.copysign(math.inf, left)
    return left / right


def _binary(tokens: list[str], level: int) -> tuple[Node, list[str]]:
    if level == len(_LEVELS):
        return _operand(tokens)
    node, rest = _binary(tokens, level + 1)
    while rest and rest[0] in _LEVELS[level]:
        sign = rest[0]
        right, rest = _binary(rest[1:], level + 1)
        node = Binary(sign, node, right)
    return node, rest


def _operand(tokens: list[str]) -> tuple[Node, list[str]]:
    if not tokens:
        raise DataError("no math expression: it ends where a value should stand")
    first, rest = tokens[0], tokens[1:]
    if first in {"-", "!"}:
        operand, rest = _operand(rest)
        return Unary(first, operand), rest
    if first == "(":
        node, rest = _binary(rest, 0)
        if not rest or rest[0] != ")":
            raise DataError("no math expression: a bracket is not closed")
        return node, rest[1:]
    if first.startswith("$"):
        return Variable(first[1:]), rest
    if first[0].isdigit():
        return Number(float(first)), rest
    raise DataError(f"no math expression: {first!r} stands where a value should")
