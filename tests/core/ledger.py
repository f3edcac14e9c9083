"""What is true of a simulated log at each of its lengths.

Points are told by `stream_app.truth`, read a line at a time so that the truth of every prefix is known; `verify`
holds that against its one public function. Clock, late and rejected records, and what was open for each record,
follow here from nothing but the definition: its third statement, beside the fold and the truth.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city.instant import NS
from city.lines import Line, Place
from stream_app import truth
from stream_app.core.checkpoint import NEVER
from tests.core.domain import CITY, PARTITION, PARTITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from city.domain import Domain
    from stream_app.truth import Key, Value, Window
    from tests.core.domain import Entry, Said

    Fields = Mapping[str, Value]

SideMark = tuple[str, str, int]
"""`late` or `rejected`, the series or the reason, and the offset."""

_FOR_EVER: Final = 1 << 62
_AHEAD: Final = 5 * NS


@dataclass(frozen=True, slots=True)
class Decided:
    """A record as the definition decides it.

    Attributes:
        clock, barrier: the partition's, after it.
        side: its late and rejected outputs.
        into: series, start and closing clock of each window that was open for it.
    """

    clock: int
    barrier: int
    side: tuple[SideMark, ...] = ()
    into: tuple[tuple[str, int, int], ...] = ()


class Oracle:
    """The points of every prefix of a log, for one version of the domain."""

    def __init__(self, domain: Domain, lines: list[Line]) -> None:
        self.domain = domain
        self._log: truth._Log | None = None
        self._counts = truth.Truth().counts
        self._open: dict[Window, int] = {}
        self._over: set[Window] = set()
        self.values: defaultdict[Key, list[tuple[int, Fields]]] = defaultdict(list)
        self.closed: dict[Key, int] = {}
        self.dropped: dict[Key, int] = {}
        for line in lines:
            self.read(line)

    def read(self, line: Line) -> None:
        """The next line."""
        assert line.place is not None
        if self._log is None:
            self._log = truth._Log(self.domain, CITY, self._counts, line.place)
        length = line.place.offset + 1
        self._log.read(line, length)
        for window, events in self._log._windows.items():
            if window not in self._over:
                self._look(self._log, window, len(events), length)
        for window in self._open.keys() - self._log._windows.keys():
            del self._open[window]
            for key in self._keys(window):
                self.dropped[key] = length

    def _look(self, log: truth._Log, window: Window, size: int, length: int) -> None:
        if self._open.get(window) != size:
            self._open[window] = size
            for key, fields in log.points(window).items():
                if not self.values[key] or self.values[key][-1][1] != fields:
                    self.values[key].append((length, fields))
        if log._has_closed(window):
            del self._open[window]
            self._over.add(window)
            for key in self._keys(window):
                self.closed[key] = length

    def _keys(self, window: Window) -> Iterator[Key]:
        name, area, start = window
        return (k for k in self.values if k.measurement == name and k.start == start and ("area", area) in k.tags)

    def open(self, length: int) -> dict[Key, Fields]:
        """The open windows of the prefix, as far as they have come."""
        return {
            key: [fields for grown, fields in values if grown <= length][-1]
            for key, values in self.values.items()
            if values[0][0] <= length < min(self.closed.get(key, _FOR_EVER), self.dropped.get(key, _FOR_EVER))
        }

    def final(self, key: Key, length: int) -> Fields | None:
        """The value that a window closed with, if it closed within the prefix."""
        return self.values[key][-1][1] if self.closed.get(key, _FOR_EVER) <= length else None

    def verify(self, lines: list[Line]) -> None:
        """What was read line by line is what anybody can call."""
        computed = truth.compute(lines, self.domain, CITY).points
        assert computed == {key: self.values[key][-1][1] for key in self.closed}, "the oracle misreads the truth"


@dataclass(frozen=True, slots=True)
class _Reign:
    """A version of a series is in force for windows after `barrier` and as long as the log is not longer."""

    oracle: Oracle
    barrier: int = NEVER
    until: int = _FOR_EVER


class Ledger:
    """One log, from its first record on, and the versions of the domain that were deployed over it."""

    def __init__(self, domain: Domain) -> None:
        self.lines: list[Line] = []
        self.decided: list[Decided | None] = []
        self._clock = self._barrier = NEVER
        self._series = {series.name: (series, NEVER) for series in domain.series}
        self._oracles = [Oracle(domain, [])]
        self._reigns = {name: [_Reign(self._oracles[0])] for name in self._series}

    def append(self, entry: Entry, said: Said) -> None:
        """A record that producers appended."""
        place = Place(
            topic="city.test",
            partition=PARTITION,
            partitions=PARTITIONS,
            offset=entry.offset,
            timestamp_ms=entry.timestamp,
            key=None if entry.key is None else entry.key.decode("latin-1"),
        )
        self.lines.append(Line(entry.value or b"", place))
        for oracle in self._oracles:
            oracle.read(self.lines[-1])
        self.decided.append(self._decide(entry.offset, said))

    def append_control(self) -> None:
        """An offset that nobody is ever handed."""
        self.decided.append(None)

    def _decide(self, offset: int, said: Said) -> Decided:
        if said.reason:
            return Decided(self._clock, self._barrier, (("rejected", said.reason, offset),))
        self._clock = max(self._clock, said.heard)
        if said.begin:
            self._barrier = max(self._barrier, said.heard)
        late: list[SideMark] = []
        into = []
        for series, barrier in self._series.values():
            if said.time is not None and series.event is said.kind:
                start = said.time - said.time % (series.window_s * NS)
                end = start + (series.window_s + series.lateness_s) * NS
                if end <= self._clock:
                    late.append(("late", series.name, offset))
                elif start > max(self._barrier, barrier):
                    into.append((series.name, start, end))
        return Decided(self._clock, self._barrier, tuple(late), tuple(into))

    def deploy(self, domain: Domain, length: int, clock: int) -> None:
        """Another version of the domain goes on from a commit of this position and clock."""
        oracle = Oracle(domain, self.lines)
        self._oracles.append(oracle)
        barrier = -(-(clock + _AHEAD) // NS) * NS
        for series in domain.series:
            if series != self._series[series.name][0]:
                self._series[series.name] = (series, barrier)
                *_, last = reigns = self._reigns[series.name]
                reigns[-1:] = [_Reign(last.oracle, last.barrier, length), _Reign(oracle, barrier)]

    # ------------------------------------------------------------------------------------------ of a prefix

    def _after(self, length: int) -> Decided:
        return next((one for one in reversed(self.decided[:length]) if one), Decided(NEVER, NEVER))

    def clock(self, length: int) -> int:
        """The clock after so many records."""
        return self._after(length).clock

    def side(self, length: int) -> set[SideMark]:
        """Everything late or rejected."""
        return {mark for one in self.decided[:length] if one for mark in one.side}

    def must_reread(self, offset: int, length: int) -> bool:
        """Whether a record below `offset` was counted in a window that is open after `length` records."""
        after = self._after(length)
        return any(
            end > after.clock and start > max(after.barrier, self._series[name][1])
            for one in self.decided[:offset]
            if one
            for name, start, end in one.into
        )

    def final(self, key: Key, length: int) -> Fields | None:
        """What a point must be for ever, if its window has closed."""
        for reign in self._reigns[key.measurement]:
            fields = reign.oracle.final(key, min(length, reign.until)) if key.start > reign.barrier else None
            if fields is not None:
                return fields
        return None

    def closed(self, length: int) -> set[Key]:
        """Every point whose window has closed."""
        return {
            key
            for name, reigns in self._reigns.items()
            for reign in reigns
            for key, closed in reign.oracle.closed.items()
            if key.measurement == name and key.start > reign.barrier and closed <= min(length, reign.until)
        }

    def open(self, length: int) -> dict[Key, Fields]:
        """The open windows of the versions in force, as far as they have come."""
        last = {name: reigns[-1] for name, reigns in self._reigns.items()}
        return {
            key: fields
            for oracle in self._oracles
            for key, fields in oracle.open(length).items()
            if last[key.measurement].oracle is oracle and key.start > last[key.measurement].barrier
        }

    def grown(self, key: Key) -> int:
        """How long the log was when the window of a closed point last grew."""
        return next(
            reign.oracle.values[key][-1][0]
            for reign in self._reigns[key.measurement]
            if key.start > reign.barrier and reign.oracle.final(key, reign.until) is not None
        )

    def verify(self) -> None:
        """Hold the line-by-line reading against the truth that anybody can call."""
        for oracle in self._oracles:
            oracle.verify(self.lines)
