"""The worker's two operational series: `sources` (who speaks, who is silent) and `pipeline` (how the stream does).

They tell of now, by the wall clock, and are outside the promise that every point equals the truth.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from city.event import Reason, observation
from city.instant import NS
from city.partition import partition_of
from stream_app.core.aggregate import readers
from stream_app.core.checkpoint import NEVER
from stream_app.core.lineprotocol import escape

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

    from city.domain import Domain, Freshness
    from city.event import Event
    from city.geography import City
    from stream_app.core import PartitionFold, Said
    from stream_app.core.aggregate import Reader, Reading

EVERY_S: Final = 10
OK, SLOW, FROZEN, EXPIRED = range(4)
_FORGET_S: Final = 86_400
UNCOUNTED: Final = ("late", "duplicate", "rejected")
"""What of a source's records no window took; a source's points say how many there were since the one before."""
_CLOCKS: Final = (Reason.CLOCK_AHEAD, Reason.RECORDED_AHEAD)


@dataclass(slots=True)
class _Source:
    """What is known of one source. `kind` is what it says; `last_ns` is None until it has spoken.

    Of a source that has not spoken yet, nothing is known until the time for it is over: `awaited_ns` is when we began
    to listen.
    """

    area: str
    kind: type[Event]
    awaited_ns: int
    last_ns: int | None = None
    said: tuple[Any, ...] | None = None
    same_since_ns: int = 0
    uncounted: Counter[str] = field(default_factory=Counter)


async def next_round(
    clock: Callable[[], float] = time.time, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> None:
    """Return when the next round has begun: a timer that fires early would give one round two reports, and one none.

    Both would be the same point, and what the first has told would be lost.
    """
    due = clock() // EVERY_S * EVERY_S + EVERY_S
    while 0 < (wait := due - clock()) <= EVERY_S:  # not for long, should somebody set the clock back
        await sleep(wait)


def known_sources(domain: str) -> str:
    """InfluxQL: when each source of the last day was heard last."""
    return (
        f'SELECT last("last_event_s") FROM "sources" WHERE "domain" = \'{domain}\' AND time > now() - 1d '  # noqa: S608 - a pack's name
        'GROUP BY "source", "area", "observation"'
    )


class Roll:
    """The known sources of one domain in the partitions of this worker: the pack's sites and those heard in a day.

    Args:
        domain: whose.
        city: where.
        most: how many it remembers; of those beyond, nothing is told, and `overlooked` counts how often.
    """

    def __init__(self, domain: Domain, city: City, most: int) -> None:
        self._most = most
        self.overlooked = 0
        self._domain = domain
        self._city = city
        self._kinds = {observation(kind): kind for kind in domain.events}
        self._alike = {kind: _alike(reader, domain.freshness_of(kind)) for kind, reader in readers(domain).items()}
        self._sites = domain.sites_in(city)
        self._names = {site.source for site in self._sites}
        self._known: dict[str, _Source] = {}
        self._mine: frozenset[int] = frozenset()
        self._unsure_s: int | None = None
        self._count = 0

    def own(self, partitions: Iterable[int], count: int, now_ns: int) -> None:
        """Know the sites of these partitions, and listen from now on; forget the sources of others."""
        self._mine, self._count = frozenset(partitions), count
        self._known = {name: source for name, source in self._known.items() if self._here(source.area)}
        for site in self._sites:
            if self._here(site.area):
                kind = site.event or self._domain.events[0]
                self._known.setdefault(site.source, _Source(site.area, kind, now_ns))

    def _here(self, area: str) -> bool:
        known = self._count and area in self._city.zone_of  # a store remembers areas that a city no longer has
        return bool(known) and partition_of(area.encode(), self._count) in self._mine

    def remember(self, source: str, area: str, last_ns: int, observed: str = "") -> None:
        """A source that spoke before this worker began; not one of another worker's partitions."""
        if self._here(area):
            known = self._of(source, area, self._kinds.get(observed, self._domain.events[0]), last_ns)
            known.last_ns = max(known.last_ns or 0, last_ns)

    def _of(self, name: str, area: str, kind: type[Event], now_ns: int) -> _Source:
        """What is known of a source; of one too many, nothing is kept."""
        source = self._known.get(name)
        if source is None:
            source = _Source(area, kind, now_ns)
            if len(self._known) < self._most:
                self._known[name] = source
            else:
                self.overlooked += 1
        return source

    def hear(self, latest: Mapping[str, Said], now_ns: int) -> None:
        """What each source said last; the same words for long mean that it is frozen."""
        for name, (kind, area, at, reading) in latest.items():
            source = self._of(name, area, kind, now_ns)
            source.kind = kind
            source.last_ns = max(source.last_ns or 0, at)
            said = self._alike[kind](reading)
            if said != source.said:
                source.said, source.same_since_ns = said, now_ns

    def blame(self, tally: Mapping[str, Mapping[str, int]]) -> int:
        """What was not counted, by who said it. Nobody becomes known by that, so poison does not fill the roll.

        Returns:
            How many of these records are of no known source.
        """
        nobodys = 0
        for name, counts in tally.items():
            if source := self._known.get(name):
                source.uncounted.update(counts)
            else:
                nobodys += sum(counts.values())
        return nobodys

    def told(self) -> None:
        """The lines are durable: what was not counted is not told again."""
        self._unsure_s = None
        for source in self._known.values():
            source.uncounted.clear()

    def lines(self, now_ns: int) -> Iterator[str]:
        """A point for every known source, silent ones too; of one that has had no time to speak, no state yet.

        Of a round that may have been written or not, what was not counted is told again under the round's own time,
        with what came since: the store has it once, whatever it has kept.
        """
        for name in [n for n, s in self._known.items() if s.last_ns and now_ns - s.last_ns > _FORGET_S * NS]:
            if name not in self._names:
                del self._known[name]
        stamp = now_ns // NS // EVERY_S * EVERY_S
        self._unsure_s = counted = stamp if self._unsure_s is None else self._unsure_s
        for name, source in self._known.items():
            state = _state(source, self._domain.freshness_of(source.kind), now_ns)
            unheard = source.last_ns is None and state != EXPIRED
            if unheard and not source.uncounted:
                continue
            tags = f"area={source.area},domain={self._domain.name},observation={escape(observation(source.kind))}"
            tags += f",source={escape(name)},zone={escape(self._city.zone_of[source.area])}"
            fields = ",".join(f"{what}={source.uncounted[what]}i" for what in UNCOUNTED)
            if counted != stamp:
                if source.uncounted:
                    yield f"sources,{tags} {fields} {counted}"
                fields = ",".join(f"{what}=0i" for what in UNCOUNTED)
            if not unheard:
                fields += f",state={state}i,silent={float(state == EXPIRED)},frozen={float(state == FROZEN)}"
            if source.last_ns:
                fields += f",last_event_s={source.last_ns / NS},age_s={(now_ns - source.last_ns) / NS}"
            yield f"sources,{tags} {fields} {stamp}"


