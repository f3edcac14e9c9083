"""A worker that has been given the partition, as `stream_app.keeper` is one: what it holds, and how it flushes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from city.domain import NOT_STATED
from stream_app.core import Checkpoint, PartitionFold, Snapshot, Start, begin
from stream_app.core.checkpoint import parse
from stream_app.truth import Key
from tests.core.domain import CITY, DEPLOYED, PARTITION
from tests.core.store import Request, read_line

if TYPE_CHECKING:
    from city.domain import Series
    from stream_app.core.lane import Cell, Lane
    from tests.core.domain import Entry
    from tests.core.ledger import Fields
    from tests.core.world import World


@dataclass(eq=False)
class Flight:
    """A flush on its way."""

    snapshot: Snapshot
    requests: list[Request]


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


def open_cells(lane: Lane) -> list[Cell]:
    """Every open window of every group."""
    return [cell for window in lane.windows.values() for cell in window.cells.values()]


def open_windows(fold: PartitionFold) -> dict[Key, Fields]:
    """The fold's open windows as the truth would tell them."""
    points = {}
    for lane in fold._lanes:
        lane.fold()
        for cell in open_cells(lane):
            key, fields = read_line(lane.line(cell, final=True))
            points[key] = fields
    return points


def _key(series: Series, start: int, group: tuple[str | None, ...]) -> Key:
    area = str(group[0])
    own = {tag.name: value or NOT_STATED for tag, value in zip(series.tags, group[1:], strict=True)}
    return Key(series.name, tuple(sorted({"area": area, "zone": CITY.zone_of[area], **own}.items())), start)
