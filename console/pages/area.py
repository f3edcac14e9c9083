"""`/areas/<code>`: every domain of one ward or commune, beside its zone and the city, down to its sources."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from nicegui import html, ui

from city.boards.parts import local_kpis
from city.boards.questions import area_query
from city.influxql import Is, Last, kpi_query, recent, scope
from city.layout import NOW_S
from city.rollup import rolled
from city.standing import State
from console.filters import chosen
from console.judged import judged
from console.marks import css, state_words
from console.numbers import NOTHING, figure, number, place, target
from console.pages.alerts import alerts_table, rows
from console.pages.areas import not_judged, path
from console.pages.sources import of_sources, source_rows, sources_table
from console.refresh import kept_fresh
from console.spark import Spark
from console.store import LIVE
from console.table import Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from city.domain import Domain, Kpi
    from city.geography import Unit
    from console.store import Answer, Line
    from console.view import View

FRESH_S: Final = 9.0
SITE_SPAN: Final = Last(3 * 3_600)
SITE_STEP_S: Final = 300


async def area_page(view: View) -> None:
    """The page; `?domain=` shows one domain, `?source=` one site of the area."""
    unit = view.desk.catalogue.city.units.get(view.places.get("code", ""))
    if unit is None:
        html.h1(view.say("area.title"))
        html.p(view.say("area.unknown")).classes("empty")
        html.a(view.say("areas.title"), href=view.link("/areas"))
        return
    await _Area(view, unit).start()


class _Area:
    def __init__(self, view: View, unit: Unit) -> None:
        self._view, self._unit = view, unit
        city = view.desk.catalogue.city
        self._zone = city.zone_of[unit.code]
        self._zone_name = place(city, view.language, zone=self._zone)
        only = chosen(view).get("domain")
        self._domains = [domain for domain in view.desk.catalogue.domains if only in {None, domain.name}]
        self._source = view.query.get("source", "")
        self._way = html.div()
        with self._way:
            path(view, zone=self._zone, area=unit.code)
        name = view.say(f"area.named_{unit.kind}", name=place(city, view.language, unit.code))
        ui.page_title(name)
        html.h1(name)
        self._place = html.div()
        self._site: _Site | None = None
        html.h2(view.say("alerts.title"))
        self._alerts = alerts_table(view, view.say("area.no_alerts"))
        self._old = not_judged(view)
        self._tables = {domain.name: self._domain(domain) for domain in self._domains}
        html.h2(view.say("sources.each"))
        self._sources = sources_table(view)

    def _domain(self, domain: Domain) -> Table:
        view = self._view
        html.h2(view.of(domain.title))
        columns = (
            Column("kpi", view.say("area.kpi"), head=True),
            Column("here", view.say("area.here"), "number"),
            Column("state", view.say("area.state")),
            Column("zone", view.say("area.named_zone", name=self._zone_name), "number"),
            Column("city", view.say("area.city"), "number"),
            Column("target", view.say("alerts.target")),
            Column("week", view.say("area.change"), "number"),
        )
        return Table(view, view.of(domain.title), columns, empty=view.say("area.no_kpis"), tools=False)

    async def start(self) -> None:
        """Show it, and again every few seconds."""
        await kept_fresh(self._view, self._load, 10.0)

    async def _load(self) -> None:
        view, code = self._view, self._unit.code
        firing = tuple(one for one in view.desk.book.page().firing if one.area == code)
        self._alerts.show(rows(view, firing, time.time_ns()))
        (standings, is_old), heard, uncounted = await asyncio.gather(
            judged(view.desk.store, partial(area_query, code)), *of_sources(view, (Is("area", code),))
        )
        is_known = any(line.tags["source"] == self._source for line in heard)
        self._sources.show(source_rows(view, heard, uncounted, self._source if is_known else ""))
        if self._source:
            await self._show_site(is_known)
        self._old.set_visibility(is_old)
        known = {line.tags["kpi"]: line for line in standings}
        for domain in self._domains:
            await self._show(domain, known)

    async def _show_site(self, known: bool) -> None:  # noqa: FBT001 - what the store says
        """The site that the address names, once the store knows it: nothing else is asked for."""
        if self._site is None and known:
            for element in (self._way, self._place):
                element.clear()
            with self._way:
                path(self._view, zone=self._zone, area=self._unit.code, source=self._source)
            with self._place:
                self._site = _Site(self._view, self._unit, self._source)
        elif self._site is None and not self._place.default_slot.children:
            with self._place:
                html.p(self._view.say("area.unknown_source")).classes("notice")
        if self._site is not None:
            await self._site.load()

    async def _show(self, domain: Domain, known: Mapping[str, Line]) -> None:
        """A row for each KPI: here as it was judged last, around and in the city as it is."""
        kpis = local_kpis(domain)
        around = await asyncio.gather(*(self._around(domain, kpi) for kpi in kpis))
        self._tables[domain.name].show(
            (kpi.name, self._row(kpi, known.get(kpi.name), zone, city))
            for kpi, (zone, city) in zip(kpis, around, strict=True)
        )

    async def _around(self, domain: Domain, kpi: Kpi) -> tuple[float | None, float | None]:
        """The KPI in the zone and in the city; the same two questions whichever area is looked at."""
        now, ours = recent(domain, kpi, NOW_S), scope(domain, kpi)
        zones, city = await asyncio.gather(
            self._view.desk.store.ask(LIVE, kpi_query(kpi, now, by=("zone",), filters=ours), FRESH_S),
            self._view.desk.store.ask(LIVE, kpi_query(kpi, now, filters=ours), FRESH_S),
        )
        return _only([line for line in zones if line.tags["zone"] == self._zone]), _only(city)

    def _row(self, kpi: Kpi, here: Line | None, zone: float | None, city: float | None) -> dict[str, Cell]:
        view = self._view
        value, stated, change = (here.last(name) if here else None for name in ("value", "state", "change"))
        state = None if stated is None else State(int(stated))
        return {
            "kpi": Cell(view.of(kpi.title), href=view.link("/map", kpi=kpi.name)),
            "here": Cell(figure(kpi, value, view.language), value),
            "state": Cell(
                NOTHING if state is None else state_words(view, state), mark="" if state is None else css(state)
            ),
            "zone": Cell(figure(kpi, zone, view.language), zone),
            "city": Cell(figure(kpi, city, view.language), city),
            "target": Cell(target(kpi, view.language) or NOTHING),
            "week": Cell(NOTHING if change is None else f"{number(change, view.language, sign=True)} %", change),
        }


class _Site:
    """One site: the courses of the figures that its own series holds."""

    def __init__(self, view: View, unit: Unit, source: str) -> None:
        self._view, self._unit, self._source = view, unit, source
        self._kpis = [kpi for domain in view.desk.catalogue.domains for kpi in _of_sites(domain)]
        html.h3(view.say("area.site", source=source))
        self._list = html.div().classes("site")

    async def load(self) -> None:
        """Show the last three hours."""
        where = (Is("area", self._unit.code), Is("source", self._source))
        answers = await asyncio.gather(
            *(
                self._view.desk.store.ask(LIVE, kpi_query(kpi, SITE_SPAN, step=SITE_STEP_S, filters=where), FRESH_S * 3)
                for kpi in self._kpis
            )
        )
        self._list.clear()
        with self._list:
            for kpi, answer in zip(self._kpis, answers, strict=True):
                if answer and any(point["value"] is not None for point in answer[0].points):
                    self._course(kpi, answer)
            if not self._list.default_slot.children:
                html.p(self._view.say("area.no_course")).classes("quiet")

    def _course(self, kpi: Kpi, answer: Answer) -> None:
        view = self._view
        with html.figure():
            html.figcaption(f"{view.of(kpi.title)}: {figure(kpi, answer[0].last('value'), view.language)}")
            Spark(view.say("wall.course", kpi=view.of(kpi.title))).show([point["value"] for point in answer[0].points])


def _of_sites(domain: Domain) -> Iterator[Kpi]:
    """The domain's KPIs over those of its series that tell sites apart and keep what the KPI needs."""
    for series in domain.series:
        if any(tag.name == "source" for tag in series.tags):
            for kpi in local_kpis(domain):
                if needs(kpi) <= set(series.field_names):
                    yield rolled(kpi, series.name)


def needs(kpi: Kpi) -> set[str]:
    """The fields that a KPI is computed from."""
    return {getattr(kpi.formula, name) for name in ("numerator", "denominator", "field") if hasattr(kpi.formula, name)}


def _only(answer: Sequence[Line]) -> float | None:
    return answer[0].last("value") if answer else None
