"""Makes a file of events worse, purely: the same file, faults and seed give the same bytes.

    late=RATE[:DURATION]    of the events, this share is heard up to DURATION later (2m) than it was.
    duplicate=RATE          this share is heard twice: the copy follows within five seconds.
    gap=RATE[:DURATION]     each source is silent for this share of the spans of DURATION (1m).
    skew=RATE[:DURATION]    this share of the sources has a clock that is wrong by a fixed amount, up to DURATION
                            (30s) fast or slow. What is more than five seconds ahead of its hearing is refused.
    poison=RATE             so many lines that are no events are mixed in, for each event.

A rate lies in 0..1. `late=90s` and `skew=20s` mean all of them. Whatever happens, what is heard never decreases:
an event heard later stands further down. Recorded lines become plain ones, for their places no longer hold.
"""

from __future__ import annotations

import heapq
import random
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from city.errors import DataError, UsageError
from city.event import structured
from city.instant import NS, nanoseconds, rfc3339
from producers.spoken import restated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from producers.spoken import Spoken

_COPY_WITHIN_NS: Final = 5 * NS
_MS: Final = 1_000_000
_RATE = re.compile(r"\d{1,3}(\.\d{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Faults:
    """What to do to a file; rates in 0..1, durations in ns."""

    late: float = 0.0
    duplicate: float = 0.0
    gap: float = 0.0
    skew: float = 0.0
    poison: float = 0.0
    late_ns: int = 120 * NS
    gap_ns: int = 60 * NS
    skew_ns: int = 30 * NS


def parse(text: str, seconds: Callable[[str], float]) -> Faults:
    """Read `late=0.02:90s,duplicate=0.01`.

    Args:
        text: as people write it.
        seconds: reads a duration.

    Raises:
        UsageError: it is not of that form; says which part.
    """
    kinds = [field.name for field in fields(Faults) if not field.name.endswith("_ns")]
    found: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        kind, _, amount = part.partition("=")
        if kind not in kinds or not amount:
            raise UsageError(f"{part!r} is no fault; write KIND=RATE, the kinds are {', '.join(kinds)}")
        if kind in found:
            raise UsageError(f"{kind} is given twice")
        rate, _, duration = amount.partition(":")
        if not _RATE.fullmatch(rate) and not duration and kind in {"late", "skew"}:
            rate, duration = "1", rate
        if not _RATE.fullmatch(rate) or not 0 <= float(rate) <= 1:
            raise UsageError(f"{part!r}: a rate is a number from 0 to 1")
        found[kind] = float(rate)
        if duration:
            if kind not in {"late", "gap", "skew"}:
                raise UsageError(f"{part!r}: {kind} takes no duration")
            found[f"{kind}_ns"] = _duration(part, duration, seconds)
    return Faults(**found)


def _duration(part: str, text: str, seconds: Callable[[str], float]) -> int:
    ns = round(seconds(text) * NS)
    if ns < _MS:
        raise UsageError(f"{part!r}: the duration must be at least a millisecond")
    return ns


def inject(lines: Iterable[Spoken], faults: Faults, seed: int) -> Iterator[bytes]:
    """The lines of the worse file, without line ends.

    Raises:
        DataError: what is heard decreases in the file already.
    """
    return _Injection(faults, seed).run(lines)


class _Injection:
    """One run. Each kind of fault draws from a generator of its own, so that adding one moves no other."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self._faults = faults
        self._seed = seed
        self._late = random.Random(f"{seed}/late")
        self._duplicate = random.Random(f"{seed}/duplicate")
        self._poison = random.Random(f"{seed}/poison")
        self._skews: dict[str, int] = {}
        self._later: list[tuple[int, int, bytes]] = []  # heard, order of arrival, line
        self._count = 0

    def run(self, lines: Iterable[Spoken]) -> Iterator[bytes]:
        latest = 0
        for spoken in lines:
            if spoken.heard is None:
                yield _plain(spoken.line.value)
                continue
            if spoken.heard < latest:
                raise DataError(
                    f"line {spoken.number} was heard at {rfc3339(spoken.heard)}, earlier than a line before it "
                    f"({rfc3339(latest)}): such a file cannot be made worse in a known way (`./cityops check`)"
                )
            latest = spoken.heard
            yield from self._until(latest)
            if spoken.event is not None and not self._in_gap(spoken.event.source, latest):
                self._event(spoken, latest)
                yield from self._until(latest)
                if self._poison.random() < self._faults.poison:
                    yield self._garbage(_structured(spoken))
        yield from self._until(None)

    def _event(self, spoken: Spoken, heard: int) -> None:
        assert spoken.event is not None
        faults = self._faults
        time = nanoseconds(spoken.event.time) + self._skew(spoken.event.source)
        at = heard
        if self._late.random() < faults.late:
            at += self._delay(self._late, faults.late_ns)
        self._keep(at, spoken, time)
        if self._duplicate.random() < faults.duplicate:
            self._keep(at + self._delay(self._duplicate, _COPY_WITHIN_NS), spoken, time)

    def _keep(self, heard: int, spoken: Spoken, time: int) -> None:
        self._count += 1
        line = restated(_structured(spoken), {"time": time, "recordedtime": heard})
        heapq.heappush(self._later, (heard, self._count, line))

    def _until(self, heard: int | None) -> Iterator[bytes]:
        """What is heard by then, in order; all of it for None."""
        while self._later and (heard is None or self._later[0][0] <= heard):
            yield heapq.heappop(self._later)[2]

    def _in_gap(self, source: str, heard: int) -> bool:
        if not self._faults.gap:
            return False
        span = heard // self._faults.gap_ns
        return random.Random(f"{self._seed}/gap/{source}/{span}").random() < self._faults.gap

    def _skew(self, source: str) -> int:
        known = self._skews.get(source)
        if known is None:
            draw = random.Random(f"{self._seed}/skew/{source}")
            wrong = draw.random() < self._faults.skew
            limit = self._faults.skew_ns // _MS
            known = self._skews[source] = draw.randint(-limit, limit) * _MS if wrong else 0
        return known

    def _delay(self, draw: random.Random, most_ns: int) -> int:
        return draw.randint(1, most_ns // _MS) * _MS

    def _garbage(self, value: bytes) -> bytes:
        """One line that no reader can use, made from a good one."""
        kind = self._poison.randrange(5)
        return (
            lambda: value[: self._poison.randrange(1, len(value))],
            lambda: b"\xff\xfe" + value,
            lambda: restated(value, {}).replace(b'"area":"', b'"area":"x', 1),
            lambda: b"[" + value + b"]",
            lambda: b"NaN",
        )[kind]()


def _structured(spoken: Spoken) -> bytes:
    return _plain(structured(spoken.line.value, spoken.line.headers))


def _plain(value: bytes) -> bytes:
    return value.replace(b"\r", b" ").replace(b"\n", b" ")
