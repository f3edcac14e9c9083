"""Lines over time. ECharts is told the board's own clock as if it were UTC, so that every browser shows the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from console.boards.display import title
from console.boards.options import Timeseries
from console.draw.colours import palette
from console.draw.pictures import Chart, Nothing
from console.draw.script import formatter, ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.boards.document import Panel
    from console.boards.fields import Config, Thresholds
    from console.boards.frames import Field, Frame, Value
    from console.boards.units import Writing
    from console.draw.colours import Palette
    from console.draw.pictures import Look

ZOOM: Final = {
    "vi": {"zoom": "Phóng to đoạn kéo chọn", "back": "Lùi lại"},
    "en": {"zoom": "Zoom into what you drag over", "back": "Back"},
}
DIGITS: Final = 3
"""Decimals sent beside those that are shown."""


def timeseries(panel: Panel, frames: tuple[Frame, ...], look: Look) -> Chart | Nothing:
    """The chart; nothing where no series has a value."""
    drawn = [(frame, frame.time, field) for frame in frames for field in frame.numbers if frame.time is not None]
    if not any(value is not None for _, _, field in drawn for value in field.values):
        return Nothing(panel.defaults.no_value or "")
    colours = palette(dark=look.dark)
    series = [
        _series(title(field, frame, frames), time.values, field, colours.series[place % len(colours.series)], look)
        for place, (frame, time, field) in enumerate(drawn)
    ]
    _thresholds(series[0], panel.defaults, colours)
    return Chart(_frame(panel, look, colours) | {"series": series})


def _frame(panel: Panel, look: Look, colours: Palette) -> dict[str, Any]:
    """Axes, legend, tooltip and zoom."""
    config, writing, told = panel.defaults, look.writing, panel.options
    assert isinstance(told, Timeseries)
    legend = told.legend.show_legend
    quiet = {"color": colours.quiet, "fontSize": 12}
    return {
        "animation": False,
        "useUTC": True,
        "backgroundColor": "transparent",
        "textStyle": {"fontFamily": "inherit"},
        "grid": {"left": 8, "right": 16, "top": 26, "bottom": 36 if legend else 8, "containLabel": True},
        "legend": {
            "show": legend,
            "type": "scroll",
            "bottom": 0,
            "icon": "roundRect",
            "textStyle": {"color": colours.text},
            "pageTextStyle": quiet,
        },
        "tooltip": {
            "trigger": "axis",
            "confine": True,
            "backgroundColor": colours.ground,
            "borderColor": colours.line,
            "textStyle": {"color": colours.text, "fontSize": 13},
            "axisPointer": {"type": "line"},
            ":valueFormatter": formatter(writing, config.unit, config.decimals),
        },
        "xAxis": {
            "type": "time",
            "min": writing.on_the_wall(look.moment.start_ms),
            "max": writing.on_the_wall(look.moment.end_ms),
            "axisLabel": {**quiet, "hideOverlap": True},
            "axisLine": {"lineStyle": {"color": colours.quiet}},
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "axisLabel": {**quiet, ":formatter": ticks(writing, config.unit)},
            "splitLine": {"lineStyle": {"color": colours.line}},
            **_floor(config),
        },
        "toolbox": {
            "right": 8,
            "top": -2,
            "itemSize": 12,
            "iconStyle": {"borderColor": colours.quiet},
            "feature": {"dataZoom": {"yAxisIndex": "none", "filterMode": "none", "title": ZOOM[writing.language]}},
        },
        # Without a modifier the wheel scrolls the page.
        "dataZoom": [{"type": "inside", "filterMode": "none", "zoomOnMouseWheel": "ctrl", "moveOnMouseWheel": False}],
    }


def _floor(config: Config) -> dict[str, Any]:
    """Where the axis begins: a soft minimum gives way to lower values."""
    soft = config.custom.axis_soft_min
    if config.min is not None:
        return {"min": config.min}
    return {} if soft is None else {":min": f"range => range.min < {soft:g} ? null : {soft:g}"}


def _series(name: str, times: Sequence[Value], field: Field, own: str, look: Look) -> dict[str, Any]:
    custom, config = field.config.custom, field.config
    colours = palette(dark=look.dark)
    fixed = config.color if config.color is not None and config.color.mode == "fixed" else None
    colour = colours.colour(fixed.fixed_color) if fixed else own
    style = custom.line_style
    dashes = list(style.dash) if style is not None and style.fill == "dash" else "solid"
    made: dict[str, Any] = {
        "name": name,
        "type": "line",
        "data": _points(times, field, look.writing),
        "symbol": "none",
        "connectNulls": bool(custom.span_nulls),
        "lineStyle": {
            "width": custom.line_width or 1,
            "type": dashes,
        },
        "itemStyle": {"color": colour},
        "emphasis": {"disabled": True},
    }
    if custom.fill_opacity:
        made["areaStyle"] = {"opacity": custom.fill_opacity / 100}
    if custom.stacking is not None and custom.stacking.mode == "normal":
        made["stack"] = custom.stacking.group
    return made


def _points(times: Sequence[Value], field: Field, writing: Writing) -> list[Any]:
    """Time and value; a value between two gaps gets a dot, for no line leads to it."""
    digits = (field.config.decimals or 0) + DIGITS
    values = [round(value, digits) if isinstance(value, (int, float)) else None for value in field.values]
    before, after = [None, *values[:-1]], [*values[1:], None]
    points: list[Any] = []
    for time, value, left, right in zip(times, values, before, after, strict=True):
        assert isinstance(time, (int, float))
        point = [writing.on_the_wall(time), value]
        alone = value is not None and left is None and right is None
        points.append({"value": point, "symbol": "circle", "symbolSize": 5} if alone else point)
    return points


def _thresholds(series: dict[str, Any], config: Config, colours: Palette) -> None:
    """A dashed line at each threshold, where the panel wants them."""
    style = config.custom.thresholds_style
    if style is None or style.mode == "off" or config.thresholds is None:
        return
    series["markLine"] = {
        "silent": True,
        "symbol": "none",
        "label": {"show": False},
        "data": list(_lines(config.thresholds, colours)),
    }


def _lines(thresholds: Thresholds, colours: Palette) -> list[dict[str, Any]]:
    return [
        {"yAxis": step.value, "lineStyle": {"color": colours.colour(step.color), "type": "dashed", "width": 1.5}}
        for step in thresholds.steps
        if step.value is not None
    ]
