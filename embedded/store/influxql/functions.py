"""The functions of InfluxQL by kind, and which field types each takes (`influxql/query/compile.go`, 2.7)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from embedded.store.catalogue import FieldType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SELECTORS = {"min", "max", "first", "last", "percentile"}
"""Of a window's points they choose one; a selector alone can give that point's time, other fields and tags."""
AGGREGATES = {"count", "sum", "mean", "median", "mode", "spread", "stddev"}
"""They make one value of a window's points."""
RANKS = {"top", "bottom"}
"""They choose several points, and stand alone in a statement."""
STREAMS = {
    "derivative",
    "non_negative_derivative",
    "difference",
    "non_negative_difference",
    "moving_average",
    "cumulative_sum",
    "elapsed",
}
"""They look at successive points, or at the values of another call in successive windows."""
NEEDS_WINDOW_BEFORE = STREAMS - {"cumulative_sum"}
DISTINCT, INTEGRAL = "distinct", "integral"

_ANY_TYPE = {"count", "first", "last", "mode", "elapsed", DISTINCT}


def _round(value: float) -> float:
    """To the nearest whole number, halves away from zero."""
    whole = math.trunc(value)
    return whole + math.copysign(1, value) if abs(value - whole) >= 0.5 else float(whole)


def _root(value: float) -> float:
    return math.sqrt(value) if value >= 0 else math.nan


def _logarithm(of: Callable[[float], float]) -> Callable[[float], float]:
    def logarithm(value: float) -> float:
        if value > 0:
            return of(value)
        return -math.inf if value == 0 else math.nan

    return logarithm


_ln = _logarithm(math.log)


def _log(value: float, base: float) -> float:
    above, below = _ln(value), _ln(base)
    if below:
        return above / below
    return math.copysign(math.inf, above) if above else math.nan


def _power(value: float, exponent: float) -> float:
    try:
        return math.pow(value, exponent)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.inf if value == 0 else math.nan


def _exponential(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _arc(of: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: of(value) if -1 <= value <= 1 else math.nan


WHOLE_STAYS: Mapping[str, Callable[[float], float]] = {
    "abs": abs,
    "floor": lambda value: float(math.floor(value)),
    "ceil": lambda value: float(math.ceil(value)),
    "round": _round,
}
"""Of an integer they give an integer."""
MATH: Mapping[str, Callable[..., float]] = {
    **WHOLE_STAYS,
    "sqrt": _root,
    "exp": _exponential,
    "ln": _ln,
    "log2": _logarithm(math.log2),
    "log10": _logarithm(math.log10),
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": _arc(math.asin),
    "acos": _arc(math.acos),
    "atan": math.atan,
    "pow": _power,
    "log": _log,
    "atan2": math.atan2,
}
"""They work on the value of each row."""
OF_TWO = {"pow", "log", "atan2"}


def takes(function: str, kind: FieldType) -> bool:
    """Whether a function is defined on fields of that type."""
    return kind.is_number or function in _ANY_TYPE or (function in {"min", "max"} and kind is FieldType.BOOLEAN)
