"""WHERE: its time range, what it says of a series' tags, and what is left to ask of each point."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from embedded.store.errors import QueryError, StatementError
from embedded.store.influxql import syntax as ast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from embedded.store.influxql.zone import Zone

MIN_TIME = -(2**63) + 2
MAX_TIME = 2**63 - 2
_COMPARISONS = {"=", "!=", "<", "<=", ">", ">=", "=~", "!~"}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_TIME = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[-+]\d{2}:\d{2})?)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Both ends belong to it, in ns; None: open."""

    start: int | None = None
    stop: int | None = None

    def meet(self, other: TimeRange) -> TimeRange:
        """What lies in both."""
        starts = [t for t in (self.start, other.start) if t is not None]
        stops = [t for t in (self.stop, other.stop) if t is not None]
        return TimeRange(max(starts, default=None), min(stops, default=None))


def split(where: ast.Expr | None, now: int, zone: Zone | None = None) -> tuple[ast.Expr | None, TimeRange]:
    """The condition without its comparisons of time, and the range these leave. Time is always ANDed, as in InfluxDB.

    Raises:
        StatementError: time is compared with something that is no time.
    """
    if where is None:
        return None, TimeRange()
    if isinstance(where, ast.Paren):
        inner, times = split(where.inner, now, zone)
        return (None if inner is None else ast.Paren(inner)), times
    if isinstance(where, ast.Boolean):
        return where, TimeRange()
    if not isinstance(where, ast.Binary):
        raise StatementError("invalid condition expression")
    if where.op in {"and", "or"}:
        left, left_times = split(where.left, now, zone)
        right, right_times = split(where.right, now, zone)
        times = left_times.meet(right_times)
        if left is None or right is None:
            return left or right, times
        return ast.Binary(where.op, left, right), times
    return _split_comparison(where, now, zone)


def _split_comparison(where: ast.Binary, now: int, zone: Zone | None) -> tuple[ast.Expr | None, TimeRange]:
    if _is_time(where.left):
        return None, _range(where.op, evaluate_time(where.right, now, zone))
    if _is_time(where.right):
        return None, _range(_MIRRORED.get(where.op, where.op), evaluate_time(where.left, now, zone))
    if call := next(_calls(where), None):
        raise StatementError(f"invalid function call in condition: {call.name}()")
    if where.op not in _COMPARISONS:
        raise StatementError(f"invalid condition expression: {where.op} compares nothing")
    return where, TimeRange()


def _calls(expr: ast.Expr) -> Iterator[ast.Call]:
    if isinstance(expr, ast.Call):
        yield expr
    elif isinstance(expr, ast.Paren):
        yield from _calls(expr.inner)
    elif isinstance(expr, ast.Binary):
        yield from _calls(expr.left)
        yield from _calls(expr.right)


def evaluate_time(expr: ast.Expr, now: int, zone: Zone | None = None) -> int:
    """A time in ns: RFC 3339 text, an integer, a duration since the epoch, now(), and sums of them."""
    value, _ = _time_value(expr, now, zone)
    if not MIN_TIME <= value <= MAX_TIME:
        raise StatementError(f"time {value} overflows time literal")
    return value


def _time_value(expr: ast.Expr, now: int, zone: Zone | None) -> tuple[int, bool]:
    """The value in ns, and whether it is a point in time (not a length)."""
    if isinstance(expr, ast.Paren):
        return _time_value(expr.inner, now, zone)
    if isinstance(expr, ast.Integer | ast.Number):
        return int(expr.value), False
    if isinstance(expr, ast.Duration):
        return expr.ns, False
    if isinstance(expr, ast.Text):
        return parse_time(expr.value, zone), True
    if isinstance(expr, ast.Call) and expr.name == "now" and not expr.arguments:
        return now, True
    if isinstance(expr, ast.Binary) and expr.op in {"+", "-"}:
        left, left_is_time = _time_value(expr.left, now, zone)
        right, right_is_time = _time_value(expr.right, now, zone)
        return (left + right if expr.op == "+" else left - right), left_is_time != right_is_time
    raise StatementError("invalid operation: time and that expression are not compatible")


def parse_time(text: str, zone: Zone | None = None) -> int:
    """`2026-11-22`, `2026-11-22 08:00:00.5` or RFC 3339, to ns; of the zone (UTC) unless it says otherwise."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise StatementError(f"invalid operation: time and the text '{text[:60]}' are not compatible")
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    iso = f"{year}-{month}-{day}T{hour or '00'}:{minute or '00'}:{second or '00'}{offset or '+00:00'}"
    try:
        moment = datetime.fromisoformat(iso) - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise StatementError(f"unable to parse time '{text}'") from error
    time = (moment.days * 86_400 + moment.seconds) * 10**9 + int((fraction or "0").ljust(9, "0"))
    return time if zone is None or offset else zone.to_utc(time)


def _is_time(expr: ast.Expr) -> bool:
    return isinstance(expr, ast.Ref) and expr.name.lower() == "time"


def _range(op: str, value: int) -> TimeRange:
    ranges = {
        ">": TimeRange(start=value + 1),
        ">=": TimeRange(start=value),
        "<": TimeRange(stop=value - 1),
        "<=": TimeRange(stop=value),
        "=": TimeRange(value, value),
    }
    if op not in ranges:
        raise StatementError(f"invalid time comparison operator: {op}")
    return ranges[op]


def reduce(
    expr: ast.Expr, tags: Mapping[str, str], is_field: Callable[[ast.Ref], bool], matches: Callable[[str, str], bool]
) -> ast.Expr:
    """The condition for one series: its tags are known, so only what concerns fields is left.

    `matches(text, pattern)` tells whether an RE2 pattern is found in a text.
    Returns: `Boolean(True)` every point, `Boolean(False)` none, else a condition on fields.
    """

    def walk(node: ast.Expr) -> ast.Expr:  # noqa: PLR0911 - one return a kind of node
        if isinstance(node, ast.Paren):
            return walk(node.inner)
        if isinstance(node, ast.Ref):
            return node if is_field(node) else ast.Text(tags.get(node.name, "") if node.cast in {"", "tag"} else "")
        if not isinstance(node, ast.Binary):
            return node
        left, right = walk(node.left), walk(node.right)
        if node.op in {"and", "or"}:
            return _join(node.op, left, right)
        if isinstance(left, ast.Text) and node.op in _COMPARISONS:
            if isinstance(right, ast.Text):
                return ast.Boolean(value=_compare(node.op, left.value, right.value))
            if isinstance(right, ast.Regex):
                return ast.Boolean(value=matches(left.value, right.pattern) == (node.op == "=~"))
            if isinstance(right, ast.Number | ast.Integer | ast.Boolean | ast.Duration):
                return ast.Boolean(value=False)
        return ast.Binary(node.op, left, right)

    return walk(expr)


def _join(op: str, left: ast.Expr, right: ast.Expr) -> ast.Expr:
    deciding = op == "or"
    for side, other in ((left, right), (right, left)):
        if isinstance(side, ast.Boolean):
            return side if side.value == deciding else other
    return ast.Binary(op, left, right)


def _compare(op: str, left: str, right: str) -> bool:
    if op in {"=", "!="}:
        return (left == right) == (op == "=")
    raise QueryError(f"tags are compared by =, !=, =~ and !~, not by {op}")
