"""What a window keeps of its observations: start, add, merge, result.

Parts are integers in each measure's smallest step, so no order and no grouping of the observations can change
them. Observations are first kept as they are and folded many at a time: the loops then run inside the
interpreter's own `sum`, `min` and `max`, and cost a third of adding them one by one.
"""

from __future__ import annotations

from operator import add, attrgetter, mul
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from city.domain import Measure, Series

Parts = tuple[int | None, ...]
"""The number of events, then each measure's parts in the order of `Measure.fields`; None: never observed."""


class Aggregate:
    """The parts of one series, and the fields they are written as."""

    def __init__(self, series: Series) -> None:
        self._columns = tuple(_Column(measure) for measure in series.measures)
        merges = [merge for column in self._columns for merge in column.merges]
        self._merges: tuple[Callable[[int, int], int], ...] = (add, *merges)
        names = [name for measure in series.measures for name in measure.fields]
        scales = [scale for column in self._columns for scale in column.scales]
        self._fields = tuple(zip(["count", *names], [None, *scales], strict=True))

    def of(self, observations: Sequence[Any]) -> Parts:
        """The parts of some observations (the `data` of their events); at least one."""
        parts: list[int | None] = [len(observations)]
        for column in self._columns:
            parts += column.of(observations)
        return tuple(parts)

    def merge(self, one: Parts, other: Parts) -> Parts:
        """The parts of both together."""
        return tuple(
            right if left is None else left if right is None else merge(left, right)
            for merge, left, right in zip(self._merges, one, other, strict=True)
        )

    def fields(self, parts: Parts) -> str:
        """The field set of a line: counts are integers, the rest floats in the measure's unit."""
        return ",".join(
            f"{name}={part}i" if scale is None else f"{name}={part / scale!r}"
            for (name, scale), part in zip(self._fields, parts, strict=True)
            if part is not None
        )


class _Column:
    """One measure's values, taken out of many observations at once."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self._value = attrgetter(measure.path)
        self._weight = attrgetter(measure.weight) if measure.weight else None
        reduce: dict[str, tuple[Callable[[Any], int], Callable[[int, int], int]]] = {
            "sum": (sum, add),
            "min": (min, min),
            "max": (max, max),
        }
        self._reduce = [reduce[part][0] for part in measure.keep]
        weighed = self._weight is not None
        self.merges = [add, *(reduce[part][1] for part in measure.keep), *([add, add] if weighed else [])]
        self.scales: list[int | None] = [None, *(measure.scale for _ in measure.keep)]
        self.scales += [measure.scale, 1] if weighed else []

    def of(self, observations: Sequence[Any]) -> list[int | None]:
        if self._weight is None:
            values = [value for value in map(self._value, observations) if value is not None]
            weights: list[int] = []
        else:
            pairs = [
                (value, 1 if weight is None else weight)
                for value, weight in zip(map(self._value, observations), map(self._weight, observations), strict=True)
                if value is not None
            ]
            values = [value for value, _ in pairs]
            weights = [weight for _, weight in pairs]
        if not values:
            return [None] * len(self.merges)
        steps = list(map(self._measure.steps, values))
        parts: list[int | None] = [len(steps), *(reduce(steps) for reduce in self._reduce)]
        if self._weight is not None:
            parts += [sum(map(mul, steps, weights)), sum(weights)]
        return parts
