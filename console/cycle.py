"""Going round: a screen on the wall that shows the overview, then each domain's board, and begins again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nicegui import ui

if TYPE_CHECKING:
    from console.view import View

LEAST_S: Final = 10
MOST_S: Final = 3_600


def seconds(view: View) -> int:
    """How long each page is shown; 0 where nobody asked to go round, or this page is none of those."""
    asked = view.query.get("cycle", "")
    if not asked.isdecimal() or len(asked) > len(str(MOST_S)) or view.path not in ring(view):
        return 0
    return max(LEAST_S, min(MOST_S, int(asked)))


def ring(view: View) -> tuple[str, ...]:
    """The pages, in order."""
    return ("/wall", *(f"/boards/{domain.name}-{view.language}" for domain in view.desk.catalogue.domains))


def go_round(view: View) -> None:
    """Lead on to the next page in time; the server does it, so that none is left for one that cannot be had."""
    if length := seconds(view):
        pages = ring(view)
        following = view.link(pages[(pages.index(view.path) + 1) % len(pages)], cycle=str(length))
        ui.timer(length, lambda: ui.navigate.to(following), once=True)
