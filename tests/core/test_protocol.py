"""The whole protocol in any order of events: a state machine, and seeded schedules that are longer.

More than the suite's share: `PROTOCOL_EXAMPLES=20000 pytest --timeout=0 tests/core/test_protocol.py`.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from city.instant import NS
from stream_app.core.checkpoint import parse
from tests.core.domain import AREAS, DEPLOYED, KINDS, Said, at, heard_again, poisons, pulse, reading, ticked, unstamped
from tests.core.owner import Owner
from tests.core.schedules import random_run
from tests.core.world import World

EXAMPLES = int(os.environ.get("PROTOCOL_EXAMPLES", "150"))

who = st.integers(0, 1)
idents = st.integers(0, 3)
sources = st.sampled_from(("test/1", "test/2"))
areas = st.sampled_from(AREAS)


class Protocol(RuleBasedStateMachine):
    """Producers, workers and faults, one step at a time; the world asserts the invariants as it goes."""

    world: World
    recent: list[Said]

    @initialize(fenced=st.booleans(), picky=st.booleans())
    def start(self, fenced: bool, picky: bool) -> None:  # noqa: FBT001 - hypothesis gives them by name
        self.world = World(Owner, fenced=fenced)
        self.world.store.picky = picky
        self.world.assign(0)
        self.recent = []

    def _say(self, said: Said) -> None:
        self.recent.append(said)
        self.world.append(said)

    # ------------------------------------------------------------------------------------------ producers

    @rule(
        later=st.integers(-4, 3),
        behind=st.integers(-12, 6),
        ident=idents,
        source=sources,
        area=areas,
        level=st.sampled_from((None, 0.1, 0.2, -7.7)),
        people=st.sampled_from((None, 0, 3)),
        kind=st.sampled_from((None, *KINDS)),
    )
    def event(  # noqa: PLR0917 - hypothesis gives them by name
        self,
        later: int,
        behind: int,
        ident: int,
        source: str,
        area: str,
        level: float | None,
        people: int | None,
        kind: str | None,
    ) -> None:
        heard = self.world.heard + later * NS
        time = heard + behind * NS
        self._say(
            reading(time, heard, ident, source=source, area=area, level=level, people=people, kind=kind),
        )

    @rule(later=st.integers(-4, 3), behind=st.integers(-12, 6), ident=idents, source=sources, area=areas)
    def event_of_the_other_type(self, later: int, behind: int, ident: int, source: str, area: str) -> None:
        heard = self.world.heard + later * NS
        self._say(pulse(heard + behind * NS, heard, ident, source=source, area=area, beats=ident))

    @rule(later=st.integers(0, 3), ident=idents)
    def event_without_recordedtime(self, later: int, ident: int) -> None:
        heard = self.world.heard + later * NS
        self.world.append(unstamped(reading(heard, heard, ident)))

    @precondition(lambda self: self.recent)
    @rule(which=st.integers(1, 8), again=st.booleans())
    def duplicate(self, which: int, again: bool) -> None:  # noqa: FBT001 - hypothesis gives it by name
        said = self.recent[-min(which, len(self.recent))]
        heard = max(said.heard, self.world.heard)
        self.world.append(heard_again(said, heard) if again else replace(said, stamped=heard))

    @rule(later=st.integers(0, 8))
    def tick(self, later: int) -> None:
        self.world.append(ticked(self.world.heard + later * NS))

    @rule()
    def tick_far_on(self) -> None:
        self.world.append(ticked(self.world.heard + 70 * NS))

    @rule()
    def begin_in_the_middle(self) -> None:
        self.world.append(ticked(self.world.heard, begin=True))

    @rule(which=st.integers(0, len(poisons(at(0))) - 1))
    def poison(self, which: int) -> None:
        self.world.append(poisons(self.world.heard)[which])

    @rule()
    def control_record(self) -> None:
        self.world.append_control()

    # -------------------------------------------------------------------------------------------- workers

    @rule(name=who, count=st.integers(0, 6))
    def poll(self, name: int, count: int) -> None:
        if name in self.world.owners:
            self.world.owners[name].poll(count)

    @rule(name=who)
    def flush_well(self, name: int) -> None:
        if name in self.world.owners:
            owner = self.world.owners[name]
            owner.flush()
            owner.land()
            owner.acknowledge()
            owner.commit()

    @rule(name=who)
    def flush(self, name: int) -> None:
        if name in self.world.owners:
            self.world.owners[name].flush()

    @rule(name=who)
    def acknowledge(self, name: int) -> None:
        if name in self.world.owners:
            self.world.owners[name].acknowledge()

    @rule(name=who, which=st.sampled_from((0, -1)))
    def commit(self, name: int, which: int) -> None:
        if name in self.world.owners:
            self.world.owners[name].commit(which)

    # --------------------------------------------------------------------------------------------- faults

    @precondition(lambda self: self.world.net)
    @rule(which=st.integers(0, 5), lands=st.booleans())
    def request(self, which: int, lands: bool) -> None:  # noqa: FBT001 - hypothesis gives it by name
        request = self.world.net[which % len(self.world.net)]
        (self.world.land if lands else self.world.lose)(request)

    @rule(name=who)
    def time_out(self, name: int) -> None:
        if name in self.world.owners:
            self.world.owners[name].time_out()

    @rule(name=who)
    def store_away(self, name: int) -> None:
        if name in self.world.owners:
            self.world.owners[name].fail()

    @rule(name=who)
    def crash_and_restart(self, name: int) -> None:
        self.world.crash(name)
        self.world.assign(name)

    @rule(name=who)
    def takeover_unnoticed(self, name: int) -> None:
        self.world.assign(name)

    @precondition(lambda self: self.world.committed)
    @rule(past=st.integers(-1, 4), after=st.sampled_from(("offset", "pos")))
    def truncate(self, past: int, after: str) -> None:
        assert self.world.committed
        said = parse(*self.world.committed)
        self.world.truncate((getattr(said, after) if said else self.world.committed[0]) + past)

    @precondition(lambda self: self.world.committed and (self.world.committed[0] > 0 or self.world.version == 0))
    @rule()
    def metadata_lost(self) -> None:
        self.world.lose_metadata()

    @precondition(lambda self: self.world.committed and self.world.version == 0)
    @rule()
    def group_lost(self) -> None:
        self.world.lose_group()

    @precondition(lambda self: self.world.version + 1 < len(DEPLOYED))
    @rule()
    def deploy(self) -> None:
        self.world.deploy()

    @precondition(lambda self: len(self.world.log) > 5)
    @rule(later=st.integers(0, 3))
    def new_log(self, later: int) -> None:
        self.world.begin_new_log(later * NS)
        self.world.assign(0)

    # -------------------------------------------------------------------------------------------- looking

    @invariant()
    def state_is_the_fold_of_the_prefix(self) -> None:
        if hasattr(self, "world"):
            self.world.check()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.settle_down(fresh=len(self.world.log) % 2 == 0)


TestProtocol = Protocol.TestCase
TestProtocol.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    derandomize=EXAMPLES <= 1_000,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("block", range(2))
def test_no_seeded_schedule_breaks_an_invariant(block: int) -> None:
    settled = 0
    for number in range(EXAMPLES):
        seed = f"schedule-{block}-{number}"
        try:
            settled += len(random_run(random.Random(seed)).store.settled)
        except AssertionError as broken:
            broken.add_note(f"random_run(random.Random({seed!r}))")
            raise
    assert settled > EXAMPLES, "schedules in which nothing is settled prove nothing"
