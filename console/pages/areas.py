"""`/areas`: the city's zones and areas, and how they stand; the way from the city down to a site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import html

from city.boards.questions import places_query
from city.standing import State
from console.elements import Words
from console.filters import chosen
from console.judged import judged
from console.marks import css, state_words
from console.numbers import NOTHING, number, place
from console.refresh import kept_fresh
from console.table import Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.geography import Zone
    from console.store import Line
    from console.view import View


async def areas_page(view: View) -> None:
    """The page; `?zone=` shows one zone's areas."""
    wanted = chosen(view)
    city = view.desk.catalogue.city
    path(view, zone=wanted.get("zone", ""))
    zones = [zone for zone in city.zones if wanted.get("zone", zone.slug) == zone.slug]
    columns = (
        Column("area", view.say("sources.area"), head=True),
        Column("kind", view.say("area.kind")),
        Column("zone", view.say("sources.zone")),
        Column("state", view.say("area.state")),
        Column("alerts", view.say("alerts.title"), "number"),
        Column("km2", "km²", "number"),
    )
    html.p(view.say("areas.about")).classes("quiet")
    old = not_judged(view)
    table = Table(
        view,
        view.say("areas.title"),
        columns,
        empty=view.say("map.none"),
        sort=("area", False),
        wanted=view.query.get("q", ""),
    )

    async def load() -> None:
        answer, is_old = await judged(view.desk.store, places_query)
        old.set_visibility(is_old)
        table.show(_rows(view, zones, answer))

    await kept_fresh(view, load, 10.0)


def not_judged(view: View) -> Words:
    """A line that says that nobody judges places any more; hidden at first."""
    line = Words("p", view.say("areas.not_judged"), "notice").props("role=status")
    line.set_visibility(False)
    return line


def path(view: View, *, zone: str = "", area: str = "", source: str = "") -> None:
    """City → zone → area → site, each a link but the last; what else is chosen is kept."""
    city = view.desk.catalogue.city
    kept = view.kept()
    steps = [(place(city, view.language), view.link("/areas", **kept))]
    if zone:
        steps.append(
            (
                view.say("area.named_zone", name=place(city, view.language, zone=zone)),
                view.link("/areas", zone=zone, **kept),
            )
        )
    if area:
        kind = city.units[area].kind
        name = view.say(f"area.named_{kind}", name=place(city, view.language, area))
        steps.append((name, view.link(f"/areas/{area}", **kept)))
    if source:
        steps.append((source, ""))
    with html.nav(**{"aria-label": view.say("area.path")}).classes("path"), html.ol():
        for number_, (words, href) in enumerate(steps, start=1):
            with html.li():
                if number_ == len(steps):
                    html.span(words, **{"aria-current": "page"})
                else:
                    html.a(words, href=href)


def _rows(view: View, zones: list[Zone], answer: tuple[Line, ...]) -> Iterator[tuple[str, dict[str, Cell]]]:
    city = view.desk.catalogue.city
    states = {line.tags["area"]: state for line in answer if (state := line.last("state")) is not None}
    firing = [one.area for one in view.desk.book.page().firing]
    for zone in zones:
        for unit in zone.units:
            state = State(int(states[unit.code])) if unit.code in states else None
            alerts = firing.count(unit.code)
            yield (
                unit.code,
                {
                    "area": Cell(
                        place(city, view.language, unit.code),
                        href=view.link(f"/areas/{unit.code}", **view.kept()),
                    ),
                    "kind": Cell(view.say(f"area.{unit.kind}")),
                    "zone": Cell(
                        place(city, view.language, zone=zone.slug),
                        href=view.link("/areas", zone=zone.slug, **view.kept()),
                    ),
                    "state": Cell(state_words(view, state), -1 if state is None else state.value, mark=css(state)),
                    "alerts": Cell(
                        number(alerts, view.language) if alerts else NOTHING,
                        alerts,
                        href=view.link("/alerts", area=unit.code) if alerts else "",
                    ),
                    "km2": Cell(number(unit.area_km2, view.language, 1), unit.area_km2),
                },
            )
