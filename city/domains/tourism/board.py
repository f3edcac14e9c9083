"""Tourism's board: the default one, with the names that operators use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from city.domain import NOT_STATED, Text
from city.layout import GRID_WIDTH, Panel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from city.domain import Kpi
    from city.layout import Layout, Row

ORIGINS: Final = {
    "domestic": Text("Khách nội địa", "Domestic"),
    "foreign": Text("Khách quốc tế", "Foreign"),
    NOT_STATED: Text("Không nêu quốc tịch", "Nationality not stated"),
}
CLASSES: Final = {
    "five-star": Text("5 sao", "Five stars"),
    "four-star": Text("4 sao", "Four stars"),
    "three-star": Text("3 sao", "Three stars"),
    "other": Text("Hạng khác", "Other"),
    NOT_STATED: Text("Không nêu hạng", "Class not stated"),
}
CHANNELS: Final = {
    "web": Text("Trang web", "Web"),
    "app": Text("Ứng dụng", "App"),
    NOT_STATED: Text("Không nêu kênh", "Channel not stated"),
}

BY: Final[Mapping[str, Text]] = {
    "by_origin": Text("Theo nguồn khách", "By origin"),
    "by_lodging_class": Text("Theo hạng lưu trú", "By class of lodging"),
    "by_channel": Text("Theo kênh của cổng", "By channel"),
}
"""Rows by a tag, and what they are called."""

_WITHIN: Final = frozenset({"course_tourism_foreign_share_origin"})
"""Panels that would say nothing: the foreign share of foreign visitors is 100 %."""


def board(layout: Layout) -> Layout:
    """The default layout with tags and their values named, and each sight for itself."""
    names = {"origin": ORIGINS, "lodging_class": CLASSES, "channel": CHANNELS}
    crowding = next(kpi for kpi in layout.book.kpis if kpi.name == "tourism_crowding")
    return replace(layout, rows=tuple(_named(row, crowding) for row in layout.rows), names=names)


def _sights(crowding: Kpi) -> Panel:
    about = Text(
        "Mỗi dòng một điểm đến, theo tên nguồn của máy đếm, 5 phút gần nhất; nơi im lặng vẫn có dòng.",
        "A line for each sight, by the source of its counters, the last 5 minutes; a silent one keeps its line.",
    )
    title = Text("Từng điểm đến", "Sight by sight")
    return Panel("sights", "places", title, about, GRID_WIDTH, 10, (crowding,), ("zone", "area", "source"))


def _named(row: Row, crowding: Kpi) -> Row:
    if row.name == "places":
        return replace(row, panels=(*row.panels, _sights(crowding)))
    title = BY.get(row.name)
    if title is None:
        return row
    kept = [panel for panel in row.panels if panel.name not in _WITHIN]
    alone = len(kept) == 1
    return replace(row, title=title, panels=tuple(_panel(panel, title, alone=alone) for panel in kept))


def _panel(panel: Panel, by: Text, *, alone: bool) -> Panel:
    title = Text(f"{panel.title.vi} {_small(by.vi)}", f"{panel.title.en} {_small(by.en)}")
    return replace(panel, title=title, width=24 if alone else panel.width)


def _small(text: str) -> str:
    """As inside a sentence."""
    return text[0].lower() + text[1:]
