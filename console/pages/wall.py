"""`/wall`: the city on a screen that nobody sits at. It asks for nothing and heals by itself."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Final

from nicegui import html, ui

from city.boards.parts import main_kpis
from city.instant import NS
from city.standing import State
from console.alerts.words import alert_title, alert_value
from console.elements import Words
from console.map.picture import Cells, Shown, inner_box
from console.marks import SEVERITY_SIGNS, SIGNS, css, state_words
from console.numbers import ago, clock, local, number, place, target, unit
from console.spark import Spark
from console.wall.sentence import sentence

if TYPE_CHECKING:
    from console.alerts.firing import Firing
    from console.view import View
    from console.wall.situation import DomainNow, Situation, Tile

EVERY_S: Final = 1.0
MOST_ALERTS: Final = 4
MOST_PLACES: Final = 4
STEADY_PERCENT: Final = 3.0
SIZES: Final = ((150, "longer"), (80, "long"))
"""Characters from which the sentence is set smaller: it stays on two lines, a very long one on three."""


async def wall_page(view: View) -> None:
    """The page."""
    wall = _Wall(view)
    await wall.refresh()
    ui.timer(EVERY_S, wall.refresh, immediate=False)


class _Wall:
    """The elements of one wall, filled anew whenever the situation is another."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._seen: Situation | None = None
        with html.div().classes("wall"):
            with html.header().classes("wall-top"):
                self._sentence = Words("h1", classes="wall-sentence").props("aria-live=polite")
                with html.div().classes("wall-clock"):
                    self._time = Words("span", classes="wall-time")
                    self._date = Words("span", classes="wall-date")
            with html.div().classes("wall-body"):
                with html.div().classes("wall-column"):
                    self._tiles = [_DomainTiles(view, name) for name in view.desk.catalogue.by_name]
                with html.div().classes("wall-column"):
                    self._map = _WallMap(view)
                    self._alerts = _WallAlerts(view)

    async def refresh(self) -> None:
        """Show how the city is now."""
        city, view = self._view.desk.catalogue.city, self._view
        now = local(time.time_ns(), city)
        self._time.say(f"{now:%H:%M}")
        self._date.say(f"{view.say(f'time.weekday_{now.weekday()}')}, {now:%d/%m/%Y}")
        situation = await view.desk.watch.now()
        if situation is self._seen:
            return
        self._seen = situation
        level, words = sentence(situation, city, view.language)
        size = next((size for least, size in SIZES if len(words) >= least), "")
        self._sentence.say(f"{SIGNS[level]} {words}", f"wall-sentence {css(level)} {size}")
        by_name = {one.domain.name: one for one in situation.domains}
        for tiles in self._tiles:
            tiles.show(by_name.get(tiles.name), away=bool(situation.away_ns))
        self._map.show(situation)
        self._alerts.show(situation)


class _DomainTiles:
    """A domain's row: its name, how many of its sources speak, its main figures."""

    def __init__(self, view: View, name: str) -> None:
        self.name = name
        self._view = view
        domain = view.desk.catalogue.domain(name)
        with html.section().classes("wall-domain") as self._root:
            with html.div().classes("wall-domain-head"):
                html.h2(view.of(domain.title))
                self._fresh = Words("span", classes="wall-fresh")
            with html.div().classes("wall-tiles"):
                self._tiles = [_TileBox(view, view.of(kpi.title)) for kpi in main_kpis(domain)]

    def show(self, now: DomainNow | None, *, away: bool) -> None:
        """Show the domain as it is; None before anything is known."""
        self._root.classes(add="old" if away else "", remove="" if away else "old")
        if now is None:
            return
        if now.fresh is None:
            words = f"{SIGNS[State.BLIND]} {self._view.say('wall.no_fresh')}"
        else:
            share = number(now.fresh * 100, self._view.language)
            words = f"{SIGNS[State.BLIND] if now.blind else '●'} {self._view.say('wall.fresh', share=share)}"
        self._fresh.say(words, f"wall-fresh {'blind' if now.blind else ''}")
        for box, tile in zip(self._tiles, now.tiles, strict=True):
            box.show(tile)


