"""`/alerts`: what fires, since when, with its value, and what to do about it."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from nicegui import html, ui

from console.alerts.words import alert_summary, alert_target, alert_title, alert_value
from console.elements import Words
from console.filters import chosen
from console.marks import SEVERITY_SIGNS
from console.numbers import NOTHING, ago, clock, place
from console.table import Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console.alerts.book import Page
    from console.alerts.firing import Firing
    from console.view import View

EVERY_S: Final = 3.0


def alerts_page(view: View) -> None:
    """The page; `?domain=` and `?area=` show a part of it."""
    html.p(view.say("alerts.about")).classes("quiet")
    told = Words("p").props("role=status")
    table = alerts_table(view, view.say("alerts.none"), view.query.get("q", ""))
    wanted = chosen(view)

    def show() -> None:
        page, now_ns = view.desk.book.page(), time.time_ns()
        told.say(_told(view, page, now_ns), "notice" if page.overdue else "quiet")
        shown = tuple(one for one in page.firing if wanted.items() <= asdict(one).items())
        table.show(rows(view, shown, now_ns))

    show()
    ui.timer(EVERY_S, show, immediate=False)


def alerts_table(view: View, empty: str, wanted: str = "") -> Table:
    """The table of what fires, the worst first."""
    columns = (
        Column("severity", view.say("alerts.severity")),
        Column("title", view.say("alerts.alert"), head=True),
        Column("place", view.say("alerts.place")),
        Column("domain", view.say("alerts.domain")),
        Column("since", view.say("alerts.since")),
        Column("value", view.say("alerts.value"), "number"),
        Column("target", view.say("alerts.target")),
        Column("summary", view.say("alerts.summary")),
        Column("runbook", view.say("alerts.runbook")),
    )
    return Table(view, view.say("alerts.title"), columns, empty=empty, wanted=wanted)


def rows(view: View, firing: tuple[Firing, ...], now_ns: int) -> Iterator[tuple[str, dict[str, Cell]]]:
    """A row for each alert."""
    city, domains, kept = view.desk.catalogue.city, view.desk.catalogue.by_name, view.kept()
    for number, one in enumerate(firing):
        domain = domains.get(one.domain)
        since = f"{clock(one.since_ns, city, now_ns)} ({ago((now_ns - one.since_ns) / 1e9, view.language)})"
        severity = f"{SEVERITY_SIGNS[one.severity]} {view.say(f'severity.{one.severity}')}"
        runbook = view.board(one.runbook)
        yield (
            one.fingerprint,
            {
                "severity": Cell(severity, number, mark=one.severity),
                "title": Cell(alert_title(view, one)),
                "place": Cell(
                    place(city, view.language, one.area, one.zone),
                    href=view.link(f"/areas/{one.area}", **kept)
                    if one.area
                    else view.link("/areas", zone=one.zone, **kept),
                ),
                "domain": Cell(
                    view.of(view.desk.domain_title(one.domain)),
                    href=view.link(f"/boards/{domain.name}-{view.language}") if domain else "",
                ),
                "since": Cell(since, -one.since_ns / 1e9),
                "value": Cell(alert_value(view, one) or NOTHING),
                "target": Cell(alert_target(view, one) or NOTHING),
                "summary": Cell(alert_summary(view, one)),
                "runbook": Cell(view.say("alerts.what_to_do") if runbook else NOTHING, href=runbook),
            },
        )


def _told(view: View, page: Page, now_ns: int) -> str:
    city = view.desk.catalogue.city
    if not page.told_ns:
        return view.say("wall.never_judged").capitalize() if page.overdue else view.say("alerts.posted")
    at = clock(page.told_ns, city, now_ns)
    return view.say("alerts.overdue" if page.overdue else "alerts.judged", at=at)
