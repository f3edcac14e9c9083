"""The names of a plan meet the catalogue: wildcards are expanded, series chosen by their tags and grouped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from embedded.store.errors import StatementError
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.compiler import column_names
from embedded.store.influxql.functions import MATH, takes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from embedded.store.catalogue import Field, FieldType, Measurement
    from embedded.store.influxql.compiler import Plan
    from embedded.store.influxql.grouping import Grouping, Groupings


class Matcher(Protocol):
    """Tells whether an RE2 pattern is found in a text."""

    def __call__(self, text: str, pattern: str) -> bool:
        """True when it is."""
        ...


@dataclass(frozen=True)
class Bound:
    """A plan bound to one measurement.

    `tags` are the names of the GROUP BY tags in the query's order.
    """

    plan: Plan
    measurement: Measurement
    columns: tuple[ast.Column, ...]
    tags: tuple[str, ...]
    grouping: Grouping

    def field(self, ref: ast.Ref) -> Field | None:
        """The field a reference means in this measurement; None: a tag, or nothing."""
        return field_of(self.measurement, ref)

    @cached_property
    def tags_of(self) -> dict[int, dict[str, str]]:
        """All tags of each series, by its id."""
        return {one.id: one.tags for one in list(self.measurement.series.values())}

    @cached_property
    def shown(self) -> tuple[tuple[ast.Expr, bool], ...]:
        """What each column shows, and whether that may be no number (NaN)."""
        return tuple((column.expr, _may_be_nan(column.expr)) for column in self.columns)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the columns of the answer are called."""
        return tuple(column_names(self.columns, self.plan.time_name))

    @cached_property
    def tag_places(self) -> tuple[tuple[str, int], ...]:
        """The GROUP BY tags by name, each with its place in a group."""
        return tuple(sorted((name, place) for place, name in enumerate(self.tags)))


def _may_be_nan(node: ast.Node) -> bool:
    makes = isinstance(node, ast.Call) and (node.name == "stddev" or node.name in MATH)
    return makes or any(map(_may_be_nan, ast.children(node)))


def field_of(measurement: Measurement, ref: ast.Ref) -> Field | None:
    """The field of that name, if the reference may mean a field and its cast fits."""
    if ref.cast == "tag":
        return None
    return measurement.fields.get(ref.name)


def bind(plan: Plan, measurements: Sequence[Measurement], groupings: Groupings, matches: Matcher) -> list[Bound]:
    """The plan for each measurement, ordered by name, or backwards with time; the same columns in all."""
    tag_names = _tag_names(plan, measurements)
    fields = {name: field.type for m in measurements for name, field in list(m.fields.items())}
    dimensions = _dimensions(plan, tag_names, matches)
    # Beside GROUP BY * or a regular expression, `*` among the columns means fields alone.
    grouped = all(isinstance(dimension, ast.Ref) for dimension in plan.dimensions)
    columns = _expand(plan.columns, fields, [t for t in tag_names if grouped and t not in dimensions], matches)
    if not columns:
        return []
    return [
        Bound(plan, m, columns, dimensions, groupings.of(plan, m, dimensions, matches))
        for m in sorted(measurements, key=lambda m: m.name, reverse=plan.descending)
    ]


def _tag_names(plan: Plan, measurements: Sequence[Measurement]) -> list[str]:
    """The tags of all series, where the plan does not name what it wants: a look at every series takes its time."""
    wanted = [*plan.dimensions, *(column.expr for column in plan.columns)]
    if not any(isinstance(one, ast.Wildcard | ast.Regex) for one in wanted):
        return []
    return sorted({name for m in measurements for one in list(m.series.values()) for name in one.tags})


def _dimensions(plan: Plan, tag_names: list[str], matches: Matcher) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for dimension in plan.dimensions:
        if isinstance(dimension, ast.Ref):
            names[dimension.name] = None
        elif isinstance(dimension, ast.Regex):
            names |= {name: None for name in tag_names if matches(name, dimension.pattern)}
        else:
            names |= dict.fromkeys(tag_names)
    return tuple(names)


def _expand(
    columns: Iterable[ast.Column], fields: dict[str, FieldType], tags: list[str], matches: Matcher
) -> tuple[ast.Column, ...]:
    expanded: list[ast.Column] = []
    for column in columns:
        expr = column.expr
        if isinstance(expr, ast.Wildcard | ast.Regex):
            # A tag and a field of one name are two columns.
            names = [(name, "field") for name in fields if _kind(expr) != "tag"]
            names += [(name, "tag") for name in tags if _kind(expr) != "field"]
            chosen = [n for n in sorted(names) if isinstance(expr, ast.Wildcard) or matches(n[0], expr.pattern)]
            expanded += [ast.Column(ast.Ref(name, kind)) for name, kind in chosen]
        elif isinstance(expr, ast.Call) and isinstance(pattern := _argument(expr), ast.Wildcard | ast.Regex):
            if isinstance(pattern, ast.Wildcard) and pattern.kind == "tag":
                raise StatementError(f"unable to use tag wildcard in {expr.name}()")
            for name, kind in sorted(fields.items()):
                if not takes(_innermost(expr).name, kind):
                    continue
                if isinstance(pattern, ast.Wildcard) or matches(name, pattern.pattern):
                    expanded.append(ast.Column(_of(expr, ast.Ref(name)), f"{column.alias or expr.name}_{name}"))
        else:
            expanded.append(column)
    return tuple(expanded)


def _kind(expr: ast.Wildcard | ast.Regex) -> str:
    return expr.kind if isinstance(expr, ast.Wildcard) else ""


def _innermost(call: ast.Call) -> ast.Call:
    inner = call.arguments[0] if call.arguments else None
    return _innermost(inner) if isinstance(inner, ast.Call) else call


def _argument(call: ast.Call) -> ast.Expr | None:
    """What the innermost of nested calls is of."""
    inner = _innermost(call)
    return inner.arguments[0] if inner.arguments else None


def _of(call: ast.Call, ref: ast.Ref) -> ast.Call:
    """The call, nested as it is, of that field."""
    inner = call.arguments[0]
    first: ast.Expr = _of(inner, ref) if isinstance(inner, ast.Call) else ref
    return replace(call, arguments=(first, *call.arguments[1:]))


def check_type(function: str, field: Field) -> None:
    """Refuse a function of a field whose type it is not defined on."""
    if not takes(function, field.type):
        raise StatementError(f"unsupported {function} iterator type: {field.type.influx} ({field.name})")
