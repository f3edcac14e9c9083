"""Which series of a measurement a plan reads, and in which groups: found by a look at every series, and remembered."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from embedded.store.influxql import syntax as ast
from embedded.store.influxql.condition import reduce
from embedded.store.influxql.subquery import TEMPORARY

if TYPE_CHECKING:
    from embedded.store.catalogue import Measurement, Series
    from embedded.store.influxql.binding import Matcher
    from embedded.store.influxql.compiler import Plan

REMEMBERED: Final = 400_000
"""Series and groups in all that is remembered, some 20 to 100 bytes each; boards ask the same every few seconds."""
ALWAYS: Final = ast.Boolean(value=True)
NEVER: Final = ast.Boolean(value=False)

_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Grouping:
    """The series that a plan reads of one measurement.

    Attributes:
        groups: the values of the GROUP BY tags of each group, in the answer's order.
        conditions: what is asked of the points, beside their time.
        ids, numbers, places, kinds: of each series its id, its group, its place in that by its tags, and which of the
            conditions holds for it; a JSON array each, as DuckDB reads it fastest.
        size: what it takes to remember it: its series, groups, and itself.
        shared: some group has more than one.
        whole: all series of the measurement are one group, under one condition.
    """

    groups: tuple[tuple[str, ...], ...]
    conditions: tuple[ast.Expr, ...]
    ids: str
    numbers: str
    places: str
    kinds: str
    size: int
    shared: bool
    whole: bool


NOTHING: Final = Grouping((), (), "[]", "[]", "[]", "[]", 1, shared=False, whole=False)


class Groupings:
    """Remembers groupings for as long as a measurement has the same series and fields; for any thread."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: dict[_Key, Grouping] = {}
        self._size = 0

    def of(self, plan: Plan, measurement: Measurement, dimensions: tuple[str, ...], matches: Matcher) -> Grouping:
        """The grouping of a measurement's series by a plan."""
        if measurement.id >= TEMPORARY:
            return group(plan, measurement, dimensions, matches)
        # Series and fields are only ever added; where the last is deleted, the measurement is another.
        state = measurement.id, len(measurement.series), len(measurement.fields)
        asked = plan.condition, dimensions, plan.descending, plan.select.series_limit, plan.select.series_offset
        key = (*state, *asked)
        with self._lock:
            found = self._known.pop(key, None)
            if found is not None:
                self._known[key] = found  # the one that was asked for last is forgotten last
                return found
        found = group(plan, measurement, dimensions, matches)
        with self._lock:
            if key not in self._known:
                self._known[key] = found
                self._size += found.size
            while self._size > self._most:
                self._size -= self._known.pop(next(iter(self._known))).size
        return found


def group(plan: Plan, measurement: Measurement, dimensions: tuple[str, ...], matches: Matcher) -> Grouping:
    """Choose the series of a measurement by their tags and group them."""
    series = list(measurement.series.values())
    members: dict[tuple[str, ...], list[tuple[Series, ast.Expr]]] = {}

    def is_field(ref: ast.Ref) -> bool:
        return ref.cast != "tag" and ref.name in measurement.fields

    for one in series:
        condition = reduce(plan.condition, one.tags, is_field, matches) if plan.condition else ALWAYS
        if condition != NEVER:
            key = tuple(one.tags.get(name, "") for name in dimensions)
            members.setdefault(key, []).append((one, condition))
    # Groups follow their tags by name, whatever order GROUP BY gives, as InfluxDB orders its tag sets.
    by_name = sorted(range(len(dimensions)), key=lambda i: dimensions[i])
    ordered = sorted(members, key=lambda key: [key[i].encode() for i in by_name])
    first = plan.select.series_offset
    ordered = ordered[first : first + plan.select.series_limit if plan.select.series_limit else None]
    if plan.descending:
        ordered.reverse()
    return _grouping(tuple(ordered), [members[key] for key in ordered], len(series))


def _grouping(
    groups: tuple[tuple[str, ...], ...], members: list[list[tuple[Series, ast.Expr]]], known: int
) -> Grouping:
    kinds: dict[ast.Expr, int] = {}
    rows: list[tuple[int, ...]] = [
        (one.id, number, place, kinds.setdefault(condition, len(kinds)))
        for number, within in enumerate(members)
        for place, (one, condition) in enumerate(sorted(within, key=lambda member: list(member[0].tags.items())))
    ]
    if not rows:
        return NOTHING
    ids, numbers, places, of_kind = (msgspec.json.encode(column).decode() for column in zip(*rows, strict=True))
    return Grouping(
        groups,
        tuple(kinds),
        ids,
        numbers,
        places,
        of_kind,
        size=1 + len(groups) + len(rows),
        shared=any(len(within) > 1 for within in members),
        whole=len(groups) == 1 and len(rows) == known and len(kinds) == 1,
    )
