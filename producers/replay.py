"""Says a file of events again, in its order and with its disorder, at its own pace or faster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from city.instant import NS
from producers.publisher import HEADERS
from producers.spoken import again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from producers.plan import Plan
    from producers.publisher import Publisher
    from producers.spoken import Spoken

_REPORT_EVERY: Final = 1_000


class Clock(NamedTuple):
    """Time, from outside: the wall clock (ns since 1970), and waiting, which says whether to stop."""

    now: Callable[[], int]
    stopped: Callable[[float], bool]


class Progress(NamedTuple):
    """How far a replay has come.

    Attributes:
        lines: of the files, done.
        at: the files' own time (ns, shifted).
        closing: all lines are done, and ticks close the last windows.
    """

    lines: int
    at: int
    closing: bool = False


class Replay:
    """One replay of one reading of the files.

    Args:
        publisher: whose topics get the ticks.
        plan: shift and pace.
        clock: time.
        ordered: whether what was heard never decreases in the file. Then a tick while it runs makes nothing late
            that was not; in a file without that order, ticks come at the end only.
        room: called before each record with topic and partition, and its size in bytes; waits while they can hold
            no more.
        report: hears about progress.
    """

    def __init__(
        self,
        publisher: Publisher,
        plan: Plan,
        clock: Clock,
        *,
        ordered: bool,
        room: Callable[[tuple[str, int], int], None] = lambda _at, _size: None,
        report: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self._publisher = publisher
        self._plan = plan
        self._clock = clock
        self._ordered = ordered
        self._room = room
        self._report = report
        self._at = plan.first
        self._done = 0
        self._tick_at = plan.begin + NS

    def run(self, lines: Iterable[Spoken]) -> bool:
        """Replay all lines, then tick past the last window; False when stopped before."""
        for spoken in lines:
            if spoken.heard is not None and not self._wait_for(spoken.heard + self._plan.shift):
                return False
            self._say(spoken)
            self._done += 1
            if self._done % _REPORT_EVERY == 0:
                self._report(Progress(self._done, self._at))
        return self._close()

    def _say(self, spoken: Spoken) -> None:
        """Send a line. Its ticks are left out: whoever speaks vouches for himself."""
        if spoken.tick:
            return
        value, headers = again(spoken, self._plan.shift)
        record = self._publisher.addressed(spoken.topic, value, spoken.key, headers or HEADERS)
        self._room((record.topic, record.partition), len(record.value))
        self._publisher.put(record)

    def _wait_for(self, heard: int) -> bool:
        """Wait until it is time for something heard at `heard`, ticking meanwhile; False when stopped."""
        self._at = max(self._at, heard)
        due = self._plan.due(heard)
        while (now := self._clock.now()) < due:
            self._tick(now, min(self._plan.position(now), heard))
            if self._clock.stopped(min(due - now, NS // 4) / NS):
                return False
        self._tick(now, self._at)
        return not self._clock.stopped(0)

    def _tick(self, now: int, at: int) -> None:
        if self._ordered and now >= self._tick_at and at >= self._plan.first:
            self._publisher.tick(at)
            self._tick_at = now + NS

    def _close(self) -> bool:
        """Tick on until every window has closed, at the pace of the replay and never ahead of the wall clock."""
        plan = self._plan
        self._publisher.tick(plan.last)
        while (now := self._clock.now()) < plan.due(plan.end):
            if now >= self._tick_at:
                self._at = max(plan.last, min(plan.position(now), plan.end))
                self._publisher.tick(self._at)
                self._tick_at = now + NS
                self._report(Progress(self._done, self._at, closing=True))
            if self._clock.stopped(0.25):
                return False
        self._at = plan.end
        self._publisher.tick(plan.end)
        self._report(Progress(self._done, self._at, closing=True))
        return True
