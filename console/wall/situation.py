"""How the city is, gathered once for every screen that shows it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from city.bands import bands
from city.boards.parts import main_kpis
from city.boards.questions import places_query
from city.domain import Ratio
from city.errors import CityopsError
from city.influxql import Last, fresh_query, kpi_query, recent, scope
from city.instant import NS
from city.layout import NOW_S, SOURCES_SPAN
from city.rollup import MINUTE, finest, rolled
from city.standing import FRESH_SHARE, State, state_of
from console.judged import judged
from console.store import LIVE, ROLLUP

if TYPE_CHECKING:
    from city.catalogue import Catalogue
    from city.domain import Domain, Kpi
    from console.alerts.book import Book, Page
    from console.alerts.firing import Firing
    from console.store import Answer, Store

FRESH_S: Final = 1.0
"""How old an answer of now may be: an event is to be seen within three seconds, and the worker takes one of them."""
OLD_S: Final = 10.0
"""From this age on, it is better to wait a moment for the next."""
PATIENCE_S: Final = 0.8
"""No page waits longer: it says what is known, and more when that is known."""
COURSE_FRESH_S: Final = 60.0
COURSE: Final = Last(3 * 3_600)
COURSE_STEP_S: Final = 300


@dataclass(frozen=True, slots=True)
class Tile:
    """One KPI of the whole city."""

    kpi: Kpi
    value: float | None
    state: State | None
    course: tuple[float | None, ...]
    """Three hours in steps of five minutes; None where nothing was measured."""

    @property
    def trend(self) -> float | None:
        """How the last half hour differs from the one before, in percent of that."""
        known = [value for value in self.course if value is not None]
        if len(known) < 12:
            return None
        before, after = sum(known[-12:-6]) / 6, sum(known[-6:]) / 6
        return (after - before) / abs(before) * 100 if before else None


@dataclass(frozen=True, slots=True)
class DomainNow:
    """One domain of the whole city.

    Attributes:
        fresh: the share of its known sources that speaks; None where none was heard of lately.
    """

    domain: Domain
    fresh: float | None
    tiles: tuple[Tile, ...]

    @property
    def blind(self) -> bool:
        """Whether too few of its sources speak for its values to stand."""
        return self.fresh is None or self.fresh < FRESH_SHARE


@dataclass(frozen=True, slots=True)
class Situation:
    """How the city is.

    Attributes:
        at_ns: when this was asked.
        domains: in the catalogue's order; empty before the first answer.
        places: area → how it stands, as it was judged last.
        places_old: nobody has judged them in the last rounds.
        alerts: what fires.
        away_ns: since when the store does not answer; 0 while it does.
    """

    at_ns: int = 0
    domains: tuple[DomainNow, ...] = ()
    places: dict[str, State] = field(default_factory=dict)
    places_old: bool = False
    alerts: Page | None = None
    away_ns: int = 0


@dataclass
class Watch:
    """Keeps the situation for all screens: whoever asks first has it gathered, once for everybody."""

    store: Store
    catalogue: Catalogue
    book: Book
    _last: Situation = field(default_factory=Situation, init=False)
    _gathering: asyncio.Task[None] | None = field(default=None, init=False)

    async def now(self) -> Situation:
        """The situation, at most a few seconds old; what was known before while the store is slow or away."""
        if (self._gathering is None or self._gathering.done()) and _age_s(self._last) > FRESH_S / 2:
            self._gathering = asyncio.create_task(self._gather())
        if self._gathering is not None and _age_s(self._last) > OLD_S:
            await asyncio.wait([self._gathering], timeout=PATIENCE_S)
        return self._last

    async def _gather(self) -> None:
        at_ns = time.time_ns()
        alerts = self.book.page()
        try:
            (places, old), domains = await asyncio.gather(
                judged(self.store, places_query),
                asyncio.gather(*(self._domain(domain, alerts.firing) for domain in self.catalogue.domains)),
            )
        except CityopsError:
            self._last = replace(self._last, at_ns=at_ns, alerts=alerts, away_ns=self._last.away_ns or at_ns)
        else:
            self._last = Situation(at_ns, tuple(domains), _states(places) or self._last.places, old, alerts)

    async def _domain(self, domain: Domain, firing: tuple[Firing, ...]) -> DomainNow:
        heard, tiles = await asyncio.gather(
            self.store.ask(LIVE, fresh_query(domain, SOURCES_SPAN), FRESH_S),
            asyncio.gather(*(self._tile(domain, kpi) for kpi in main_kpis(domain))),
        )
        fresh = heard[0].last("fresh") if heard else None
        unseen = _unseen(domain, firing)
        known = (replace(tile, state=_state(tile, domain, 0.0 if tile.kpi.name in unseen else fresh)) for tile in tiles)
        return DomainNow(domain, fresh, tuple(known))

    async def _tile(self, domain: Domain, kpi: Kpi) -> Tile:
        series = self.catalogue.series[kpi.measurement]
        past = rolled(kpi, finest(series, MINUTE).of(series.name))
        now, course = await asyncio.gather(
            self.store.ask(LIVE, kpi_query(kpi, _now(domain, kpi), filters=scope(domain, kpi)), FRESH_S),
            self.store.ask(ROLLUP, kpi_query(past, COURSE, step=COURSE_STEP_S), COURSE_FRESH_S),
        )
        value = now[0].last("value") if now else None
        points = course[0].points if course else ()
        return Tile(kpi, value, None, tuple(point["value"] for point in points))


def _age_s(situation: Situation) -> float:
    return (time.time_ns() - situation.at_ns) / NS


def _now(domain: Domain, kpi: Kpi) -> Last:
    """What a tile looks back on.

    A ratio counts open windows too, so that an event is seen at once; a rate would be too low by them.
    """
    return Last(NOW_S) if isinstance(kpi.formula, Ratio) else recent(domain, kpi, NOW_S)


def _state(tile: Tile, domain: Domain, fresh: float | None) -> State | None:
    return state_of(tile.value, fresh or 0.0, bands(tile.kpi, domain.rules))


def _unseen(domain: Domain, firing: tuple[Firing, ...]) -> set[str]:
    """The KPIs that a rule could not see anywhere: what nobody can judge is not called well on its tile."""
    faults = {one.rule for one in firing if one.fault and not one.area and not one.zone}
    return {rule.kpi for rule in domain.rules if rule.name in faults}


def _states(places: Answer) -> dict[str, State]:
    return {line.tags["area"]: State(int(state)) for line in places if (state := line.last("state")) is not None}
