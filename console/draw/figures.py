"""Series reduced to figures: large ones, and bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.boards.display import shown, title
from console.boards.options import BarGauge, Stat
from console.boards.reducers import REDUCERS
from console.draw.colours import palette
from console.draw.pictures import Chart, Figure, Figures, Nothing
from console.draw.script import ticks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console.boards.document import Panel
    from console.boards.frames import Frame
    from console.boards.options import Reducer
    from console.draw.pictures import Look


def stat(panel: Panel, frames: tuple[Frame, ...], look: Look) -> Figures | Nothing:
    """A figure for each field of numbers.

    Where the panel's first question has no answer, words say so in its place: what else is known must not pass for it.
    """
    told = panel.options
    assert isinstance(told, Stat)
    figures = tuple(_figures(frames, told.reduce_options.calcs[0], look))
    nothing = panel.defaults.no_value or ""
    if not figures:
        return Nothing(nothing)
    if not any(frame.ref == panel.targets[0].ref_id for frame in frames):
        figures = (Figure("", nothing, "text", None), *figures)
    return Figures(figures, wide=told.orientation == "vertical", labelled=told.text_mode == "value_and_name")


def bars(panel: Panel, frames: tuple[Frame, ...], look: Look) -> Chart | Nothing:
    """A bar for each field of numbers, from the top down, with its value behind it."""
    told = panel.options
    assert isinstance(told, BarGauge)
    figures = tuple(_figures(frames, told.reduce_options.calcs[0], look))
    if not any(isinstance(one.raw, (int, float)) for one in figures):
        return Nothing(panel.defaults.no_value or "")
    colours = palette(dark=look.dark)
    quiet = {"color": colours.quiet, "fontSize": 12}
    return Chart(
        {
            "animation": False,
            "textStyle": {"fontFamily": "inherit"},
            "grid": {"left": 8, "right": 72, "top": 8, "bottom": 8, "containLabel": True},
            "xAxis": {
                "type": "value",
                "min": panel.defaults.min,
                "axisLabel": {**quiet, "hideOverlap": True, ":formatter": ticks(look.writing, panel.defaults.unit)},
                "splitLine": {"lineStyle": {"color": colours.line}},
            },
            "yAxis": {
                "type": "category",
                "inverse": True,
                "data": [one.label for one in figures],
                "axisLabel": {**quiet, "color": colours.text, "interval": 0},
                "axisTick": {"show": False},
            },
            "series": [
                {
                    "type": "bar",
                    "barCategoryGap": "25%",
                    "data": [
                        {
                            "value": one.raw,
                            "itemStyle": {"color": colours.colour(one.colour)},
                            "label": {
                                "show": True,
                                "position": "right",
                                "formatter": one.text.replace("{", "").replace("}", ""),
                                "color": colours.text,
                            },
                        }
                        for one in figures
                    ],
                }
            ],
        }
    )


def _figures(frames: tuple[Frame, ...], calc: Reducer, look: Look) -> Iterator[Figure]:
    for frame in frames:
        for field in frame.numbers:
            one = shown(REDUCERS[calc](field.values), field.config, look.writing)
            yield Figure(title(field, frame, frames), one.text, one.colour, one.raw)
