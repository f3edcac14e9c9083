"""How places stand now: each KPI in each area against its bands, its sources and last week; the worst of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city.bands import bands
from city.influxql import Around, fresh_query, kpi_query, recent, scope, speakers
from city.layout import NOW_S, SOURCES_SPAN
from city.rollup import QUARTER, finest, rolled
from city.standing import EVERY_S, PLACES, STANDINGS, State, change_percent, state_of
from stream_app.core.lineprotocol import escape
from summary.store import LIVE, ROLLUP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.catalogue import Catalogue
    from city.domain import Domain, Kpi, Series
    from city.geography import City
    from summary.store import Port

_HOUR_S: Final = 3_600
_PLACE: Final = ("area", "zone")
Place = tuple[str, str]
"""Area and zone."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How one KPI of a place stands; `state` is None where nothing says what is good."""

    domain: str
    kpi: str
    place: Place
    state: State | None
    value: float | None
    week: float | None


def findings(store: Port, catalogue: Catalogue) -> Iterator[Finding]:
    """Every KPI of every place that is known to observe it.

    Raises:
        CityopsError: the store does not answer.
    """
    for domain in catalogue.domains:
        for series in domain.series:
            if not series.citywide:
                for kpi in domain.kpis:
                    if kpi.measurement == series.name:
                        yield from _of_kpi(store, domain, series, kpi)


def _of_kpi(store: Port, domain: Domain, series: Series, kpi: Kpi) -> Iterator[Finding]:
    now = kpi_query(kpi, recent(domain, kpi, NOW_S), by=_PLACE, filters=scope(domain, kpi))
    past = rolled(kpi, finest(series, QUARTER).week_later(series.name))
    values, weeks = (
        _by_place(store, LIVE, now, "value"),
        _by_place(store, ROLLUP, kpi_query(past, Around(_HOUR_S), by=_PLACE), "value"),
    )
    heard = fresh_query(domain, SOURCES_SPAN, by=_PLACE, filters=speakers(domain, kpi))
    known = bands(kpi, domain.rules)
    for place, fresh in _by_place(store, LIVE, heard, "fresh").items():
        value = values.get(place)
        yield Finding(domain.name, kpi.name, place, state_of(value, fresh, known), value, weeks.get(place))


def _by_place(store: Port, bucket: str, query: str, column: str) -> dict[Place, float]:
    return {
        (row.tags["area"], row.tags["zone"]): row.values[column]
        for row in store.rows(bucket, query)
        if column in row.values
    }


def lines(found: list[Finding], city: City, now_s: int) -> list[str]:
    """The points of `standings` and `places`, all stamped with the round's begin."""
    stamp = now_s // EVERY_S * EVERY_S
    written = [line for one in found if (line := _standing(one, stamp))]
    worst: dict[Place, State] = {}
    for one in found:
        if one.state is not None:
            worst[one.place] = max(one.state, worst.get(one.place, State.GOOD))
    return written + [_place(place, state, city, stamp) for place, state in worst.items() if place[0] in city.units]


def _standing(one: Finding, stamp: int) -> str:
    change = None if one.state is State.BLIND else change_percent(one.value, one.week)
    fields = {"value": one.value, "week": one.week, "change": change}
    fields["unusual"] = None if change is None else abs(change)
    parts = [f"{field}={float(value)!r}" for field, value in fields.items() if value is not None]
    parts += [] if one.state is None else [f"state={one.state.value}i"]
    area, zone = one.place
    tags = f"area={area},domain={one.domain},kpi={one.kpi},zone={escape(zone)}"
    return f"{STANDINGS},{tags} {','.join(parts)} {stamp}" if parts else ""


def _place(place: Place, state: State, city: City, stamp: int) -> str:
    unit = city.units[place[0]]
    flags = ",".join(f"{one.name.lower()}={float(one is state)}" for one in State)
    where = f"latitude={unit.latitude},longitude={unit.longitude}"
    return f"{PLACES},area={place[0]},zone={escape(place[1])} state={state.value}i,{flags},{where} {stamp}"
