"""A simulated world around the real core: one partition's log, a group, a store that takes each request when it likes.

Workers are any number, zombies among them. Invariants I1 to I7 of the checkpoint protocol are asserted where they
could first be broken: a settled value when it lands, a commit when it is stated, a fold's state when somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from city.domain import NOT_STATED
from city.errors import CityopsError
from city.instant import NS
from stream_app.core import Checkpoint, PartitionFold, Snapshot, Start, begin
from stream_app.core.checkpoint import Log, parse
from stream_app.truth import Key, Value
from tests.core.domain import CITY, DEPLOYED, PARTITION, PARTITIONS, Entry, Said, at, ticked
from tests.core.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from city.domain import Series
    from tests.core.ledger import Fields

Home = Literal["settled", "live", "side"]
Mark = tuple[int, str, str, int]
"""A side record for ever: which log, kind, series or reason, offset."""

EVERYTHING: Final = 1 << 30


@lru_cache(maxsize=100_000)
def read_line(line: str) -> tuple[Key, Mapping[str, Value]]:
    """A line as the point it is; nothing in this domain needs escaping."""
    series, fields, second = line.split(" ")
    name, *tags = series.split(",")
    pairs = tuple(sorted((tag, value) for tag, _, value in (text.partition("=") for text in tags)))
    values: dict[str, Value] = {}
    for text in fields.split(","):
        field_name, _, value = text.partition("=")
        values[field_name] = int(value[:-1]) if value.endswith("i") else float(value)
    return Key(name, pairs, int(second) * NS), values


@dataclass(eq=False)
class Request:
    """One request of a flush: it lands when it likes, or never."""

    home: Home
    lines: tuple[str, ...] = ()
    marks: frozenset[Mark] = frozenset()
    landed: bool = False


@dataclass(eq=False)
class Flight:
    """A flush on its way."""

    snapshot: Snapshot
    requests: list[Request]


@dataclass
class Store:
    """Two buckets, and a refused store beside them that counts as written."""

    settled: dict[Key, Fields] = field(default_factory=dict)
    refused: dict[Key, Fields] = field(default_factory=dict)
    live: dict[Key, Fields] = field(default_factory=dict)
    side: set[Mark] = field(default_factory=set)
    picky: bool = False

    def final(self, key: Key) -> Fields | None:
        """The settled point, wherever it had to go."""
        return self.settled.get(key, self.refused.get(key))

    def refuses(self, key: Key) -> bool:
        """Some points it never takes."""
        return self.picky and key.start // NS % 3 == 0


class World:
    """The log, the group, the store, the network, and the workers.

    Args:
        owner: what a worker is; a mutant is another.
        fenced: whether the group refuses commits of former owners.
    """

    def __init__(self, owner: type[Owner], *, fenced: bool = True) -> None:
        self.owner, self.fenced = owner, fenced
        self.version = 0
        self.partitions = PARTITIONS
        self.log: list[Entry | None] = []
        self.number = 0
        self.ledger = Ledger(DEPLOYED[0])
        self.former: list[tuple[Ledger, int]] = []
        self.start = 0
        self.heard = at(0)
        self.now = at(0)
        self.committed: tuple[int, str] | None = None
        self.generation = 0
        self.store = Store()
        self.net: list[Request] = []
        self.owners: dict[object, Owner] = {}
        self.loss = False
        self.lost_below = 0
        self.damaged: set[Key] = set()
        self.calm = True

    @property
    def series(self) -> tuple[Series, ...]:
        """Of the version in force."""
        return DEPLOYED[self.version].series

    # --------------------------------------------------------------------------------------------- the log

    def append(self, *records: Said) -> None:
        """Producers append records."""
        for said in records:
            entry = Entry(len(self.log), said.key, said.value, (), said.stamped // 1_000_000)
            self.log.append(entry)
            self.ledger.append(entry, said)
            self.heard = max(self.heard, said.heard)
            self.now = max(self.now, said.heard)

    def append_control(self) -> None:
        """The log takes an offset for itself; never its first, which no transaction begins with."""
        if self.log:
            self.log.append(None)
            self.ledger.append_control()

    def truncate(self, start: int) -> None:
        """Retention deletes everything below `start`."""
        if start > self.start:
            self.start, self.loss = min(start, len(self.log)), True
            self.lost_below = max(self.lost_below, self.start)

    def begin_new_log(self, later: int) -> None:
        """The broker restarts empty, with what hangs on it; the store and requests on their way are still there."""
        self.former.append((self.ledger, self.number))
        self.owners.clear()
        self.log, self.start, self.committed = [], 0, None
        self.ledger = Ledger(DEPLOYED[self.version])
        self.number += 1
        self.calm = self.loss = False
        self.lost_below = 0
        self.damaged.clear()
        self.append(ticked(self.heard + later, begin=True))

    # -------------------------------------------------------------------------------------------- the group

    def facts(self) -> Log:
        """What the broker says of the partition now."""
        return Log(self.start, len(self.log), self.partitions)

    def assign(self, name: object) -> Owner:
        """The partition goes to this worker; whoever had it does not know."""
        self.generation += 1
        if set(self.owners) - {name} or self._flying(name):
            self.calm = False
        self.owners[name] = self.owner(self)
        return self.owners[name]

    def crash(self, name: object) -> None:
        """Kill −9."""
        if self._flying(name):
            self.calm = False
        self.owners.pop(name, None)

    def crash_all(self) -> None:
        """Kill −9 for all of them."""
        for name in list(self.owners):
            self.crash(name)

    def _flying(self, name: object) -> bool:
        owner = self.owners.get(name)
        return bool(owner and owner.flight and any(request in self.net for request in owner.flight.requests))

    def commit(self, owner: Owner, statement: Checkpoint) -> None:
        """The group takes a statement, or refuses it; I2: it is true either way."""
        if not self.loss:
            self._check_statement(statement)
        text = statement.text()
        assert len(text) < 200, f"{len(text)} bytes of metadata"
        assert parse(statement.offset, text) == statement, f"the metadata {text!r} says something else"
        if owner.generation == self.generation or not self.fenced:
            self.committed = (statement.offset, text)

    def _check_statement(self, said: Checkpoint) -> None:
        assert said.clock == self.ledger.clock(said.pos), "I2: the clock in the metadata is not the truth's"
        assert said.offset <= said.pos <= len(self.log), "I2: a position that is none"
        for key in self.ledger.closed(said.pos):
            assert self.store.final(key), f"I2: committed past {key}, which is not durable"
        unsent = {(self.number, *mark) for mark in self.ledger.side(said.pos)} - self.store.side
        assert not unsent, f"I2: committed past {unsent}, not sent"
        assert not self.ledger.must_reread(said.offset, said.pos), "I2: past the first event of an open window"

    def lose_metadata(self, offset: int | None = None) -> None:
        """A reset tool, or a commit of somebody else, writes an offset alone.

        Not to the log's first record after a deploy: nobody could know then what the former version has settled.
        """
        assert self.committed is not None
        offset = self.committed[0] if offset is None else offset
        assert offset > 0 or self.version == 0
        self.committed = (offset, "")
        self.loss |= offset > 0
        self.lost_below = max(self.lost_below, offset)

    def lose_group(self) -> None:
        """The group is deleted, or its offsets expire.

        Not after a deploy: nobody could know then what the former version has settled.
        """
        assert self.version == 0
        self.committed = None
        self.loss |= self.start > 0

    def deploy(self) -> bool:
        """Workers stop as they should, with a last flush and commit; the next version of the domain takes over."""
        if self.version + 1 == len(DEPLOYED):
            return False
        self.crash_all()
        fenced, self.fenced = self.fenced, True
        last = self.assign("last of its version")
        last.poll(EVERYTHING)
        last.flush_well()
        self.owners.clear()
        self.fenced = fenced
        said = parse(*self.committed) if self.committed else None
        if said is None or last.fold.barrier_unknown:
            return False
        self.version += 1
        self.calm = False
        self.ledger.deploy(DEPLOYED[self.version], said.pos, said.clock)
        self.assign(0)
        return True

    # ------------------------------------------------------------------------------------------- the network

    def land(self, request: Request) -> None:
        """A request arrives; I1: a settled value is right the moment it is there. I6: a live one never falls."""
        self.net.remove(request)
        request.landed = True
        if request.home == "side":
            self.store.side |= request.marks
        for line in request.lines:
            key, fields = read_line(line)
            if request.home == "live":
                before = self.store.live.get(key)
                if self.calm and before is not None:
                    assert before["count"] <= fields["count"], f"I6: {key} fell from {before} to {fields}"
                    assert before["final"] <= fields["final"], f"I6: {key} was final and is not"
                self.store.live[key] = fields
            else:
                self._settle(key, fields)

    def _settle(self, key: Key, fields: Fields) -> None:
        before = self.store.final(key)
        assert before is None or before == fields, f"I1: {key} had {before} and now gets {fields}"
        if before is None:
            true = [ledger.final(key, len(ledger.decided)) for ledger in (self.ledger, *self._former_ledgers())]
            assert fields in true, f"I1: {key} is {fields}, the truth has {true}"
            (self.store.refused if self.store.refuses(key) else self.store.settled)[key] = fields

    def _former_ledgers(self) -> list[Ledger]:
        return [ledger for ledger, _ in self.former]

    def lose(self, request: Request) -> None:
        """A request that never arrives."""
        self.net.remove(request)

    # ---------------------------------------------------------------------------------------------- looking

    def check(self) -> None:
        """I3: a fold beyond its re-read is the fold of the prefix. I1 for what was sent aside."""
        if self.loss:
            return
        mine = {mark[1:] for mark in self.store.side if mark[0] == self.number}
        assert mine <= self.ledger.side(len(self.log)), "I1: late or rejected, and the truth does not have it"
        for owner in self.owners.values():
            fold = owner.fold
            if fold.pos >= fold.resume:
                assert fold.clock == self.ledger.clock(fold.pos), "I3: another clock than the prefix's"
                assert open_windows(fold) == self.ledger.open(fold.pos), "I3: another state than the prefix's"

    def settle_down(self, *, fresh: bool = True) -> None:
        """Faults are over: one owner reads all and writes all; requests of former ones arrive before and after.

        I4: nothing is missing. I5: the live bucket shows the open windows. I7: what is missing after a loss is
        counted.
        """
        self.fenced = True
        survivor = next((owner for owner in self.owners.values() if owner.generation == self.generation), None)
        owner = self.assign("the last") if fresh or survivor is None or len(self.owners) > 1 else survivor
        owner.poll(EVERYTHING)
        owner.flush()
        owner.fail()
        for _ in range(2):
            owner.flush_well()
        self.check()
        self._check_complete()
        if self.calm or owner is not survivor:
            for key, fields in self.ledger.open(len(self.log)).items():
                if not self.loss:
                    live = self.store.live.get(key)
                    assert live == {**fields, "final": 0}, f"I5: {key} shows {live}, the log has {fields}"
        while self.net:
            self.land(self.net[0])
        self._check_complete()
        self.ledger.verify()

    def _check_complete(self) -> None:
        length = len(self.log)
        for key in self.ledger.closed(length):
            if self.store.final(key) is None:
                assert self.loss, f"I4: {key} is missing"
                lost = self.ledger.grown(key) <= self.lost_below
                assert lost or key in self.damaged, f"I7: {key} is missing and nobody counted it"
        if not self.loss:
            mine = {mark[1:] for mark in self.store.side if mark[0] == self.number}
            assert mine == self.ledger.side(length), "I4: other late and rejected records than the truth's"


def open_windows(fold: PartitionFold) -> dict[Key, Fields]:
    """The fold's open windows as the truth would tell them."""
    points = {}
    for lane in fold._lanes:
        for start, cell in lane.cells():
            lane.fold(cell)
            key, fields = read_line(lane.line(start, cell, final=True))
            points[key] = fields
    return points


