"""A bound statement read from the database: the right scans for its columns, and the table of each group."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from embedded.store.influxql import functions, scan
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.binding import check_type
from embedded.store.influxql.chain import chain_of
from embedded.store.influxql.compiler import calls_in, refs_in, windows_earlier
from embedded.store.influxql.table import (
    distinct_table,
    merged_table,
    points_table,
    ranked_table,
    selection_table,
    window_points,
    window_table,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from embedded.store.catalogue import Field
    from embedded.store.influxql.binding import Bound
    from embedded.store.influxql.chain import Chain
    from embedded.store.influxql.stream import Points
    from embedded.store.influxql.table import Rows, Table

    Fetch = Callable[[str, list[Any]], dict[int, Rows]]
    """Runs a statement; gives its rows by group number, their first column."""


def tables_of(bound: Bound, fetch: Fetch) -> tuple[dict[int, Table], bool]:
    """The table of each group by its number, and whether LIMIT has been applied to them."""
    reading = _Reading.of(bound, fetch)
    if not reading.calls:
        return reading.points(), True
    call = reading.calls[0]
    if call.name == functions.DISTINCT:
        return reading.distinct(call), False
    if call.name in functions.RANKS:
        return reading.ranked(call), False
    # A selector alone gives the point it selects: that point's time, and its other fields and tags.
    alone = len(reading.calls) == 1 and call.name in functions.SELECTORS
    if alone and (reading.beside or not bound.plan.interval):
        return reading.selection(call), True
    return reading.values(), True


@dataclass(frozen=True, slots=True)
class _Reading:
    """`calls` are answered by the data; `beside` are fields and tags named outside them, `fields` those that exist."""

    bound: Bound
    fetch: Fetch
    calls: list[ast.Call]
    beside: list[ast.Ref]
    fields: dict[ast.Ref, Field]

    @classmethod
    def of(cls, bound: Bound, fetch: Fetch) -> _Reading:
        calls = dict.fromkeys(call for column in bound.columns for call in calls_in(column.expr))
        beside = dict.fromkeys(ref for column in bound.columns for ref in refs_in(column.expr))
        fields = {ref: found for ref in beside if (found := bound.field(ref)) is not None}
        return cls(bound, fetch, list(calls), list(beside), fields)

    def points(self) -> dict[int, Table]:
        if not self.fields:
            return {}
        found = self.fetch(*scan.points(self.bound, list(self.fields.values())))
        return {n: points_table(rows, self.beside, list(self.fields), self.bound) for n, rows in found.items()}

    def distinct(self, call: ast.Call) -> dict[int, Table]:
        field = self._field(call)
        if field is None:
            return {}
        found = self.fetch(*scan.distinct(self.bound, field))
        return {n: distinct_table(rows, call, self.bound) for n, rows in found.items()}

    def ranked(self, call: ast.Call) -> dict[int, Table]:
        if self._field(call) is None:
            return {}
        per_series = len(call.arguments) > 2
        found = self.fetch(*scan.ranked(self.bound, call, list(self.fields.values()), per_series=per_series))
        return {n: ranked_table(rows, call, self.beside, list(self.fields), self.bound) for n, rows in found.items()}

    def selection(self, call: ast.Call) -> dict[int, Table]:
        found = self.fetch(*scan.aggregate(self.bound, [call], list(self.fields), point=True))
        return {n: selection_table(rows, call, self.beside, list(self.fields), self.bound) for n, rows in found.items()}

    def values(self) -> dict[int, Table]:
        """The values of each call in successive windows, or at the points it looks at."""
        plan = self.bound.plan
        chains = {call: chain_of(call) for call in self.calls}
        if plan.interval and plan.fill is not ast.Fill.NONE and not any(chain.over for chain in chains.values()):
            found = self.fetch(*scan.aggregate(self.bound, self.calls, [], point=False))
            tables = {number: window_table(rows, self.calls, self.bound) for number, rows in found.items()}
            return {number: table for number, table in tables.items() if table is not None}
        groups: dict[int, list[Points]] = defaultdict(lambda: [[] for _ in self.calls])
        for earlier in sorted({chain.earlier for chain in chains.values()}):
            bound = replace(self.bound, plan=windows_earlier(plan, earlier))
            these = {call: chain for call, chain in chains.items() if chain.earlier == earlier}
            # By place: expressions are compared and hashed part by part, and there are many groups.
            begun: dict[ast.Expr, list[tuple[int, Chain]]] = defaultdict(list)
            for place, chain in enumerate(chains.values()):
                if chain.earlier == earlier:
                    begun[chain.base].append((place, chain))
            for number, base, points in [*self._of_calls(bound, these), *self._of_fields(bound, these)]:
                for place, chain in begun[base]:
                    groups[number][place] = chain.apply(points, bound.plan)
        return {
            number: merged_table(dict(zip(self.calls, made, strict=True)), self.bound)
            for number, made in groups.items()
            if any(made)
        }

    def _of_calls(self, bound: Bound, chains: dict[ast.Call, Chain]) -> list[tuple[int, ast.Expr, Points]]:
        """What the calls that chains begin with give: group number, call, its points."""
        bases = list(dict.fromkeys(chain.base for chain in chains.values() if isinstance(chain.base, ast.Call)))
        found = self.fetch(*scan.aggregate(bound, bases, [], point=False)) if bases else {}
        return [
            (number, base, window_points(base, place, rows, bound))
            for number, rows in found.items()
            for place, base in enumerate(bases, start=2)
        ]

    def _of_fields(self, bound: Bound, chains: dict[ast.Call, Chain]) -> list[tuple[int, ast.Expr, Points]]:
        """The points of the fields that chains begin with: group number, field, its points."""
        made: list[tuple[int, ast.Expr, Points]] = []
        for call, chain in chains.items():
            field = bound.field(chain.base) if isinstance(chain.base, ast.Ref) else None
            if field is not None:
                check_type(call.name, field)
                found = self.fetch(*scan.points(bound, [field], limited=False))
                made += [(number, chain.base, [(row[1], row[3]) for row in rows]) for number, rows in found.items()]
        return made

    def _field(self, call: ast.Call) -> Field | None:
        ref = call.arguments[0]
        return self.bound.field(ref) if isinstance(ref, ast.Ref) else None
