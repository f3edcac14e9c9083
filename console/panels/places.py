"""Areas on a map: the whole city, its inner part beside it, and what the patterns mean."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from nicegui import html

from console.map.picture import Cells, Shown, inner_box
from console.numbers import place
from console.panels.colours import COLOURS

if TYPE_CHECKING:
    from console.draw.pictures import Places
    from console.view import View


class PlacesMap:
    """A map that leads to each area's board.

    Args:
        view: of the page.
        title: what a screen reader calls it.
    """

    def __init__(self, view: View, title: str) -> None:
        self._view = view
        ground = view.desk.ground
        with html.div().classes("panel-maps"):
            self._maps = (Cells(ground, title), Cells(ground, view.say("map.inner"), inner_box(ground)))
            self._legend = html.ul()

    def show(self, picture: Places) -> None:
        """Show how each place stands."""
        view, city = self._view, self._view.desk.catalogue.city
        shown = {
            code: Shown(
                state=COLOURS.get(one.colour, "none"),
                label=f"{place(city, view.language, code)}: {one.text}",
                href=view.link("/boards/area", **{"var-area": code}),
            )
            for code, one in picture.places.items()
        }
        for each in self._maps:
            each.show(shown)
        self._legend.clear()
        counted = Counter((one.text, COLOURS.get(one.colour, "none")) for one in picture.places.values())
        with self._legend:
            for (text, state), number in sorted(counted.items()):
                html.li(f"{text}: {number}").classes(f"said {state}")
