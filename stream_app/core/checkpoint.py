"""What a commit says, and where a worker begins: transitions 1 and 4 of the checkpoint protocol.

A commit is a statement that stays true for ever: every window closed before `pos` is durable, and every window
open at `pos` has its first event at or after `offset`. It travels as text in the commit's metadata.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from city.errors import CityopsError
from city.event import AHEAD_NS
from city.instant import NS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from city.domain import Series

NEVER: Final = -(1 << 63)
"""Before all time: the clock of a partition that was never heard, the barrier of one that lost nothing."""

SKEW_NS: Final = 60 * NS
"""How much later than another a publisher's clock may be; the broker refuses more than 60 s ahead."""

MAX_METADATA_BYTES: Final = 200
_VERSION: Final = "v1"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One partition's commit. Times are ns.

    Attributes:
        offset: read again from here.
        pos: everything below it has been decided; side outputs and counters go on from here.
        clock: the greatest `recordedtime` below `pos`.
        barrier: windows starting at or before it may be incomplete and are never written.
        partitions: of the topic, then.
        prints: fingerprint of each series → the barrier of that series alone (whole seconds), `NEVER` mostly.
    """

    offset: int
    pos: int
    clock: int
    barrier: int
    partitions: int
    prints: Mapping[str, int]

    def text(self) -> str:
        """The commit's metadata."""
        prints = ",".join(
            mark if barrier == NEVER else f"{mark}@{barrier // NS}" for mark, barrier in sorted(self.prints.items())
        )
        return f"{_VERSION} {self.pos} {_instant(self.clock)} {_instant(self.barrier)} {self.partitions} {prints}"


def parse(offset: int, text: str) -> Checkpoint | None:
    """The commit that has this offset and metadata; None when the metadata is not ours."""
    words = text.split(" ")
    if len(words) != 6 or words[0] != _VERSION:
        return None
    try:
        pos, partitions = int(words[1]), int(words[4])
        clock, barrier = _ns(words[2]), _ns(words[3])
        marks = [mark.partition("@") for mark in words[5].split(",") if mark]
        prints = {mark: int(until) * NS if until else NEVER for mark, _, until in marks}
    except ValueError:
        return None
    return Checkpoint(offset, pos, clock, barrier, partitions, prints)


def _instant(ns: int) -> str:
    return "-" if ns == NEVER else str(ns)


def _ns(text: str) -> int:
    return NEVER if text == "-" else int(text)


def fingerprint(series: Series) -> str:
    """Six characters that change whenever the values of the series could.

    The event's schema is in them: with other bounds, other records count.
    """
    measures = [(m.name, m.path, m.scale, m.keep, m.weight, m.bounds) for m in series.measures]
    tags = [(tag.name, tag.path) for tag in series.tags]
    schema = _without_prose(msgspec.json.schema(series.event))
    described = repr((series.name, schema, series.window_s, series.lateness_s, measures, tags))
    return hashlib.sha256(described.encode()).hexdigest()[:6]


def _without_prose(schema: Any) -> Any:
    """A schema without its docstrings; an attribute may be called `description` all the same."""
    if isinstance(schema, dict):
        return {
            name: _without_prose(part)
            for name, part in schema.items()
            if name != "description" or not isinstance(part, str)
        }
    return [_without_prose(part) for part in schema] if isinstance(schema, list) else schema


@dataclass(frozen=True, slots=True)
class Log:
    """What the broker says of a partition at the moment it is assigned."""

    start: int
    end: int
    partitions: int


@dataclass(frozen=True, slots=True)
class Start:
    """Where and with what knowledge a partition's fold begins. It always begins with no windows.

    Attributes:
        pos: the first record to read.
        clock: the clock at `resume`, known beforehand so that a re-read decides the same.
        resume: below it nothing is emitted or counted: it was, before.
        head: the log's end; below it no provisional value is written, or panels would dip.
        barrier: for all series; `barriers`: by fingerprint, for one.
        barrier_unknown: it follows from the first usable record.
        truncated: records that the log lost before all their windows were durable.
    """

    pos: int
    clock: int
    resume: int
    head: int
    partitions: int
    barrier: int = NEVER
    barrier_unknown: bool = False
    barriers: Mapping[str, int] = field(default_factory=dict)
    truncated: int = 0


def begin(committed: tuple[int, str] | None, log: Log, series: Iterable[Series]) -> Start:
    """Transition 1: from what was committed (offset and metadata, if anything) to where the fold begins.

    Raises:
        CityopsError: the log is not the one that was committed to; a person must decide.
    """
    if committed is None:
        return Start(log.start, NEVER, log.start, log.end, log.partitions, barrier_unknown=log.start > 0)
    offset, text = committed
    if offset > log.end:
        raise CityopsError(
            f"the group has committed offset {offset}, but the log ends at {log.end}: this is another log. "
            "Reset the group's offsets, or point the worker at the right broker"
        )
    pos = max(offset, log.start)
    known = parse(offset, text)
    if known is None:
        return Start(pos, NEVER, pos, log.end, log.partitions, barrier_unknown=pos > 0, truncated=pos - offset)
    if known.partitions != log.partitions:
        raise CityopsError(
            f"the topic has {log.partitions} partitions and had {known.partitions}: keys live elsewhere now. "
            "Start a new topic and group, or restore the partition count"
        )
    barrier = known.barrier
    if offset < log.start <= known.pos:
        barrier = max(barrier, known.clock + AHEAD_NS)
    changed = NEVER if known.clock == NEVER else -(-(known.clock + AHEAD_NS) // NS) * NS
    return Start(
        pos=pos,
        clock=known.clock,
        resume=max(known.pos, log.start),
        head=log.end,
        partitions=log.partitions,
        barrier=barrier,
        barrier_unknown=log.start > known.pos,
        barriers={mark: known.prints.get(mark, changed) for mark in map(fingerprint, series)},
        truncated=pos - offset,
    )
