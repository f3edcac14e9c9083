"""The steps that a schedule is written in.

`t(n)` is an event of second n. Its level is 2ⁿ, so a window's sum says which events it counts. Windows of `a` last 4 s
with 2 s lateness, those of `b` 6 s with 5 s. `World` asserts the invariants throughout; the cases say what is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.core.domain import at, reading
from tests.core.owner import Owner
from tests.core.world import World

if TYPE_CHECKING:
    from tests.core.domain import Said


def t(second: int, heard: int | None = None) -> Said:
    """An event of that second, heard then or when it says."""
    level = 2**second if second < 10 else None
    return reading(at(second), at(second if heard is None else heard), level=level)


def world_with(*records: Said) -> World:
    """One worker, which has read these records."""
    world = World(Owner)
    world.assign(0)
    feed(world, *records)
    return world


def feed(world: World, *records: Said, to: int = 0, at_once: int = 99) -> None:
    world.append(*records)
    for _ in range(0, len(records) or 1, at_once):
        world.owners[to].poll(at_once)


def restart(world: World) -> Owner:
    world.crash_all()
    owner = world.assign(0)
    owner.poll(99)
    return owner


def counted(world: World, series: str, start: int) -> set[int] | None:
    """The seconds of the events that the settled window counts; None when it is not there."""
    sums = [
        round(fields.get("level_sum", 0))
        for key, fields in world.store.settled.items()
        if key.measurement == series and key.start == at(start)
    ]
    return {second for second in range(10) if sum(sums) >> second & 1} if sums else None


def late(world: World) -> set[tuple[str, int]]:
    return {(why, offset) for _, kind, why, offset in world.store.side if kind == "late"}
