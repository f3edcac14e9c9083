"""What the stream's fold makes of events: a log of four partitions, read in pieces, settled by a last tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from city.event import CONTENT_TYPE, encode, tick
from city.instant import NS, nanoseconds
from city.partition import partition_of
from stream_app.core import PartitionFold
from stream_app.core.checkpoint import NEVER, Start
from tests.core.store import read_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from city.domain import Domain
    from city.event import Event
    from city.geography import City
    from stream_app.truth import Key, Value

PARTITIONS = 4
_PIECE = 97


@dataclass(slots=True)
class Entry:
    """A Kafka record; `timestamp` in ms."""

    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int
    headers: Sequence[tuple[str, bytes]] = (("content-type", CONTENT_TYPE.encode()),)


def settled(events: Iterable[Event], domain: Domain, city: City) -> dict[Key, Mapping[str, Value]]:
    """Every settled point of some events, in the order they were heard."""
    logs: list[list[Entry]] = [[] for _ in range(PARTITIONS)]
    heard = 0
    for event in events:
        heard = nanoseconds(event.recordedtime or event.time)
        log = logs[partition_of(event.area.encode(), PARTITIONS)]
        log.append(Entry(len(log), event.area.encode(), encode(event), heard // 1_000_000))
    points: dict[Key, Mapping[str, Value]] = {}
    last = heard + 3_600 * NS
    for number, log in enumerate(logs):
        log.append(Entry(len(log), None, tick(last), last // 1_000_000))
        fold = PartitionFold(domain, city, number, Start(0, NEVER, 0, 0, PARTITIONS))
        for begin in range(0, len(log), _PIECE):
            fold.feed(log[begin : begin + _PIECE])
            snapshot = fold.snapshot()
            points |= dict(map(read_line, snapshot.settled))
            fold.acknowledged(snapshot)
    return points