class Owner:
    """A worker that has been given the partition, as `stream_app.keeper` is one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.generation = world.generation
        self.domain = DEPLOYED[world.version]
        self.take_over()

    # What mutants change.

    def begin(self) -> Start:
        """Transition 1."""
        return begin(self.world.committed, self.world.facts(), self.domain.series)

    def fold_from(self, start: Start) -> PartitionFold:
        """Transition 2, and what follows."""
        return PartitionFold(self.domain, CITY, PARTITION, start)

    # What is not.

    def take_over(self) -> None:
        """Begin from nothing but what was committed."""
        self.fold = self.fold_from(self.begin())
        self.position = self.fold.pos
        self.flight: Flight | None = None
        self.statements: list[Checkpoint] = []
        said = parse(*self.world.committed) if self.world.committed else None
        if said and said.offset < self.world.start:
            assert self.fold.counts["truncated"] > 0, "I7: the log lost records that were needed, and nobody says so"

    def poll(self, count: int) -> None:
        """Fetch and fold; at the log's end, notice whether it ends in control records."""
        world = self.world
        if self.fold.pos < world.start:
            if self.flight and any(request in world.net for request in self.flight.requests):
                world.calm = False
            self.take_over()
        end = min(len(world.log), self.position + count)
        batch = [entry for entry in world.log[self.position : end] if entry]
        if world.loss:
            self._feed_and_count(batch)
        else:
            self.fold.feed(batch)
        self.position = max(self.position, end)
        if self.fold.pos < self.fold.head <= self.position:
            self.fold.head = self.fold.pos

    def _feed_and_count(self, batch: list[Entry]) -> None:
        """Record by record, for a fold forgets what it counted as damaged when the window is over."""
        for entry in batch:
            self.fold.feed([entry])
            for lane in self.fold._lanes:
                self.world.damaged.update(_key(lane.series, start, group) for start, group in lane.damaged)

    def flush(self) -> None:
        """Transition 3: the settled lines in two requests, then live, then aside."""
        if self.flight is None:
            snapshot = self.fold.snapshot()
            middle = len(snapshot.settled) // 2
            marks = frozenset(
                (self.world.number, side.kind, why, side.record.offset)
                for side in snapshot.side
                for why in side.why.split(",")
            )
            requests = [
                Request("settled", snapshot.settled[:middle]),
                Request("settled", snapshot.settled[middle:]),
                Request("live", snapshot.live),
                Request("side", marks=marks),
            ]
            self.flight = Flight(snapshot, [request for request in requests if request.lines or request.marks])
            self.world.net += self.flight.requests

    def land(self) -> None:
        """All of the flush arrives."""
        if self.flight:
            for request in self.flight.requests:
                if request in self.world.net:
                    self.world.land(request)

    def time_out(self) -> None:
        """Nobody answers: what was sent may be there, or come, or not."""
        if self.flight:
            if any(request in self.world.net for request in self.flight.requests):
                self.world.calm = False
            self.fold.failed(self.flight.snapshot)
            self.flight = None

    def fail(self) -> None:
        """The store is away, and what was sent is surely not there."""
        if self.flight:
            for request in self.flight.requests:
                if request in self.world.net:
                    self.world.lose(request)
            self.time_out()

    def acknowledge(self) -> None:
        """All of the flush is durable, if it is."""
        if self.flight and all(request.landed for request in self.flight.requests):
            self.fold.acknowledged(self.flight.snapshot)
            if self.flight.snapshot.checkpoint:
                self.statements.append(self.flight.snapshot.checkpoint)
            self.flight = None

    def commit(self, which: int = -1) -> None:
        """Transition 4; an older statement may go out after a newer one."""
        if self.statements:
            self.world.commit(self, self.statements[which])
            del self.statements[:-1]

    def flush_well(self) -> None:
        """The usual case: sent, arrived, acknowledged, committed."""
        self.time_out()
        self.flush()
        self.land()
        self.acknowledge()
        self.commit()


def _key(series: Series, start: int, group: tuple[str | None, ...]) -> Key:
    area = str(group[0])
    own = {tag.name: value or NOT_STATED for tag, value in zip(series.tags, group[1:], strict=True)}
    return Key(series.name, tuple(sorted({"area": area, "zone": CITY.zone_of[area], **own}.items())), start)


def refuses_to_start(world: World) -> bool:
    """Whether a worker that is given the partition now stops with a line for a person."""
    try:
        world.owner(world)
    except CityopsError:
        return True
    return False
