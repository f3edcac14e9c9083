"""What a window keeps of its observations: start, add, merge, result.

Parts are integers in each measure's smallest step, so no order and no grouping of the observations can change
them. Of an observation only its reading is kept, the few attributes that are measured, and readings are folded many
at a time, column by column: the loops then run inside the interpreter's own `zip`, `sum`, `min` and `max`, and cost
a third of adding up one by one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from functools import partial
from operator import add, attrgetter, mul
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from city.remembered import Remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from city.domain import Domain, Measure, Series
    from city.event import Event

Reading = tuple[Any, ...]
"""The measured attributes of one observation, in the order of its `Reader.paths`; None: not stated."""

Parts = tuple[int | None, ...]
"""The number of events, then each measure's parts in the order of `Measure.fields`; None: never observed."""


_REMEMBERED: Final = 4_096


class Reader:
    """Takes out of an observation (the `data` of an event) what any of some series measures, once for all of them.

    Args:
        series: those series, of one event type.
        also: attributes to take beside what is measured.

    Attributes:
        paths: the attributes.
        read: observation → reading.
    """

    def __init__(self, series: Iterable[Series], also: Iterable[str] = ()) -> None:
        measures = [measure for one in series for measure in one.measures]
        paths = [path for measure in measures for path in (measure.path, measure.weight) if path is not None]
        self.paths = tuple(dict.fromkeys([*paths, *also]))
        self.read: Callable[[Any], Reading] = attrgetter(*self.paths) if len(self.paths) > 1 else self._few

    def _few(self, observation: Any) -> Reading:
        return tuple(attrgetter(path)(observation) for path in self.paths)


def readers(domain: Domain) -> dict[type[Event], Reader]:
    """For each event type of a domain: what is measured, and what a source that works would vary."""
    made = {}
    for kind in domain.events:
        attributes = get_type_hints(get_type_hints(kind)["data"])
        alike = [name for name in domain.freshness_of(kind).alike if name in attributes]
        made[kind] = Reader((series for series in domain.series if series.event is kind), alike)
    return made


class Aggregate:
    """The parts of one series, and the fields they are written as.

    Args:
        series: whose.
        paths: what the readings hold.
    """

    def __init__(self, series: Series, paths: Sequence[str]) -> None:
        self._columns = tuple(_Column(measure, paths) for measure in series.measures)
        merges = [merge for column in self._columns for merge in column.merges]
        self._merges: tuple[Callable[[int, int], int], ...] = (add, *merges)
        names = [name for measure in series.measures for name in measure.fields]
        scales = [scale for column in self._columns for scale in column.scales]
        self._fields = tuple(zip(["count", *names], [None, *scales], strict=True))

    def of(self, readings: Sequence[Reading]) -> Parts:
        """The parts of some readings; at least one."""
        columns = list(zip(*readings, strict=True))
        parts: list[int | None] = [len(readings)]
        for column in self._columns:
            parts += column.of(columns)
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
    """One measure's parts, from the columns of many readings."""

    def __init__(self, measure: Measure, paths: Sequence[str]) -> None:
        # Sensors say the same few thousand values over and over.
        self._steps = Remembered(measure.steps, _REMEMBERED).__getitem__
        self._values = paths.index(measure.path)
        self._weights = paths.index(measure.weight) if measure.weight else None
        reduce: dict[str, tuple[Callable[[Any], int], Callable[[int, int], int]]] = {
            "sum": (sum, add),
            "min": (min, min),
            "max": (max, max),
        }
        self._reduce = [reduce[part][0] for part in measure.keep]
        bounds = [measure.steps(bound) for bound in measure.bounds]
        self._bin_of = Remembered(partial(bisect_right, bounds), _REMEMBERED).__getitem__
        self._bins = range(len(measure.bins))
        weighed = self._weights is not None
        self.merges = [add, *(reduce[part][1] for part in measure.keep), *([add, add] if weighed else [])]
        self.merges += [add for _ in self._bins]
        self.scales: list[int | None] = [None, *(measure.scale for _ in measure.keep)]
        self.scales += [measure.scale, 1] if weighed else []
        self.scales += [None for _ in self._bins]

    def of(self, columns: Sequence[Sequence[Any]]) -> list[int | None]:
        values = columns[self._values]
        weights = None if self._weights is None else columns[self._weights]
        try:
            return self._of(values, weights)
        except TypeError:  # of None; to look for one beforehand would cost as much as adding up
            stated = [value for value in values if value is not None]
            if not stated:
                return [None] * len(self.merges)
            return self._of(stated, weights and _stated(weights, values))

    def _of(self, values: Sequence[Any], weights: Sequence[int] | None) -> list[int | None]:
        steps = list(map(self._steps, values))
        parts: list[int | None] = [len(steps), *[reduce(steps) for reduce in self._reduce]]
        if weights is not None:
            parts += [sum(map(mul, steps, weights)), sum(weights)]
        if self._bins:
            counts = Counter(map(self._bin_of, steps))
            parts += map(counts.get, self._bins)
        return parts


def _stated(weights: Sequence[int | None], values: Sequence[Any]) -> list[int]:
    """The weights of the values there are; a value without one weighs 1."""
    return [1 if weight is None else weight for weight, value in zip(weights, values, strict=True) if value is not None]
