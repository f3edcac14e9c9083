"""`/map`: every area coloured by a KPI, now or at an earlier moment; a click leads to the area."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from nicegui import html, ui

from city.boards.parts import local_kpis
from city.boards.questions import places_query, standing_query
from city.influxql import Between
from city.instant import NS
from city.standing import State
from console.elements import Words
from console.judged import judged
from console.map.picture import Cells, Shown, inner_box
from console.map.scale import Scale, scale_of
from console.marks import css, state_words
from console.numbers import clock, figure, number, place
from console.pages.areas import not_judged
from console.refresh import kept_fresh
from console.store import LIVE
from console.table import Cell, Column, Table

if TYPE_CHECKING:
    from city.domain import Kpi
    from console.store import Answer, Line
    from console.view import View

STEP_S: Final = 300
BACK: Final = 144
"""The slider goes back so many steps: twelve hours."""
ROUND_S: Final = 150
FRESH_S: Final = 9.0


async def map_page(view: View) -> None:
    """The page; `?kpi=`, `?part=inner` and `?back=` (minutes) say what is shown."""
    await _Map(view).start()


@dataclass(frozen=True, slots=True)
class _Standing:
    """How one place stands in what is shown."""

    value: float | None
    state: State | None


class _Map:
    def __init__(self, view: View) -> None:
        self._view = view
        kpis = {kpi.name: kpi for domain in view.desk.catalogue.domains for kpi in local_kpis(domain)}
        self._kpi: Kpi | None = kpis.get(view.query.get("kpi", ""))
        self._inner = view.query.get("part") == "inner"
        back = view.query.get("back", "")
        self._back = min(int(back), BACK * STEP_S // 60) if back.isdecimal() and len(back) < 6 else 0
        self._choices()
        self._old = not_judged(view)
        name = view.of(self._kpi.title) if self._kpi else view.say("map.worst")
        ground = view.desk.ground
        with html.div().classes("map"):
            self._cells = Cells(ground, f"{view.say('map.title')}: {name}", inner_box(ground) if self._inner else None)
            with html.div().classes("map-side"):
                html.h2(name)
                self._legend = html.ul().classes("legend")
                self._when = Words("p", classes="quiet").props("role=status")
        self._table = Table(
            view,
            view.say("map.table"),
            (
                Column("area", view.say("sources.area"), head=True),
                Column("zone", view.say("sources.zone")),
                Column("value", name, "number"),
                Column("state", view.say("area.state")),
            ),
            empty=view.say("map.none"),
            sort=("state", True),
        )

    async def start(self) -> None:
        """Show it, and again every few seconds while it shows now."""
        await kept_fresh(self._view, self._load, 10.0)

    def _choices(self) -> None:
        """A form that works without a script, and a slider that does not wait for it."""
        view = self._view
        with html.form(action=view.link("/map"), method="get").classes("choose"):
            with html.label():
                html.span(view.say("map.colour"))
                with html.select(name="kpi"):
                    _option("", view.say("map.worst"), chosen=self._kpi is None)
                    for domain in view.desk.catalogue.domains:
                        with html.optgroup(label=view.of(domain.title)):
                            for kpi in local_kpis(domain):
                                _option(kpi.name, view.of(kpi.title), chosen=kpi is self._kpi)
            with html.label():
                html.span(view.say("map.part"))
                with html.select(name="part"):
                    _option("", view.say("map.whole"), chosen=not self._inner)
                    _option("inner", view.say("map.inner"), chosen=self._inner)
            self._kept = html.input_(type="hidden", name="back", value=str(self._back))
            html.button(view.say("map.show"), type="submit").classes("plain")
        with html.label().classes("slider"):
            html.span(view.say("map.time"))
            slider = html.input_(
                type="range", min=-BACK, max=0, step=1, value=-(self._back * 60 // STEP_S), **{"aria-valuetext": ""}
            )
            self._slider_text = Words("output")
        slider.on("input", self._move, js_handler="(event) => emit(event.target.value)", throttle=0.2)
        self._tell_slider()

    async def _move(self, event: Any) -> None:
        steps = event.args if isinstance(event.args, int | float | str) else 0
        self._back = max(0, min(BACK, -int(float(steps)))) * STEP_S // 60
        self._tell_slider()
        self._kept.props["value"] = str(self._back)
        self._kept.update()
        ui.navigate.history.replace(self._address())
        await self._load()

    def _address(self) -> str:
        """This page as it is seen now: what is copied, reloaded or read in the other language shows the same."""
        chosen = {"kpi": self._kpi.name if self._kpi else "", "part": "inner" if self._inner else ""}
        return self._view.link("/map", **chosen, back=str(self._back) if self._back else "")

    def _tell_slider(self) -> None:
        view = self._view
        self._slider_text.say(view.say("map.back", minutes=self._back) if self._back else view.say("map.now"))

    async def _load(self) -> None:
        view, kpi = self._view, self._kpi
        query = partial(standing_query, kpi.name) if kpi else places_query
        at_ns, is_old = time.time_ns(), False
        if self._back:
            at_ns = (at_ns - self._back * 60 * NS) // (STEP_S * NS) * STEP_S * NS
            answer = await view.desk.store.ask(LIVE, query(Between(at_ns - ROUND_S * NS, at_ns)), FRESH_S)
        else:
            answer, is_old = await judged(view.desk.store, query)
        self._old.set_visibility(is_old)
        self._show(answer, at_ns, is_old=is_old)

    def _show(self, answer: Answer, at_ns: int, *, is_old: bool) -> None:
        view, city = self._view, self._view.desk.catalogue.city
        found = {line.tags["area"]: _standing(line) for line in answer}
        scale = None if any(one.state is not None for one in found.values()) else scale_of(found.values(), self._kpi)
        shown = {code: self._shown(code, found.get(code), scale) for code in city.units}
        self._cells.show({code: replace(one, stale=one.stale or is_old) for code, one in shown.items()})
        self._legend_of(found, scale)
        self._when.say(view.say("map.at", at=clock(at_ns, city, time.time_ns())))
        zones = {unit.code: zone.slug for zone in city.zones for unit in zone.units}
        self._table.show(
            (
                code,
                {
                    "area": Cell(place(city, view.language, code), href=self._link(code)),
                    "zone": Cell(
                        place(city, view.language, zone=zones[code]),
                        href=view.link("/areas", zone=zones[code], kpi=self._kpi.name if self._kpi else ""),
                    ),
                    "value": Cell(figure(self._kpi, one.value, view.language), one.value) if self._kpi else Cell(""),
                    "state": Cell(
                        state_words(view, one.state), -1 if one.state is None else one.state.value, mark=css(one.state)
                    ),
                },
            )
            for code, one in found.items()
            if code in city.units
        )

    def _shown(self, code: str, one: _Standing | None, scale: Scale | None) -> Shown:
        view = self._view
        name = place(view.desk.catalogue.city, view.language, code)
        if one is None or (self._kpi and one.value is None and one.state is None):
            return Shown("none", f"{name}: {view.say('state.none')}", href=self._link(code), stale=True)
        value = figure(self._kpi, one.value, view.language) if self._kpi else ""
        words = [part for part in (value, state_words(view, one.state) if one.state is not None else "") if part]
        short = (
            number(one.value, view.language, min(self._kpi.decimals, 1)) if self._kpi and one.value is not None else ""
        )
        return Shown(
            state=css(one.state) if scale is None else "plain",
            label=f"{name}: {', '.join(words)}",
            text=short,
            href=self._link(code),
            fill=scale.colour(one.value) if scale else "",
            stale=one.state is State.BLIND,
        )

    def _link(self, code: str) -> str:
        return self._view.link(f"/areas/{code}", kpi=self._kpi.name if self._kpi else "")

    def _legend_of(self, found: dict[str, _Standing], scale: Scale | None) -> None:
        view = self._view
        self._legend.clear()
        with self._legend:
            if scale is None:
                for state in sorted(State, reverse=True):
                    count = sum(one.state is state for one in found.values())
                    html.li(f"{state_words(view, state)}: {count}").classes(f"key {css(state)}")
                if unknown := len(view.desk.catalogue.city.units) - len(found):
                    html.li(f"{state_words(view, None)}: {unknown}").classes(f"key {css(None)}")
            else:
                for colour, low, high in scale.steps:
                    with html.li().classes("step"):
                        html.span().classes("swatch").style(f"background: {colour}")
                        html.span(" – ".join(number(end, view.language, scale.decimals) for end in (low, high)))
            html.li(view.say("map.faded")).classes("quiet")


def _standing(line: Line) -> _Standing:
    state = line.last("state")
    return _Standing(line.last("value"), None if state is None else State(int(state)))


def _option(value: str, text: str, *, chosen: bool) -> None:
    html.option(text, value=value, **({"selected": True} if chosen else {}))
