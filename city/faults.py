"""Sources that fail, and reports that are old when they are heard, in every domain's simulator. Rates are assumed.

Each hour of each source draws whether it fails, how, and for which part of the hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from city.instant import NS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from city.draw import Draw

__all__ = ["HOUR_NS", "SHORTEST_S", "Fault", "FaultKind", "Faults", "age_ms", "fault_in"]

FaultKind = Literal["silent", "frozen", "fast", "twice"]

HOUR_NS: Final = 3_600 * NS
SHORTEST_S: Final = 600
"""Long enough for silence and stillness to be told from a quiet hour (traffic's freshness needs 300 s)."""

# Share of a source's hours that hold the fault.
_RATES: Final[tuple[tuple[FaultKind, float], ...]] = (
    ("silent", 0.004),
    ("frozen", 0.004),
    ("fast", 0.010),
    ("twice", 0.008),
)
_WILD_CLOCKS: Final = 0.25  # of the fast ones: so far ahead that nothing they say can be used

# How old a report is when it is heard: most within 3 s, a few disordered, very few beyond every lateness.
_DISORDERED: Final = 0.012
_LATE: Final = 0.003


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and the instants (ns) it spans, `[start, end)`; `ahead_ns` is how fast a fast clock is."""

    kind: FaultKind
    start: int
    end: int
    ahead_ns: int = 0


def fault_in(draw: Draw, hour: int) -> Fault | None:
    """The fault of the source whose chance is `draw`, in an hour counted from 1970 (UTC)."""
    which, begin, length, ahead, wild, *_ = draw.at(hour)
    kind = _kind(which)
    if kind is None:
        return None
    spare_s = 3_600 - SHORTEST_S
    start_s = int(begin * spare_s)
    long_s = SHORTEST_S + int(length * (spare_s - start_s))
    start = hour * HOUR_NS + start_s * NS
    ahead_ms = 5_500 + int(ahead * 54_500) if wild < _WILD_CLOCKS else 500 + int(ahead * 4_300)
    return Fault(kind, start, start + long_s * NS, ahead_ms * (NS // 1_000) if kind == "fast" else 0)


class Faults:
    """The faults of some sources at any instant. What it keeps is a cache: an hour of each.

    Args:
        chances: the chance of each source's faults.
    """

    def __init__(self, chances: Mapping[str, Draw]) -> None:
        self._chances = chances
        self._known: dict[str, tuple[int, Fault | None]] = {}

    def at(self, source: str, now: int) -> Fault | None:
        """The fault that a source has at an instant (ns)."""
        hour = now // HOUR_NS
        known = self._known.get(source)
        if known is None or known[0] != hour:
            known = self._known[source] = (hour, fault_in(self._chances[source], hour))
        fault = known[1]
        return fault if fault is not None and fault.start <= now < fault.end else None


def _kind(which: float) -> FaultKind | None:
    for kind, rate in _RATES:
        if which < rate:
            return kind
        which -= rate
    return None


def age_ms(which: float, how: float) -> int:
    """How old (ms) a report is when it is heard: mostly the few hundred ms of a network, at times minutes."""
    if which < _LATE:
        return 100_000 + int(how * 80_000)
    if which < _LATE + _DISORDERED:
        return 3_000 + int(how * 27_000)
    return 50 + int(how * how * 2_950)
