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
    from collections.abc import Iterable

    from city.domain import Domain, Measure, Series
    from city.geography import City
    from city.lines import Line

Value = int | float
Identity = tuple[str, str, int]

_NOT_YET: Final = -(1 << 63)
_SKEW_NS: Final = 60 * NS


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


@dataclass
class _Log:
    """One partition as a recording holds it, or a whole plain file."""

    gate: Gate
    barrier: int = _NOT_YET
    barrier_unknown: bool = False
    clock: int = _NOT_YET
    windows: dict[tuple[Series, Key], dict[Identity, Any]] = field(default_factory=dict)


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
        if line.place is None or line.place.topic == domain.topic:
            log = logs.setdefault(line.place and line.place.partition, _log(line, domain, city))
            _read(line, number, log, domain, city, truth)
    for partition, log in logs.items():
        for (series, key), events in log.windows.items():
            if partition is None or _end(series, key) <= log.clock:
                truth.points[key] = _fields(series, list(events.values()))
    return truth


def _log(first: Line, domain: Domain, city: City) -> _Log:
    place = first.place
    if place is None:
        return _Log(Gate(domain.events, city.zone_of))
    if not place.partitions:
        raise DataError("this recording does not say how many partitions its topic had: record it again")
    gate = Gate(domain.events, city.zone_of, (place.partition, place.partitions))
    return _Log(gate, barrier_unknown=place.offset > 0)


def _read(line: Line, number: int, log: _Log, domain: Domain, city: City, truth: Truth) -> None:
    stamped = line.place.timestamp_ms * 1_000_000 if line.place else None
    try:
        event, time, heard = log.gate.admit(line.value, line.key, line.headers, stamped)
    except UnusableError as error:
        truth.counts[f"rejected:{error.reason}"] += 1
        return
    if line.place is None and event.recordedtime is None:
        heard = max(time, log.clock)
    if line.place is None and heard < log.clock:
        raise DataError(
            f"line {number}: recordedtime {rfc3339(heard)} is earlier than one before it, so what is late depends "
            "on partitions: compare a recording of the log instead (./cityops record)"
        )
    log.clock = max(log.clock, heard)
    if log.barrier_unknown:
        log.barrier_unknown = False
        log.barrier = log.clock + AHEAD_NS + _SKEW_NS
    if isinstance(event, Tick):
        if event.begin:
            _begin(log, heard)
    else:
        _count(event, time, log, domain, city, truth)


def _begin(log: _Log, heard: int) -> None:
    """A new log beside an old store: what is open may have been counted before it."""
    log.barrier = max(log.barrier, heard)
    damaged = [
        (series, key) for series, key in log.windows if key.start <= log.barrier and _end(series, key) > log.clock
    ]
    for window in damaged:
        del log.windows[window]


def _count(event: Event, time: int, log: _Log, domain: Domain, city: City, truth: Truth) -> None:
    late = duplicate = False
    for series in domain.series:
        if series.event is not type(event):
            continue
        start = time - time % (series.window_s * NS)
        key = Key(series.name, _tags(series, event, city), start)
        if _end(series, key) <= log.clock:
            late = True
        elif start > log.barrier:
            window = log.windows.setdefault((series, key), {})
            duplicate |= (event.source, event.id, time) in window
            window.setdefault((event.source, event.id, time), event.data)
    truth.counts["in"] += 1
    truth.counts["late"] += late
    truth.counts["duplicate"] += duplicate


def _end(series: Series, key: Key) -> int:
    """When the clock closes the window."""
    return key.start + (series.window_s + series.lateness_s) * NS


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
    return parts
