"""The map of places, and the list of what fires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard, geomap
from grafana_foundation_sdk.models.common import FrameGeometrySourceMode
from grafana_foundation_sdk.models.geomap import TooltipMode

from city.boards.questions import map_query
from city.standing import State
from dashboards import style, words
from dashboards.influx import InfluxQL, lettered

if TYPE_CHECKING:
    from dashboards.sheet import Sheet

SHAPES: Final = {State.GOOD: "circle", State.ATTENTION: "triangle", State.BLIND: "square", State.ALARM: "x-mark"}
"""Each state has its own shape: colour only repeats it. The worst is drawn last, on top, and largest."""

_SIZES: Final = {State.GOOD: 4, State.ATTENTION: 7, State.BLIND: 7, State.ALARM: 9}
_ZOOM: Final = 9
"""At which a city of a hundred kilometres fills the panel."""


def places(sheet: Sheet) -> geomap.Panel:
    """A point for each place, coloured and shaped by its state."""
    units = list(sheet.city.units.values())
    view = geomap.MapViewConfig().id("coords").zoom(_ZOOM)
    view.lat(_middle([unit.latitude for unit in units]))  # type: ignore[arg-type]  # the SDK takes degrees for integers
    view.lon(_middle([unit.longitude for unit in units]))  # type: ignore[arg-type]  # the same
    drawn = geomap.Panel().unit("none").thresholds(style.steps(()))
    drawn.override_by_name("area", sheet.place("area"))
    drawn.override_by_name("zone", sheet.place("zone"))
    shown = style.properties(displayName=sheet.say(words.STATE), mappings=style.place_states(sheet.language))
    drawn.override_by_name("state", shown)
    drawn.view(view).basemap(common_builders.MapLayerOptions().type("default").name("basemap"))
    queries = lettered([InfluxQL(map_query(state), form="table") for state in State])
    layers = zip(State, queries, strict=True)
    drawn.layers([_layer(sheet, state, query.ref) for state, query in layers])
    drawn.tooltip(geomap.TooltipOptions().mode(TooltipMode.DETAILS))
    return drawn.targets(list(queries))


def _middle(values: list[float]) -> float:
    return round((min(values) + max(values)) / 2, 3)


def _layer(sheet: Sheet, state: State, ref: str) -> common_builders.MapLayerOptions:
    """The places of one state: where they lie is in their points."""
    place = common_builders.FrameGeometrySource().mode(FrameGeometrySourceMode.COORDS)
    said, colour = words.PLACE_STATES[state]
    look = {
        "color": {"fixed": colour},
        "opacity": 0.9,
        "rotation": {"fixed": 0, "max": 360, "min": -360, "mode": "mod"},
        "size": {"fixed": _SIZES[state], "max": 15, "min": 2},
        "symbol": {"fixed": f"img/icons/marker/{SHAPES[state]}.svg", "mode": "fixed"},
        "symbolAlign": {"horizontal": "center", "vertical": "center"},
        "textConfig": {"fontSize": 12, "offsetX": 0, "offsetY": 0, "textAlign": "center", "textBaseline": "middle"},
    }
    layer = common_builders.MapLayerOptions().type("markers").name(sheet.say(said)).tooltip(tooltip=True)
    layer.location(place.latitude("latitude").longitude("longitude"))
    return layer.config({"showLegend": False, "style": look}).filter_data({"id": "byRefId", "options": ref})


def alerts() -> dashboard.Panel:
    """What fires now: Grafana's own list, so no question of ours."""
    return (
        dashboard.Panel()
        .type("alertlist")
        .options(
            {
                "alertInstanceLabelFilter": '{domain!=""}',
                "alertName": "",
                "dashboardAlerts": False,
                "groupBy": [],
                "groupMode": "default",
                "maxItems": 20,
                "showInstances": True,
                "sortOrder": 3,
                "stateFilter": {"error": True, "firing": True, "noData": True, "normal": False, "pending": False},
                "viewMode": "list",
            }
        )
    )