def _alike(reader: Reader, freshness: Freshness) -> Callable[[Reading], tuple[Any, ...] | None]:
    """Takes what a working source varies out of a reading; None where nothing need vary or none of it is stated."""
    places = [reader.paths.index(name) for name in freshness.alike if name in reader.paths]

    def said(reading: Reading) -> tuple[Any, ...] | None:
        values = tuple(reading[place] for place in places)
        return values if any(value is not None for value in values) else None

    return said


def _state(source: _Source, freshness: Freshness, now_ns: int) -> int:
    heard = source.awaited_ns if source.last_ns is None else source.last_ns
    if now_ns - heard > freshness.expired_s * NS:
        return EXPIRED
    if source.said is not None and now_ns - source.same_since_ns > freshness.frozen_s * NS:
        return FROZEN
    return SLOW if now_ns - heard > freshness.slow_s * NS else OK


def pipeline_lines(
    domain: str, partition: int, fold: PartitionFold, figures: Mapping[str, float], now_ns: int
) -> list[str]:
    """How one partition does.

    Args:
        domain: a tag.
        partition: a tag.
        fold: its state and counters (since this worker owns it).
        figures: fields that the caller knows: `lag`, `write_s`, `points`, `retries` …
        now_ns: the wall clock.
    """
    stamp = now_ns // NS // EVERY_S * EVERY_S
    tags = f"domain={domain},partition={partition}"
    counts = {name: fold.counts[name] for name in ("in", "late", "duplicate", "truncated", "unattributed")}
    rejected = {name.partition(":")[2]: n for name, n in fold.counts.items() if name.startswith("rejected:")}
    whole = {
        **counts,
        # Of all reasons together, so that they are 0 while nothing is rejected: by reason, nothing is told then.
        "unusable": sum(rejected.values()),
        "clock_trouble": sum(rejected.get(reason, 0) for reason in _CLOCKS),
        "damaged": fold.damaged,
        "open_windows": fold.open_windows,
        "pending_points": fold.pending_points,
    }
    fields = [f"{name}={value}i" for name, value in whole.items()]
    fields += [f"{name}={float(value)}" for name, value in figures.items()]
    if fold.clock != NEVER:
        fields += [f"clock_s={fold.clock / NS}", f"watermark_delay_s={(now_ns - fold.clock) / NS}"]
    lines = [f"pipeline,{tags} {','.join(fields)} {stamp}"]
    lines += [f"pipeline,{tags},reason={reason} rejected={count}i {stamp}" for reason, count in rejected.items()]
    return lines
