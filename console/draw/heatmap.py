"""A series for each line, a moment for each column, a colour for each value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.boards.display import title
from console.boards.options import Heatmap
from console.draw.colours import CIVIDIS, palette
from console.draw.pictures import Chart, Nothing
from console.draw.script import cell_tooltip, formatter

if TYPE_CHECKING:
    from console.boards.document import Panel
    from console.boards.frames import Frame
    from console.draw.pictures import Look


def heatmap(panel: Panel, frames: tuple[Frame, ...], look: Look) -> Chart | Nothing:
    """The chart; nothing where no cell has a value."""
    told = panel.options
    assert isinstance(told, Heatmap)
    lines = sorted(
        ((title(field, frame, frames), frame.time, field) for frame in frames for field in frame.numbers if frame.time),
        key=lambda line: _in_order(line[0]),
    )
    moments = sorted({time for _, times, _ in lines for time in times.values if isinstance(time, int)})
    place = {moment: number for number, moment in enumerate(moments)}
    cells = [
        (place[time], row, value)
        for row, (_, times, field) in enumerate(lines)
        for time, value in zip(times.values, field.values, strict=True)
        if isinstance(time, int) and isinstance(value, (int, float)) and value > told.filter_values.le
    ]
    if not cells:
        return Nothing(panel.defaults.no_value or "")
    days = [look.writing.clock(moment).strftime("%d/%m") for moment in moments]
    rows = [name for name, _, _ in lines]
    return Chart(_option(told, cells, days, rows, look))


def _option(
    told: Heatmap, cells: list[tuple[int, int, float]], days: list[str], rows: list[str], look: Look
) -> dict[str, Any]:
    colours, shown = palette(dark=look.dark), told.cell_values
    values = [value for _, _, value in cells]
    digits = shown.decimals + 3
    text = formatter(look.writing, shown.unit, shown.decimals)
    quiet = {"color": colours.quiet, "fontSize": 12}
    axis = {"type": "category", "axisLabel": quiet, "axisTick": {"show": False}, "splitArea": {"show": False}}
    return {
        "animation": False,
        "textStyle": {"fontFamily": "inherit"},
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 44, "containLabel": True},
        "tooltip": {
            "confine": True,
            "backgroundColor": colours.ground,
            "borderColor": colours.line,
            "textStyle": {"color": colours.text},
            ":formatter": cell_tooltip(text, days, rows),
        },
        "xAxis": axis | {"data": days},
        "yAxis": axis | {"data": rows},
        "visualMap": {
            "min": min(values),
            "max": max(values) if max(values) > min(values) else min(values) + 1,
            "calculable": False,
            "orient": "horizontal",
            "left": "center",
            "bottom": 0,
            "itemHeight": 110,
            "itemWidth": 12,
            "textStyle": {"color": colours.text},
            "text": [
                look.writing.with_unit(max(values), shown.unit, shown.decimals),
                look.writing.with_unit(min(values), shown.unit, shown.decimals),
            ],
            ":formatter": text,
            "inRange": {"color": list(CIVIDIS)},
        },
        "series": [
            {
                "type": "heatmap",
                "data": [[x, y, round(value, digits)] for x, y, value in cells],
                "itemStyle": {"borderColor": colours.ground, "borderWidth": 1},
                "emphasis": {"itemStyle": {"borderColor": colours.text}},
            }
        ],
    }


def _in_order(name: str) -> tuple[bool, float, str]:
    """Numbers by their size, before words."""
    try:
        return (False, float(name), name)
    except ValueError:
        return (True, 0.0, name)
