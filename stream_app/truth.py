"""The truth: what every settled point must be, recomputed from a file of events in the plainest way.

It shares with the worker what an event is (`city.gate`) and nothing else: no panes, no aggregates, no restarts.

A file whose `recordedtime` never decreases needs no partitions: an event is late for a window exactly when
`end + lateness ≤ heard` (the lemma of the checkpoint protocol). A recorded log is folded partition by partition.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from city.domain import NOT_STATED
from city.errors import DataError
from city.event import AHEAD_NS, Event, Tick, UnusableError
from city.gate import Gate
from city.instant import NS, rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from city.domain import Domain, Measure, Series
    from city.geography import City
    from city.lines import Line, Place

Value = int | float
Identity = tuple[str, str, int]
Window = tuple[str, str, int]
"""Series, area and start (ns): what an event is late for, and in what its copies are duplicates."""

_NOT_YET: Final = -(1 << 63)
_SKEW_NS: Final = 60 * NS
_EXAMPLES: Final = 10


@dataclass(frozen=True, slots=True)
class Key:
    """Which point: measurement, tags (pairs, sorted by name), and the start of the window (ns)."""

    measurement: str
    tags: tuple[tuple[str, str], ...]
    start: int


@dataclass
class Truth:
    """Every settled point, and what was not counted: `late`, `duplicate`, `rejected:<reason>`."""

    points: dict[Key, dict[str, Value]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


def compute(lines: Iterable[Line], domain: Domain, city: City) -> Truth:
    """Recompute every series of the domain from a file's lines.

    Windows still open at the end are settled for a plain file (whoever replays it ends it with a tick) and left
    out for a recorded log, which says itself how far it came.

    Raises:
        DataError: `recordedtime` decreases in a plain file, so that its truth would depend on partitions.
    """
    truth = Truth()
    logs: dict[int | None, _Log] = {}
    for number, line in enumerate(lines, start=1):
        place = line.place
        if place is None or place.topic == domain.topic:
            partition = None if place is None else place.partition
            if partition not in logs:
                logs[partition] = _Log(domain, city, truth.counts, place)
            logs[partition].read(line, number)
    for log in logs.values():
        truth.points |= log.settled()
    return truth


class _Log:
    """One partition as a recording holds it, or a whole plain file."""

    def __init__(self, domain: Domain, city: City, counts: Counter[str], first: Place | None) -> None:
        if first and not first.partitions:
            raise DataError("this recording does not say how many partitions its topic had: record it again")
        self._gate = Gate(domain.events, city.zone_of, (first.partition, first.partitions) if first else None)
        self._series = {series.name: series for series in domain.series}
        self._city = city
        self._counts = counts
        self._plain = first is None
        self._barrier_unknown = first is not None and first.offset > 0
        self._barrier = self._clock = _NOT_YET
        self._windows: dict[Window, dict[Identity, Event]] = {}

    def read(self, line: Line, number: int) -> None:
        """One record: the definition of truth, rule by rule."""
        stamped = line.place.timestamp_ms * 1_000_000 if line.place else None
        try:
            event, time, heard = self._gate.admit(line.value, line.key, line.headers, stamped)
        except UnusableError as error:
            self._counts[f"rejected:{error.reason}"] += 1
            return
        if self._plain and event.recordedtime is None:
            heard = max(time, self._clock)
        if self._plain and heard < self._clock:
            raise DataError(
                f"line {number}: recordedtime {rfc3339(heard)} is earlier than one before it, so what is late depends "
                "on partitions: compare a recording of the log instead (./cityops record)"
            )
        self._clock = max(self._clock, heard)
        if self._barrier_unknown:
            self._barrier_unknown = False
            self._barrier = self._clock + AHEAD_NS + _SKEW_NS
        if not isinstance(event, Tick):
            self._count(event, time)
        elif event.begin:
            self._begin(heard)

    def _begin(self, heard: int) -> None:
        """A new log beside an old store: what is open may have been counted before it."""
        self._barrier = max(self._barrier, heard)
        for window in list(self._windows):
            if window[2] <= self._barrier and not self._has_closed(window):
                del self._windows[window]

    def _count(self, event: Event, time: int) -> None:
        """The first copy counts, whatever the others say; one series knows nothing of another."""
        late = duplicate = False
        for series in self._series.values():
            if series.event is not type(event):
                continue
            window = (series.name, event.area, time - time % (series.window_s * NS))
            if self._has_closed(window):
                late = True
            elif window[2] > self._barrier:
                events = self._windows.setdefault(window, {})
                duplicate |= (event.source, event.id, time) in events
                events.setdefault((event.source, event.id, time), event)
        self._counts["in"] += 1
        self._counts["late"] += late
        self._counts["duplicate"] += duplicate

    def _has_closed(self, window: Window) -> bool:
        series = self._series[window[0]]
        return window[2] + (series.window_s + series.lateness_s) * NS <= self._clock

    def settled(self) -> dict[Key, dict[str, Value]]:
        """The points of every window that has closed."""
        points: dict[Key, dict[str, Value]] = {}
        for window in self._windows:
            if self._plain or self._has_closed(window):
                points |= self.points(window)
        return points

    def points(self, window: Window) -> dict[Key, dict[str, Value]]:
        """The points of one window, as far as it has come."""
        series = self._series[window[0]]
        groups: dict[Key, list[Any]] = {}
        for event in self._windows[window].values():
            groups.setdefault(Key(series.name, _tags(series, event, self._city), window[2]), []).append(event.data)
        return {key: _fields(series, observed) for key, observed in groups.items()}


def _tags(series: Series, event: Event, city: City) -> tuple[tuple[str, str], ...]:
    own = {tag.name: attrgetter(tag.path)(event) or NOT_STATED for tag in series.tags}
    return tuple(sorted({"area": event.area, "zone": city.zone_of[event.area], **own}.items()))


def _fields(series: Series, observed: list[Any]) -> dict[str, Value]:
    fields: dict[str, Value] = {"count": len(observed), "final": 1}
    for measure in series.measures:
        fields |= _parts(measure, observed)
    return fields


def _parts(measure: Measure, observed: list[Any]) -> dict[str, Value]:
    value = attrgetter(measure.path)
    stating = [data for data in observed if value(data) is not None]
    if not stating:
        return {}
    steps = [measure.steps(value(data)) for data in stating]
    whole = {"sum": sum(steps), "min": min(steps), "max": max(steps)}
    parts: dict[str, Value] = {f"{measure.name}_{part}": whole[part] / measure.scale for part in measure.keep}
    parts[f"{measure.name}_count"] = len(steps)
    if measure.weight:
        stated = [attrgetter(measure.weight)(data) for data in stating]
        weights = [1 if weight is None else weight for weight in stated]
        weighed = sum(step * weight for step, weight in zip(steps, weights, strict=True))
        parts[f"{measure.name}_wsum"] = weighed / measure.scale
        parts[f"{measure.name}_weight_sum"] = float(sum(weights))
    for step in steps if measure.bounds else ():
        reached = sum(measure.steps(bound) <= step for bound in measure.bounds)
        bin_ = f"{measure.name}_bin{reached}"
        parts[bin_] = parts.get(bin_, 0) + 1
    return parts


@dataclass
class Difference:
    """How a store's points stand to the truth's."""

    points: int = 0
    equal: int = 0
    missing: int = 0
    different: int = 0
    extra: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def none(self) -> bool:
        """Whether they are the same."""
        return self.points == self.equal and not self.extra

    def __str__(self) -> str:
        """The line that scripts read."""
        return (
            f"points={self.points} equal={self.equal} missing={self.missing} "
            f"different={self.different} extra={self.extra}"
        )


def compare(true: Mapping[Key, Mapping[str, Value]], stored: Mapping[Key, Mapping[str, Value]]) -> Difference:
    """Hold stored points against true ones: the same keys, the same fields, the very same numbers."""
    difference = Difference(points=len(true))
    for key, fields in true.items():
        found = stored.get(key)
        if found == fields:
            difference.equal += 1
        elif found is None:
            difference.missing += 1
            _example(difference, f"missing {_name(key)}")
        else:
            difference.different += 1
            unlike = {name for name in (*fields, *found) if fields.get(name) != found.get(name)}
            told = ", ".join(f"{name} is {found.get(name)}, not {fields.get(name)}" for name in sorted(unlike))
            _example(difference, f"different {_name(key)}: {told}")
    for key in stored.keys() - true.keys():
        difference.extra += 1
        _example(difference, f"extra {_name(key)}")
    return difference


def _example(difference: Difference, text: str) -> None:
    if len(difference.examples) < _EXAMPLES:
        difference.examples.append(text)


def _name(key: Key) -> str:
    return f"{key.measurement} {' '.join(f'{name}={value}' for name, value in key.tags)} {rfc3339(key.start)}"
