"""Traffic's board: the default one, with the names that operators use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from city.domain import NOT_STATED, Text

if TYPE_CHECKING:
    from city.layout import Layout, Row

VEHICLES: Final = {
    "motorcycle": Text("Xe máy", "Motorcycle"),
    "car": Text("Ô tô con", "Car"),
    "bus": Text("Xe buýt", "Bus"),
    "lorry": Text("Xe tải", "Lorry"),
    "bicycle": Text("Xe đạp", "Bicycle"),
    NOT_STATED: Text("Không phân loại", "Not told apart"),
}


BY_VEHICLE: Final = Text("Theo loại phương tiện", "By vehicle type")


def board(layout: Layout) -> Layout:
    """The default layout with vehicle types named."""
    return replace(layout, rows=tuple(map(_named, layout.rows)), names={"vehicle_type": VEHICLES})


def _named(row: Row) -> Row:
    if row.name != "by_vehicle_type":
        return row
    panels = (
        replace(panel, title=Text(f"{panel.title.vi} theo loại phương tiện", f"{panel.title.en} by vehicle type"))
        for panel in row.panels
    )
    return replace(row, title=BY_VEHICLE, panels=tuple(panels))
