"""Panels and frames that tests draw."""

from typing import Any

import msgspec

from console.boards.display import configured
from console.boards.document import GridPos, Panel
from console.boards.fields import Config
from console.boards.frames import Frame, table, time_series
from console.boards.interpolate import Chosen
from console.boards.options import Options
from console.boards.span import Moment
from console.boards.units import Writing
from console.draw.pictures import Look

MINUTE_MS = 60_000
START_MS = 1_795_320_000_000  # 11:00 in Hanoi

TOLD: dict[str, dict[str, Any]] = {
    "stat": {
        "reduceOptions": {"calcs": ["lastNotNull"]},
        "orientation": "horizontal",
        "textMode": "value_and_name",
        "colorMode": "value",
        "graphMode": "none",
    },
    "bargauge": {"reduceOptions": {"calcs": ["lastNotNull"]}, "orientation": "horizontal", "displayMode": "basic"},
    "timeseries": {
        "legend": {"showLegend": True, "placement": "bottom", "displayMode": "list"},
        "tooltip": {"mode": "multi"},
    },
    "table": {},
    "heatmap": {
        "calculate": False,
        "cellValues": {"unit": "percent", "decimals": 1},
        "color": {"scheme": "Cividis"},
        "filterValues": {"le": 1e-9},
    },
    "geomap": {"layers": []},
    "text": {"mode": "markdown", "content": "# Cách xử lý"},
    "alertlist": {"maxItems": 20},
}


def config(**said: Any) -> Config:
    return msgspec.convert(said, Config)


def panel(kind: str, told: dict[str, Any] | None = None, **more: Any) -> Panel:
    options = msgspec.convert({**TOLD[kind], **(told or {}), "type": kind}, Options)
    return Panel(1, "x", GridPos(0, 0, 12, 8), options, **{"defaults": config(noValue="Không có dữ liệu"), **more})


def look(*, dark: bool = False, language: str = "vi", **chosen: Chosen) -> Look:
    moment = Moment(START_MS, START_MS + 180 * MINUTE_MS)
    return Look(Writing(language, "Asia/Ho_Chi_Minh"), dark, moment, chosen, "from=now-3h&to=now")


def series(
    name: str, *values: float | None, ref: str = "A", start_ms: int = START_MS, step_ms: int = MINUTE_MS
) -> Frame:
    rows = [[start_ms + place * step_ms, value] for place, value in enumerate(values)]
    (frame,) = time_series(ref, [{"name": "m", "columns": ["time", "value"], "values": rows}], name)
    return frame


def rows(columns: list[str], *values: list[Any]) -> Frame:
    (frame,) = table("A", [{"name": "m", "columns": columns, "values": values}])
    return frame


def with_config(made: Panel, *frames: Frame) -> tuple[Frame, ...]:
    return configured(frames, made)