class _TileBox:
    """One figure: value, how it stands, target, which way it goes."""

    def __init__(self, view: View, title: str) -> None:
        self._view = view
        with html.article().classes("wall-tile") as self._root:
            html.h3(title)
            with html.div().classes("wall-value"):
                self._value = Words("span")
                self._unit = Words("span", classes="wall-unit")
            self._state = Words("div", classes="wall-state")
            self._target = Words("div", classes="wall-target")
            self._trend = Words("div", classes="wall-trend")
            with html.div().classes("wall-spark"):
                self._spark = Spark(view.say("wall.course", kpi=title))

    def show(self, tile: Tile) -> None:
        """Show the figure."""
        view = self._view
        self._value.say(number(tile.value, view.language, tile.kpi.decimals))
        self._unit.say(unit(tile.kpi, view.language))
        self._state.say(state_words(view, tile.state) if tile.state is not None else "")
        goal = target(tile.kpi, view.language)
        self._target.say(view.say("wall.target", target=goal) if goal else view.say("wall.no_target"))
        self._trend.say(_trend(view, tile.trend))
        self._root.classes(replace=f"wall-tile {css(tile.state)}")
        self._spark.show(tile.course)


class _WallMap:
    """The whole city, and beside it the part where areas lie close together, larger."""

    def __init__(self, view: View) -> None:
        self._view = view
        ground = view.desk.ground
        with html.section().classes("wall-map"):
            html.h2(view.say("wall.map_title"))
            with html.div().classes("wall-maps"):
                self._whole = Cells(ground, view.say("wall.map_title"))
                self._inner = Cells(ground, view.say("map.inner"), inner_box(ground))
            self._legend = html.ul().classes("wall-legend")

    def show(self, now: Situation) -> None:
        """Colour each place."""
        view, city = self._view, self._view.desk.catalogue.city
        shown = {
            code: Shown(
                state=css(state := now.places.get(code)),
                label=f"{place(city, view.language, code)}: {state_words(view, state)}",
                stale=now.places_old or bool(now.away_ns),
            )
            for code in city.units
        }
        self._whole.show(shown)
        self._inner.show(shown)
        self._legend.clear()
        with self._legend:
            for state in sorted(State, reverse=True):
                count = sum(one is state for one in now.places.values())
                html.li(f"{state_words(view, state)}: {count}").classes(f"key {css(state)}")
            if unknown := len(city.units) - len(now.places.keys() & city.units.keys()):
                html.li(f"{state_words(view, None)}: {unknown}").classes(f"key {css(None)}")


class _WallAlerts:
    """What fires, the worst first: one line for each rule, with its places."""

    def __init__(self, view: View) -> None:
        self._view = view
        with html.section().classes("wall-alerts"):
            html.h2(view.say("wall.alerts_title"))
            self._list = html.ol()

    def show(self, now: Situation) -> None:
        """Show the first of them."""
        view = self._view
        rules: dict[tuple[str, bool], list[Firing]] = {}
        for one in now.alerts.firing if now.alerts else ():
            rules.setdefault((one.rule, one.fault), []).append(one)
        groups = [*rules.values()]
        self._list.clear()
        with self._list:
            if not groups:
                html.li(view.say("wall.no_alerts")).classes("quiet")
            for group in groups[:MOST_ALERTS]:
                _alert(view, group, now.at_ns)
            if more := sum(map(len, groups[MOST_ALERTS:])):
                html.li(view.say("wall.more_alerts", n=more)).classes("quiet")


def _alert(view: View, group: list[Firing], now_ns: int) -> None:
    city, first = view.desk.catalogue.city, group[0]
    places = Counter(place(city, view.language, one.area, one.zone) for one in group)
    named = [f"{name} ({count})" if count > 1 else name for name, count in places.items()]
    shown = ", ".join(named[:MOST_PLACES])
    if len(named) > MOST_PLACES:
        shown = view.say("wall.and_more", places=shown, n=len(named) - MOST_PLACES)
    since_ns = min(one.since_ns for one in group)
    lasted = view.say(
        "wall.for", since=clock(since_ns, city, now_ns), time=ago((now_ns - since_ns) / NS, view.language)
    )
    with html.li().classes(f"wall-alert {first.severity}"):
        html.span(f"{SEVERITY_SIGNS[first.severity]} {alert_title(view, first)}").classes("wall-alert-title")
        html.span(alert_value(view, first) if len(group) == 1 else "").classes("wall-alert-value")
        html.span(shown).classes("wall-alert-places")
        html.span(lasted).classes("wall-alert-since")


def _trend(view: View, percent: float | None) -> str:
    if percent is None:
        return view.say("wall.no_trend")
    if abs(percent) < STEADY_PERCENT:
        return view.say("wall.steady")
    return view.say("wall.rising" if percent > 0 else "wall.falling", percent=number(abs(percent), view.language))
