"""Seeded random schedules over the world: faster than a state machine, and longer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from city.instant import NS
from stream_app.core.checkpoint import parse
from tests.core.domain import AREAS, KINDS, heard_again, poisons, pulse, reading, ticked, unstamped
from tests.core.owner import Owner
from tests.core.world import World

if TYPE_CHECKING:
    import random

    from tests.core.domain import Said

_BEHIND = (0, 0, 0, -1, -2, -3, -5, -9, -12, 1, 5, 6)


def random_said(rng: random.Random, world: World, recent: list[Said]) -> Said:
    """What a producer might say next."""
    kind = rng.random()
    if kind < 0.003:
        return ticked(world.heard, begin=True)
    heard = world.heard + rng.choice((0, 0, 0, 1, 1, 2, 3, -1, -4)) * NS
    if kind < 0.10:
        return ticked(world.heard + rng.choice((0, 1, 2, 5, 9, 9, 30)) * NS)
    if kind < 0.15:
        return rng.choice(poisons(heard))
    if kind < 0.27 and recent:
        return _again(rng, rng.choice(recent), world)
    time = heard + rng.choice(_BEHIND) * NS - rng.choice((0, 0, 0, 1))
    said = random_event(rng, time, heard, rng.randint(0, 5))
    recent.append(said)
    del recent[:-8]
    return unstamped(said) if rng.random() < 0.1 else said


def random_event(rng: random.Random, time: int, heard: int, ident: int) -> Said:
    """An event of either type; every attribute may be missing."""
    source, area = f"test/{rng.randint(1, 2)}", rng.choice(AREAS)
    if rng.random() < 0.25:
        return pulse(time, heard, ident, source=source, area=area, beats=rng.choice((None, 1, 2, 3)))
    return reading(
        time,
        heard,
        ident,
        source=source,
        area=area,
        level=rng.choice((None, -0.1, 0.2, 0.3, 7.7)),
        people=rng.choice((None, 0, 1, 5)),
        kind=rng.choice((None, *KINDS)),
    )


def _again(rng: random.Random, said: Said, world: World) -> Said:
    """A copy: sent twice, heard twice, or with another content, type or area under its name."""
    heard = max(said.heard, world.heard + rng.choice((0, 0, -4)) * NS)
    assert said.time is not None
    match rng.randint(0, 3):
        case 0:
            return replace(said, stamped=heard)
        case 1:
            return heard_again(said, heard)
        case _:
            return random_event(rng, said.time, heard, rng.randint(0, 5))


def random_run(rng: random.Random, owner: type[Owner] = Owner) -> World:
    """One schedule, checked while it runs and at its end."""
    world = World(owner, fenced=rng.random() < 0.5)
    world.store.picky = rng.random() < 0.2
    world.assign(0)
    faulty = rng.choice((0.05, 0.2, 0.5))
    faults = [_crash, _take_over, _land, _time_out, _fail, _lose, _acknowledge, _flush]
    faults += [_truncate, _lose_metadata, _lose_group] if rng.random() < 0.4 else []
    faults += [_deploy, _new_log] if rng.random() < 0.3 else []
    recent: list[Said] = []
    for _ in range(rng.randint(10, 60)):
        if rng.random() > faulty:
            _ordinary(rng, world, recent)
        else:
            rng.choice(faults)(rng, world)
        if rng.random() < 0.25:
            world.check()
    world.settle_down(fresh=rng.random() < 0.5)
    return world


def _ordinary(rng: random.Random, world: World, recent: list[Said]) -> None:
    for _ in range(rng.randint(0, 5)):
        if rng.random() < 0.03:
            world.append_control()
        else:
            world.append(random_said(rng, world, recent))
    world.now += rng.choice((0, 0, 1, 3)) * NS
    owner = world.owners.get(rng.randint(0, 1))
    if owner:
        owner.poll(rng.choice((0, 1, 1, 2, 3, 5, 9)))
        if rng.random() < 0.5:
            owner.flush()
            if rng.random() < 0.8:
                owner.land()
            owner.acknowledge()
            if rng.random() < 0.8:
                owner.commit()


# ------------------------------------------------------------------------------------------------- the faults


def _some_owner(rng: random.Random, world: World) -> Owner:
    return rng.choice(list(world.owners.values())) if world.owners else world.assign(0)


def _crash(rng: random.Random, world: World) -> None:
    world.crash(rng.randint(0, 1))
    world.assign(rng.randint(0, 1))


def _take_over(rng: random.Random, world: World) -> None:
    world.assign(rng.randint(0, 1))


def _land(rng: random.Random, world: World) -> None:
    if world.net:
        world.land(rng.choice(world.net))


def _lose(rng: random.Random, world: World) -> None:
    if world.net:
        world.lose(rng.choice(world.net))


def _time_out(rng: random.Random, world: World) -> None:
    _some_owner(rng, world).time_out()


def _fail(rng: random.Random, world: World) -> None:
    _some_owner(rng, world).fail()


def _acknowledge(rng: random.Random, world: World) -> None:
    owner = _some_owner(rng, world)
    owner.acknowledge()
    owner.commit(rng.choice((0, -1)))


def _flush(rng: random.Random, world: World) -> None:
    _some_owner(rng, world).flush()


def _truncate(rng: random.Random, world: World) -> None:
    """Anywhere, or where it matters: between the committed offset and the position."""
    said = parse(*world.committed) if world.committed else None
    if said and rng.random() < 0.8:
        world.truncate(rng.randint(min(said.offset + 1, said.pos), said.pos + rng.randint(0, 1)))
    else:
        world.truncate(rng.randint(0, len(world.log)))
    _perhaps_crash(rng, world)


def _lose_metadata(rng: random.Random, world: World) -> None:
    if world.committed and (world.committed[0] > 0 or world.version == 0):
        world.lose_metadata()
        _perhaps_crash(rng, world)


def _lose_group(rng: random.Random, world: World) -> None:
    if world.version == 0:
        world.lose_group()
        _perhaps_crash(rng, world)


def _perhaps_crash(rng: random.Random, world: World) -> None:
    """The next owner sees the loss at once; it may commit before it has read anything, and crash too."""
    for _ in range(rng.choice((0, 1, 2, 2))):
        world.crash_all()
        world.assign(0).poll(rng.choice((0, 0, 0, 1, 5)))
        if rng.random() < 0.7:
            world.owners[0].flush_well()


def _deploy(rng: random.Random, world: World) -> None:
    if world.deploy() and rng.random() < 0.5:
        world.crash(0)
        world.assign(0)


def _new_log(rng: random.Random, world: World) -> None:
    if world.log and rng.random() < 0.3:
        world.begin_new_log(rng.choice((0, 1, 5)) * NS)
        world.assign(0)
