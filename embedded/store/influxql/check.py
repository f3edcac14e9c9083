"""The columns of a SELECT against InfluxDB's rules for calls, in its order and words (`influxql/query/compile.go`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embedded.store.errors import QueryError, StatementError
from embedded.store.influxql import functions
from embedded.store.influxql import syntax as ast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_NOT_HERE = {
    "sample",
    "count_hll",
    "sum_hll",
    "merge_hll",
    "holt_winters",
    "holt_winters_with_fit",
    "exponential_moving_average",
    "double_exponential_moving_average",
    "triple_exponential_moving_average",
    "triple_exponential_derivative",
    "relative_strength_index",
    "kaufmans_efficiency_ratio",
    "kaufmans_adaptive_moving_average",
    "chande_momentum_oscillator",
}
_COMPARISONS = {"and", "or", "=", "!=", "<", "<=", ">", ">=", "=~", "!~"}
_LITERALS = ast.Number | ast.Integer | ast.Text | ast.Boolean | ast.Duration


def check_columns(select: ast.Select, columns: Iterable[ast.Column], interval: int, *, inherited: bool) -> bool:
    """Refuse what InfluxDB refuses; `inherited`: the interval is that of the statement around this subquery.

    Returns: whether any column calls a function of the data.

    Raises:
        StatementError: InfluxDB refuses it too, in these words.
        QueryError: InfluxDB takes it, the store does not.
    """
    check = _Check(select, interval, inherited=inherited)
    for column in columns:
        check.wildcards = True
        check.column(column.expr)
    check.whole()
    return bool(check.calls)


class _Check:
    """Walks the columns and gathers what they are made of."""

    def __init__(self, select: ast.Select, interval: int, *, inherited: bool) -> None:
        self.select = select
        self.interval = interval
        self.inherited = inherited
        self.calls: list[ast.Call] = []
        self.wildcards = True
        self.plain = False
        self.only_selectors = True
        self.distinct = False
        self.rank = ""

    def column(self, expr: ast.Expr) -> None:
        if isinstance(expr, ast.Ref):
            self.plain = True
        elif isinstance(expr, ast.Wildcard | ast.Regex):
            if not self.wildcards:
                what = "wildcard" if isinstance(expr, ast.Wildcard) else "regex"
                raise StatementError(f"unable to use {what} in a binary expression")
            self.plain = True
        elif isinstance(expr, ast.Call):
            self._call(expr)
        elif isinstance(expr, ast.Paren):
            self.column(expr.inner)
        elif isinstance(expr, ast.Binary):
            self._binary(expr)
        else:
            raise StatementError("field must contain at least one variable")

    def whole(self) -> None:
        if len(self.calls) > 1 and self.rank:
            raise StatementError(f"selector function {self.rank}() cannot be combined with other functions")
        if not self.calls:
            if self.select.fill in {ast.Fill.NONE, ast.Fill.LINEAR}:
                raise StatementError(f"fill({self.select.fill.value}) must be used with a function")
            if self.interval and not self.inherited:
                raise StatementError("GROUP BY requires at least one aggregate function")
        if self.distinct and (len(self.calls) != 1 or self.plain):
            raise StatementError("aggregate function distinct() cannot be combined with other functions or fields")
        if self.calls and self.plain:
            if not self.only_selectors:
                raise StatementError("mixing aggregate and non-aggregate queries is not supported")
            if len(self.calls) > 1:
                raise StatementError("mixing multiple selector functions with tags or fields is not supported")

    def _binary(self, expr: ast.Binary) -> None:
        if expr.op in _COMPARISONS:
            raise QueryError(f"invalid operator {expr.op} in SELECT clause; operator is intended for WHERE clause")
        self.wildcards = False
        sides = [side for side in (expr.left, expr.right) if not isinstance(side, _LITERALS)]
        if not sides:
            raise StatementError("cannot perform a binary expression on two literals")
        for side in (expr.left, expr.right):
            if isinstance(side, ast.Text | ast.Boolean | ast.Duration):
                raise QueryError(f"arithmetic with {type(side).__name__.lower()} is not supported by this store")
        for side in sides:
            self.column(side)

    def _call(self, call: ast.Call) -> None:
        if call.name in functions.MATH:
            self._math(call)
            return
        self.calls.append(call)
        checks: dict[str, Callable[[ast.Call], None]] = {
            "percentile": self._percentile,
            functions.DISTINCT: self._distinct,
            functions.INTEGRAL: self._integral,
            **dict.fromkeys(functions.RANKS, self._rank),
            **dict.fromkeys(functions.STREAMS, self._stream),
        }
        checks.get(call.name, self._simple)(call)

    def _math(self, call: ast.Call) -> None:
        _count(call, 2 if call.name in functions.OF_TWO else 1)
        for argument in call.arguments:
            if not isinstance(argument, _LITERALS):
                self.column(argument)

    def _simple(self, call: ast.Call) -> None:
        if call.name in _NOT_HERE:
            raise QueryError(f"{call.name}() is not supported by this store")
        if call.name in functions.AGGREGATES:
            self.only_selectors = False
        elif call.name not in functions.SELECTORS:
            raise StatementError(f"undefined function {call.name}()")
        _count(call, 1)
        argument = call.arguments[0]
        if call.name == "count" and isinstance(argument, ast.Call) and argument.name == functions.DISTINCT:
            self._distinct(argument, nested=True)
            return
        self._symbol(call)

    def _percentile(self, call: ast.Call) -> None:
        _count(call, 2)
        if not isinstance(call.arguments[1], ast.Integer | ast.Number):
            raise StatementError("expected float argument in percentile()")
        self._symbol(call)

    def _distinct(self, call: ast.Call, *, nested: bool = False) -> None:
        if len(call.arguments) != 1:
            raise StatementError("distinct function requires one argument")
        if not isinstance(call.arguments[0], ast.Ref):
            raise StatementError("expected field argument in distinct()")
        self.distinct = self.distinct or not nested
        self.only_selectors = False

    def _integral(self, call: ast.Call) -> None:
        self._unit(call)
        self.only_selectors = False
        self._symbol(call)

    def _rank(self, call: ast.Call) -> None:
        name, arguments = call.name, call.arguments
        if self.rank:
            raise StatementError(f"selector function {self.rank}() cannot be combined with other functions")
        if len(arguments) < 2:
            raise StatementError(f"invalid number of arguments for {name}, expected at least 2, got {len(arguments)}")
        limit = arguments[-1]
        if not isinstance(limit, ast.Integer):
            raise StatementError(f"expected integer as last argument in {name}()")
        if limit.value <= 0:
            raise StatementError(f"limit ({limit.value}) in {name} function must be at least 1")
        if 0 < self.select.limit < limit.value:
            raise StatementError(
                f"limit ({limit.value}) in {name} function can not be larger than the LIMIT ({self.select.limit}) "
                "in the select statement"
            )
        if not isinstance(arguments[0], ast.Ref):
            raise StatementError(f"expected first argument to be a field in {name}()")
        if not all(isinstance(argument, ast.Ref) for argument in arguments[1:-1]):
            raise StatementError(f"only fields or tags are allowed in {name}()")
        self.plain = self.plain or len(arguments) > 2
        self.rank = name

    def _stream(self, call: ast.Call) -> None:
        name = call.name
        if name in {"derivative", "non_negative_derivative", "elapsed"}:
            self._unit(call)
        elif name == "moving_average":
            _count(call, 2)
            width = call.arguments[1]
            if not isinstance(width, ast.Integer):
                raise StatementError("second argument for moving_average must be an integer")
            if width.value <= 1:
                raise StatementError(f"moving_average window must be greater than 1, got {width.value}")
        else:
            _count(call, 1)
        self.only_selectors = False
        inner = call.arguments[0]
        if not isinstance(inner, ast.Call):
            if self.interval and not self.inherited:
                raise StatementError(f"aggregate function required inside the call to {name}")
            self._symbol(call)
            return
        if not self.interval:
            raise StatementError(f"{name} aggregate requires a GROUP BY interval")
        if inner.name in {*functions.RANKS, functions.DISTINCT, functions.INTEGRAL, *functions.MATH}:
            raise QueryError(f"{inner.name}() within {name}() is not supported by this store")
        self._call(inner)

    @staticmethod
    def _unit(call: ast.Call) -> None:
        if not 1 <= len(call.arguments) <= 2:
            raise StatementError(
                f"invalid number of arguments for {call.name}, expected at least 1 but no more than 2, "
                f"got {len(call.arguments)}"
            )
        for unit in call.arguments[1:]:
            if not isinstance(unit, ast.Duration):
                raise StatementError(f"second argument to {call.name} must be a duration")
            if unit.ns <= 0:
                raise StatementError("duration argument must be positive")

    def _symbol(self, call: ast.Call) -> None:
        argument = call.arguments[0]
        if isinstance(argument, ast.Wildcard | ast.Regex):
            if not self.wildcards:
                raise StatementError(f"unsupported expression with wildcard: {call.name}()")
            self.only_selectors = False
        elif not isinstance(argument, ast.Ref):
            raise StatementError(f"expected field argument in {call.name}()")


def _count(call: ast.Call, wanted: int) -> None:
    if len(call.arguments) != wanted:
        raise StatementError(
            f"invalid number of arguments for {call.name}, expected {wanted}, got {len(call.arguments)}"
        )
