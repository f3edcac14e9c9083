"""What stands in a panel: a chart, figures, a table, places, words, alerts, or that there is nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, assert_never

from nicegui import html, ui

from city.instant import NS
from console.alerts.words import alert_value
from console.draw.pictures import Alerts, Chart, Figures, Nothing, Places, Table, Words
from console.marks import SEVERITY_SIGNS
from console.numbers import ago, place
from console.panels.colours import COLOURS
from console.panels.places import PlacesMap
from console.panels.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.draw.pictures import Picture
    from console.view import View


class Body:
    """The inside of a panel. Elements are kept as long as the kind of picture stays.

    Args:
        view: of the page.
        title: of the panel.
        address: a link of Grafana's → one of the console's.
    """

    def __init__(self, view: View, title: str, address: Callable[[str], str]) -> None:
        self._view = view
        self._title = title
        self._address = address
        self._root = html.div().classes("panel-body")
        self._kind: type[Picture] | None = None
        self._chart: ui.echart | None = None
        self._rows: Rows | None = None
        self._map: PlacesMap | None = None

    def show(self, picture: Picture) -> None:
        """Show this."""
        if type(picture) is not self._kind or not isinstance(picture, Chart | Table | Places):
            self._root.clear()
            self._chart, self._rows, self._map = None, None, None
        self._kind = type(picture)
        with self._root:
            self._show(picture)

    def _show(self, picture: Picture) -> None:
        match picture:
            case Chart(option):
                self._show_chart(option)
            case Table():
                self._rows = self._rows or Rows(self._view, self._title, self._address)
                self._rows.show(picture)
            case Places():
                self._map = self._map or PlacesMap(self._view, self._title)
                self._map.show(picture)
            case Figures():
                _figures(picture)
            case Words(markdown):
                _markdown(markdown)
            case Alerts(most):
                _alerts(self._view, self._title, most)
            case Nothing(text):
                html.p(text).classes("nothing")
            case never:
                assert_never(never)

    def _show_chart(self, option: dict[str, object]) -> None:
        if self._chart is None:
            self._chart = ui.echart({**option}).classes("chart")
            self._chart.props.update({"role": "img", "aria-label": self._title})
            return
        self._chart.options.clear()
        self._chart.options.update(option)
        self._chart.update()


def _figures(picture: Figures) -> None:
    """A list of terms and figures: the first is the largest."""
    with html.dl().classes("figures wide" if picture.wide else "figures"):
        for one in picture.figures:
            untold = "untold" if one.raw is None else ""
            with html.div().classes(f"figure said {COLOURS.get(one.colour, '')} {untold}"):
                if picture.labelled and one.label:
                    html.dt(one.label)
                html.dd(one.text)


def _markdown(text: str) -> None:
    """Words of the project's own runbooks; what they hold of HTML is not shown."""
    with html.div().classes("words").props("tabindex=0"):
        ui.markdown(text, sanitize=True)


def _alerts(view: View, title: str, most: int) -> None:
    city, now_ns = view.desk.catalogue.city, time.time_ns()
    page = view.desk.book.page()
    if page.overdue:
        html.p(view.say("boards.alerts_overdue")).classes("panel-trouble")
    firing = page.firing
    if not firing:
        html.p(view.say("wall.no_alerts")).classes("nothing")
        return
    region = {"role": "region", "tabindex": "0", "aria-label": title}
    with html.div(**region).classes("alert-list"), html.ol():
        for one in firing[:most]:
            with html.li().classes(f"said {one.severity}"):
                html.strong(f"{SEVERITY_SIGNS[one.severity]} {view.of(one.title)}")
                lasted = ago((now_ns - one.since_ns) / NS, view.language)
                html.span(
                    " · ".join(
                        filter(None, (place(city, view.language, one.area, one.zone), alert_value(view, one), lasted))
                    )
                )
