"""Reads a log from all its partitions and writes what was heard, in order, with the place of each record."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from producers.record import Merge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from city.lines import Line
    from producers.log import At, Log

_DEEP: Final = 20_000
_QUIET_S: Final = 5.0


def recorded(
    log: Log,
    *,
    from_start: bool,
    seconds: float | None,
    stopping: Callable[[], bool],
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Line]:
    """The records of a log as they come, those of all partitions joined in the order they were heard.

    Args:
        log: what to read.
        from_start: from the first record kept, and at least all that is there at the start; else from now on.
        seconds: how long; None until `stopping`.
        stopping: whether to end.
        clock: seconds, monotonic.
    """
    bounds = log.bounds()
    behind = {at: high for at, (low, high) in bounds.items() if from_start and low < high}
    log.assign({at: low if from_start else high for at, (low, high) in bounds.items()})
    merge = Merge(bounds)
    held: set[At] = set()
    spoke = dict.fromkeys(bounds, clock())
    end = None if seconds is None else clock() + seconds
    while not stopping() and (end is None or clock() < end or behind):
        came = log.poll(0.1)
        if came is not None and not isinstance(came, tuple) and came.place is not None:
            at = (came.place.topic, came.place.partition)
            spoke[at] = clock()
            if came.place.offset + 1 >= behind.get(at, 0):
                behind.pop(at, None)
            if merge.add(came) > _DEEP:
                log.hold(at)
                held.add(at)
        elif isinstance(came, tuple):
            behind.pop(came, None)
        # A partition to which nobody ticks is not waited for, or the others would wait for ever.
        yield from merge.ready(frozenset(at for at, when in spoke.items() if clock() - when > _QUIET_S))
        for at in [at for at in held if merge.depth(at) < _DEEP // 2]:
            log.let_go(at)
            held.remove(at)
    yield from merge.rest()
