"""A simulated world around the real core: one partition's log, a group, a network that delivers when it likes.

Workers are any number, zombies among them. Invariants I1 to I7 of the checkpoint protocol are asserted where they
could first be broken: a settled value when it lands, a commit when it is stated, a fold's state when somebody looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream_app.core.checkpoint import Checkpoint, Log, parse
from tests.core.domain import DEPLOYED, PARTITIONS, Entry, Said, at, ticked
from tests.core.ledger import Ledger
from tests.core.owner import open_windows
from tests.core.store import Request, Store, read_line

if TYPE_CHECKING:
    from city.domain import Series
    from stream_app.truth import Key
    from tests.core.ledger import Fields
    from tests.core.owner import Owner

EVERYTHING: Final = 1 << 30


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
