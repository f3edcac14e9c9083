"""`/sources`: every known source, how fresh it is, and what of its records was not counted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from nicegui import html

from city.boards.questions import UNCOUNTED, counted_query, heard_query, uncounted_query
from city.influxql import Last
from console.filters import filters
from console.marks import SOURCE_STATES
from console.numbers import NOTHING, ago, clock, number, place
from console.refresh import kept_fresh
from console.store import LIVE
from console.table import Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Iterator

    from city.influxql import Filter
    from console.store import Answer, Line
    from console.view import View

FRESH_S: Final = 15.0
EVERY_S: Final = 20.0
COUNTED: Final = ("in", "late", "duplicate", "unusable", "unattributed")
COUNTED_SPAN: Final = Last(3_600)
UNCOUNTED_FRESH_S: Final = 60.0
"""An hour of every source is read for it, and an hour's sum changes slowly."""


async def sources_page(view: View) -> None:
    """The page; `?domain=`, `?zone=` and `?area=` show a part of it."""
    html.p(view.say("sources.about")).classes("quiet")
    html.h2(view.say("sources.counted"))
    counts = Table(
        view, view.say("sources.counted"), _counted_columns(view), empty=view.say("sources.none_counted"), tools=False
    )
    html.h2(view.say("sources.each"))
    table = sources_table(view, wanted=view.query.get("q", ""))

    async def load() -> None:
        heard, uncounted, counted = await asyncio.gather(
            *of_sources(view, filters(view)),
            view.desk.store.ask(LIVE, counted_query(COUNTED, COUNTED_SPAN), FRESH_S),
        )
        counts.show(_counted_rows(view, heard, counted))
        table.show(source_rows(view, heard, uncounted))

    await kept_fresh(view, load, EVERY_S)


def of_sources(view: View, chosen: Iterable[Filter]) -> tuple[Awaitable[Answer], Awaitable[Answer]]:
    """What a table of sources is made of: how each is, and what of its records was not counted."""
    only, store = tuple(chosen), view.desk.store
    return (
        store.ask(LIVE, heard_query(only), FRESH_S),
        store.ask(LIVE, uncounted_query(only, COUNTED_SPAN), UNCOUNTED_FRESH_S),
    )


def sources_table(view: View, *, wanted: str = "") -> Table:
    """The table of sources, the worst first."""
    columns = (
        Column("source", view.say("sources.source"), head=True),
        Column("state", view.say("sources.state")),
        Column("age", view.say("sources.age"), "number"),
        Column("last", view.say("sources.last")),
        *(Column(name, view.say(f"sources.{name}"), "number") for name in UNCOUNTED),
        Column("domain", view.say("sources.domain")),
        Column("area", view.say("sources.area")),
        Column("zone", view.say("sources.zone")),
    )
    return Table(
        view, view.say("sources.each"), columns, empty=view.say("sources.none"), sort=("state", True), wanted=wanted
    )


def source_rows(
    view: View, heard: Iterable[Line], uncounted: Iterable[Line], only: str = ""
) -> Iterator[tuple[str, dict[str, Cell]]]:
    """A row for each source, or for the one that is named."""
    city = view.desk.catalogue.city
    left_out = {_which(line): line for line in uncounted}
    for line in heard:
        tags, age = line.tags, line.last("age_s")
        if only not in {"", tags["source"]}:
            continue
        state = int(line.last("state") or 0)
        of_it = left_out.get(_which(line))
        last_ms = line.last("last_event")
        area = tags["area"]
        now_ns = int(((last_ms or 0) / 1000 + (age or 0)) * 1e9)
        yield (
            f"{tags['domain']} {tags['source']}",
            {
                "source": Cell(
                    tags["source"],
                    href=view.link(f"/areas/{area}", source=tags["source"], **view.kept())
                    if area in city.units
                    else "",
                ),
                "state": Cell(
                    view.say(f"source.{min(max(state, 0), 3)}"), state, mark=SOURCE_STATES.get(state, "alarm")
                ),
                "age": Cell(ago(age, view.language) if age is not None else NOTHING, age),
                "last": Cell(clock(int(last_ms * 1e6), city, now_ns) if last_ms else NOTHING, last_ms),
                **{name: _count(view, of_it.last(name) if of_it else None) for name in UNCOUNTED},
                "domain": Cell(view.of(view.desk.domain_title(tags["domain"]))),
                "area": Cell(
                    place(city, view.language, area),
                    href=view.link(f"/areas/{area}", **view.kept()) if area in city.units else "",
                ),
                "zone": Cell(
                    place(city, view.language, zone=tags["zone"]),
                    href=view.link("/areas", zone=tags["zone"], **view.kept()),
                ),
            },
        )


def _which(line: Line) -> tuple[str, ...]:
    return tuple(line.tags[tag] for tag in ("domain", "source", "area"))


def _count(view: View, value: float | None) -> Cell:
    """A number of records; a dash where nothing says one, which is not the same as none."""
    return Cell(number(value, view.language), value)


def _counted_columns(view: View) -> tuple[Column, ...]:
    return (
        Column("domain", view.say("sources.domain"), head=True),
        *(Column(f"state{state}", view.say(f"source.{state}"), "number") for state in range(4)),
        *(Column(name, view.say(f"sources.{name}"), "number") for name in COUNTED),
    )


def _counted_rows(view: View, heard: Iterable[Line], counted: Iterable[Line]) -> Iterator[tuple[str, dict[str, Cell]]]:
    states = [(line.tags["domain"], int(line.last("state") or 0)) for line in heard]
    lines = [*counted]
    for name, domain in view.desk.catalogue.by_name.items():
        known = [state for of, state in states if of == name]
        sums = {field: sum(line.last(field) or 0 for line in lines if line.tags["domain"] == name) for field in COUNTED}
        cells = {"domain": Cell(view.of(domain.title), href=view.link("/sources", domain=name))}
        for state in range(4):
            count = known.count(state) if states else None  # nobody reports: that none is silent is not known then
            mark = SOURCE_STATES[state] if state and count else ""
            cells[f"state{state}"] = Cell(number(count, view.language), count, mark=mark)
        cells |= {field: Cell(number(value, view.language), value) for field, value in sums.items()}
        yield name, cells
