"""Each kind of panel, and who draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from console.boards.options import AlertList, BarGauge, Geomap, Heatmap, Stat, Table, Text, Timeseries
from console.draw.figures import bars, stat
from console.draw.heatmap import heatmap
from console.draw.pictures import Alerts, Words
from console.draw.tables import places, table
from console.draw.timeseries import timeseries

if TYPE_CHECKING:
    from console.boards.document import Panel
    from console.boards.frames import Frame
    from console.draw.pictures import Look, Picture


def draw(panel: Panel, frames: tuple[Frame, ...], look: Look) -> Picture:  # noqa: PLR0911 - a table of kinds, one line each
    """What the panel looks like with these frames."""
    match panel.options:
        case Stat():
            return stat(panel, frames, look)
        case Timeseries():
            return timeseries(panel, frames, look)
        case Table():
            return table(panel, frames, look)
        case Heatmap():
            return heatmap(panel, frames, look)
        case BarGauge():
            return bars(panel, frames, look)
        case Geomap():
            return places(panel, frames, look)
        case Text(content=content):
            return Words(content)
        case AlertList(max_items=most):
            return Alerts(most)
        case never:
            assert_never(never)
