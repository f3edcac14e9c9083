"""Arithmetic on columns by InfluxQL's rules: nothing and a number is nothing, division by zero is 0, integers wrap."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from embedded.store.errors import StatementError
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.functions import MATH, WHOLE_STAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from embedded.store.line_protocol import Value

Cells = "Sequence[Value | None]"


def evaluate(
    expr: ast.Expr, column: Callable[[ast.Ref | ast.Call], Sequence[Value | None]], rows: int
) -> Sequence[Value | None]:
    """The value of an expression in each row; `column` gives the values of a reference or call."""
    if isinstance(expr, ast.Call) and expr.name in MATH:
        arguments = [evaluate(argument, column, rows) for argument in expr.arguments]
        return [_math(expr.name, row) for row in zip(*arguments, strict=True)]
    if isinstance(expr, ast.Ref | ast.Call):
        return column(expr)
    if isinstance(expr, ast.Paren):
        return evaluate(expr.inner, column, rows)
    if isinstance(expr, ast.Number | ast.Integer):
        return [expr.value] * rows
    if isinstance(expr, ast.Binary):
        left, right = evaluate(expr.left, column, rows), evaluate(expr.right, column, rows)
        if expr.op == "/":
            return [None if a is None or b is None else _divide(a, b) for a, b in zip(left, right, strict=True)]
        return [_combine(expr.op, a, b) for a, b in zip(left, right, strict=True)]
    raise StatementError("that expression has no value")


def _math(name: str, arguments: tuple[Value | None, ...]) -> Value | None:
    numbers = [value for value in arguments if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) < len(arguments) or any(map(math.isnan, numbers)):
        return None
    if isinstance(numbers[0], int) and name in WHOLE_STAYS:
        return wrap(abs(numbers[0])) if name == "abs" else numbers[0]
    return MATH[name](*map(float, numbers))


def wrap(value: int) -> int:
    """An integer as a signed 64-bit one holds it."""
    return value if -(2**63) <= value < 2**63 else (value + 2**63) % 2**64 - 2**63


def _divide(a: Value, b: Value) -> float:
    left, right = _number(a), _number(b)
    return left / right if right else 0.0


def _combine(op: str, a: Value | None, b: Value | None) -> float | int | None:
    if a is None or b is None:
        return None
    left, right = _number(a), _number(b)
    if isinstance(left, int) and isinstance(right, int):
        return wrap(_integers(op, left, right))
    return _floats(op, float(left), float(right))


def _integers(op: str, a: int, b: int) -> int:
    if op == "+":
        return a + b
    if op == "-":
        return a - b
    if op == "*":
        return a * b
    if op == "%":
        return int(math.copysign(1, a)) * (abs(a) % abs(b)) if b else 0
    if op == "&":
        return a & b
    return a | b if op == "|" else a ^ b


def _floats(op: str, a: float, b: float) -> float | None:
    if op == "+":
        return a + b
    if op == "-":
        return a - b
    if op == "*":
        return a * b
    if op == "%":
        return math.fmod(a, b) if b else None
    raise StatementError(f"operator {op} is not defined on float values")


def _number(value: Value) -> float | int:
    if isinstance(value, str | bool):
        raise StatementError(f"arithmetic is not defined on {'string' if isinstance(value, str) else 'boolean'} values")
    return value
