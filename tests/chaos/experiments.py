"""The experiments: what each proves, and its schedule as data that follows from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.chaos import acts, logs, outages
from tests.chaos import poison as poisons
from tests.chaos.acts import Act
from tests.chaos.verdict import Promise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from random import Random


@dataclass(frozen=True)
class Experiment:
    """One thing that fails in many ways.

    Args:
        name: for `--only`.
        proves: what holds after it.
        schedule: a seeded generator and a size to acts.
        full: the size of a full run.
        small: the size of a run in CI; 0: not there.
        promise: what is held.
        rate: events a second.
        embedded_store: the store is the embedded one, not InfluxDB.
    """

    name: str
    proves: str
    schedule: Callable[[Random, int], Iterable[Act]]
    full: int
    small: int = 0
    promise: Promise = Promise.EXACT
    rate: float = 200.0
    embedded_store: bool = False


def kills(dice: Random, size: int) -> Iterable[Act]:
    """So many SIGKILLs: every other one between a write and its commit, the others at any moment."""
    yield Act(0, acts.start_and_wait)
    for number in range(size):
        between = number % 2 == 0
        yield Act(dice.uniform(0, 3 if between else 9), acts.kill_before_commit if between else acts.kill)


def scale(dice: Random, size: int) -> Iterable[Act]:
    """Three workers, then one, then two; those that go are asked to, or killed."""
    for who in range(3):
        yield Act(0, acts.start, who)
    for leaving in dice.sample(range(3), 2):
        yield Act(dice.uniform(size, 2 * size), dice.choice((acts.stop, acts.kill_for_good)), leaving)
    yield Act(dice.uniform(size, 2 * size), acts.start, 3)
    yield Act(size, acts.wait, size)


def rebalances(_: Random, size: int) -> Iterable[Act]:
    """A member is put out of the group every three seconds, so many times."""
    yield from (Act(0, acts.start_and_wait, who) for who in range(2))
    yield from (Act(3, acts.evict) for _ in range(size))


def freezes(dice: Random, size: int) -> Iterable[Act]:
    """So many SIGSTOPs, every other one inside a write, each until another worker owns the partitions."""
    yield from (Act(0, acts.start_and_wait, who) for who in range(2))
    for number in range(size):
        who = dice.randrange(2)
        yield Act(dice.uniform(0, 5), acts.freeze if number % 2 else acts.freeze_in_a_write, who)
        yield Act(dice.uniform(0, 3), acts.thaw, who)


def broker_outages(dice: Random, size: int) -> Iterable[Act]:
    """Kafka stopped and started, killed and started, in turns."""
    yield Act(0, acts.start_and_wait)
    for number in range(size):
        yield Act(dice.uniform(4, 10), outages.broker_dies if number % 2 else outages.broker_stops)
        yield Act(dice.uniform(1, 8), outages.broker_starts)
    yield Act(5, acts.wait)


def store_outage(dice: Random, size: int) -> Iterable[Act]:
    """InfluxDB away for so many seconds, then slow, then busy, then it refuses the token."""
    yield Act(0, acts.start_and_wait)
    yield Act(dice.uniform(3, 8), dice.choice((outages.store_stops, outages.store_dies)))
    yield Act(size, outages.store_starts)
    yield Act(1, outages.store_is_slow, 12)
    yield Act(size / 4, outages.store_is_well)
    yield Act(1, outages.store_is_busy)
    yield Act(size / 8, outages.store_is_well)
    yield Act(2, outages.token_is_wrong)
    yield Act(2, acts.wait)


def cut_answers(_: Random, size: int) -> Iterable[Act]:
    """For so many seconds a third of the writes get no answer though they were taken."""
    yield Act(0, acts.start_and_wait)
    yield Act(0, outages.answers_are_cut, 33)
    yield Act(size, outages.store_is_well)


def held_writes(_: Random, size: int) -> Iterable[Act]:
    """For so many seconds a third of the writes is held for up to a minute and lands long after its windows settled."""
    yield Act(0, acts.start_and_wait)
    yield Act(0, outages.writes_are_held, 60)
    yield Act(size, acts.kill)
    yield Act(0, outages.store_is_well)


def refused_lines(_: Random, size: int) -> Iterable[Act]:
    """A type conflict in one series: the store refuses its lines and takes the rest of each batch."""
    yield Act(0, outages.type_conflicts)
    yield Act(0, acts.start_and_wait)
    yield Act(size, acts.kill)
    yield Act(size / 2, acts.wait)


def cuts_that_cost_nothing(_: Random, size: int) -> Iterable[Act]:
    """The log is cut before and at what is committed, and each time two crashes follow."""
    yield from _cut(size, logs.BEFORE, logs.AT)


def cuts_that_lose(_: Random, size: int) -> Iterable[Act]:
    """The log is cut inside what is read again and past all that was read, and each time two crashes follow."""
    yield from _cut(size, logs.BETWEEN, logs.PAST)


def _cut(size: int, *places: int) -> Iterable[Act]:
    yield Act(0, acts.start_and_wait)
    for place in places:
        yield Act(size, logs.cut_the_log, place)
        yield from (Act(3, acts.kill) for _ in range(2))


def group_deleted(dice: Random, size: int) -> Iterable[Act]:
    """The group is deleted with its offsets."""
    yield Act(0, acts.start_and_wait)
    yield Act(dice.uniform(size, 2 * size), logs.group_is_deleted)
    yield Act(size, acts.wait)


def metadata_lost(dice: Random, size: int) -> Iterable[Act]:
    """The group's offsets are reset to what they were, without metadata; then a crash."""
    yield Act(0, acts.start_and_wait)
    yield Act(dice.uniform(size, 2 * size), logs.metadata_is_lost)
    yield Act(size, acts.kill)


