"""Calls within calls: `derivative(moving_average(mean(x), 3))` is a reduction whose values two streams look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from embedded.store.influxql import functions, stream
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.fill import window

if TYPE_CHECKING:
    from embedded.store.influxql.compiler import Plan
    from embedded.store.influxql.stream import Points


@dataclass(frozen=True, slots=True)
class Chain:
    """What a call is made of: the call or field that the data answers, and the functions over it, innermost first.

    `earlier` windows before the first are needed for the outermost to have a value in the first.
    """

    base: ast.Call | ast.Ref
    over: tuple[ast.Call, ...]
    earlier: int

    def apply(self, points: Points, plan: Plan) -> Points:
        """What the functions make of the base's points in one group."""
        for call in self.over:
            if call.name == functions.INTEGRAL:
                points = stream.integral(call, points, _bounds(plan, points), descending=plan.descending)
            elif self._before_all_time(call, plan):
                return []
            else:
                points = stream.apply(call, points, plan.interval, descending=plan.descending)
        return points

    @staticmethod
    def _before_all_time(call: ast.Call, plan: Plan) -> bool:
        """Whether it looks at a window before the beginning of time: InfluxDB then answers nothing."""
        needs = plan.interval > 0 and call.name in functions.NEEDS_WINDOW_BEFORE
        return needs and plan.start is None and not plan.descending


def chain_of(call: ast.Call) -> Chain:
    """The chain that a call ends."""
    over: list[ast.Call] = []
    base: ast.Expr = call
    while isinstance(base, ast.Call) and base.name in {*functions.STREAMS, functions.INTEGRAL}:
        over.append(base)
        base = base.arguments[0]
    assert isinstance(base, ast.Call | ast.Ref)
    earlier = sum(one.name in functions.NEEDS_WINDOW_BEFORE for one in over)
    return Chain(base, tuple(reversed(over)), earlier)


def _bounds(plan: Plan, points: Points) -> stream.Bounds:
    """The start and end of the window that holds a time.

    Without GROUP BY time that is the whole time range for integers, and of other numbers InfluxDB says the epoch.
    """

    def bounds(time: int) -> tuple[int, int]:
        if plan.zone is None:
            start = window(time, plan.interval, plan.interval_offset)
            return start, start + plan.interval
        start = plan.zone.window(time, plan.interval, plan.interval_offset)
        return start, plan.zone.after(start, plan.interval, descending=False)

    if plan.interval:
        return bounds
    if plan.start is not None and any(isinstance(value, int) for _, value in points):
        return lambda _: (plan.start or 0, plan.stop + 1)
    # Beyond every point: nothing ends before the last of them.
    return lambda _: (-(2**63), 0) if plan.descending else (0, 2**63)
