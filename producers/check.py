"""Says which lines of a file are wrong, and why: each fault that a reader of the city's log would find."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from city.instant import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from producers.spoken import Spoken


class Fault(NamedTuple):
    """A wrong line: its number, the reason from the closed list (or `order`), and what exactly."""

    number: int
    reason: str
    detail: str


@dataclass(slots=True)
class Counts:
    """What a file holds; `wrong` by reason."""

    lines: int = 0
    events: int = 0
    ticks: int = 0
    wrong: Counter[str] = field(default_factory=Counter)


def check(lines: Iterable[Spoken], counts: Counts) -> Iterator[Fault]:
    """Every fault of the lines, in their order; `counts` grows on the way.

    What is heard may not decrease: in the whole file where lines are plain, in each partition where they were
    recorded. Then what is late follows from each event alone, and no partition map is needed to recompute it.
    """
    latest: dict[tuple[str, int] | None, tuple[int, int]] = {}
    for spoken in lines:
        counts.lines += 1
        if spoken.fault is not None:
            counts.wrong[spoken.fault.reason] += 1
            yield Fault(spoken.number, str(spoken.fault.reason), spoken.fault.detail)
        if spoken.heard is None:
            continue
        counts.ticks += spoken.tick
        counts.events += not spoken.tick
        place = spoken.line.place
        where = None if place is None else (place.topic, place.partition)
        heard, line = latest.get(where, (0, 0))
        if spoken.heard < heard:
            counts.wrong["order"] += 1
            said, before = rfc3339(spoken.heard), rfc3339(heard)
            yield Fault(
                spoken.number, "order", f"`$.recordedtime` {said} is earlier than {before}, heard at line {line}"
            )
        else:
            latest[where] = (spoken.heard, spoken.number)