def transactions(dice: Random, size: int) -> Iterable[Act]:
    """Events in transactions, committed and aborted, and kills between them."""
    yield Act(0, acts.start_and_wait)
    for _ in range(size):
        yield Act(dice.uniform(1, 4), logs.transaction, 100)
        yield Act(dice.uniform(1, 4), logs.aborted_transaction, 100)
        yield Act(1, acts.kill)


def partitions_added(_: Random, size: int) -> Iterable[Act]:
    """The topic grows under a worker."""
    yield Act(0, acts.start_and_wait)
    yield Act(size, logs.topic_grows)


def compaction(_: Random, size: int) -> Iterable[Act]:
    """The topic is compacted under a worker."""
    yield Act(0, acts.start_and_wait)
    yield Act(size, logs.topic_is_compacted)


def full_disk(dice: Random, size: int) -> Iterable[Act]:
    """The disk of the embedded store is full for so many seconds, twice; the worker is killed meanwhile."""
    yield Act(0, acts.start_and_wait)
    for number in range(2):
        yield Act(dice.uniform(4, 8), outages.disk_is_full, dice.randrange(64))
        yield Act(size, outages.disk_has_room)
        yield Act(number, acts.kill)


def poison(dice: Random, size: int) -> Iterable[Act]:
    """Everything that no sensor should say, so many times in any order, and kills between."""
    yield Act(0, acts.start_and_wait)
    for _ in range(size):
        for act in dice.sample((poisons.every_reason, poisons.monsters, poisons.injections), 3):
            yield Act(dice.uniform(1, 4), act)
        yield Act(1, acts.kill)


def soak(_: Random, size: int) -> Iterable[Act]:
    """Nothing fails for so many seconds."""
    yield Act(0, acts.start_and_wait)
    yield Act(0, acts.watch, size)


EXPERIMENTS = (
    Experiment("kills", "a worker killed at any moment, between write and commit too", kills, full=20, small=5),
    Experiment("scale", "three workers, then one, then two", scale, full=8),
    Experiment("rebalances", "a rebalance every 3 s", rebalances, full=20),
    Experiment("freezes", "a worker that stands and comes back when others own its work", freezes, full=20, small=2),
    Experiment("broker", "Kafka goes away, by SIGTERM and by SIGKILL; producers go on", broker_outages, full=4),
    Experiment("store", "InfluxDB away, slow, busy, and refusing the token", store_outage, full=120, small=40),
    Experiment("cut-answers", "writes that were taken and not acknowledged", cut_answers, full=40),
    Experiment("held-writes", "writes that land a minute late", held_writes, full=90),
    Experiment("refused-lines", "a type conflict: refused lines are set aside, others written", refused_lines, full=20),
    Experiment("cuts", "a log cut below what is needed", cuts_that_cost_nothing, full=6),
    Experiment(
        "loss", "a log cut inside what is needed: said and counted", cuts_that_lose, full=6, promise=Promise.NONE_WRONG
    ),
    Experiment("group-deleted", "a group that is deleted reads all again", group_deleted, full=8),
    Experiment("metadata-lost", "offsets reset without metadata", metadata_lost, full=10, promise=Promise.NONE_WRONG),
    Experiment("poison", "poison of every reason, monsters, injected text", poison, full=3),
    Experiment(
        "full-disk", "a full disk under the embedded store costs time alone", full_disk, full=12, embedded_store=True
    ),
    Experiment("transactions", "transactional producers", transactions, full=3),
    Experiment(
        "partitions-added", "a topic that grows stops its workers", partitions_added, full=8, promise=Promise.NONE_WRONG
    ),
    Experiment("compaction", "a compacted topic", compaction, full=8, promise=Promise.NONE_WRONG),
    Experiment("soak", "memory and open files stay flat at 2 k events/s", soak, full=300, small=60, rate=2_000),
)

KEPT: tuple[tuple[str, int, int, str], ...] = (
    ("transactions", 1, 1, "what a transaction had aborted was counted"),
    ("compaction", 2, 5, "a worker settled windows from what compaction had left"),
)
"""Seeds that once failed: experiment, seed, size, and what was wrong."""
