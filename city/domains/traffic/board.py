"""Traffic's board: the default one, with the names that operators use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from city.domain import NOT_STATED, Text

if TYPE_CHECKING:
    from city.layout import Layout

VEHICLES: Final = {
    "motorcycle": Text("Xe máy", "Motorcycle"),
    "car": Text("Ô tô con", "Car"),
    "bus": Text("Xe buýt", "Bus"),
    "lorry": Text("Xe tải", "Lorry"),
    "bicycle": Text("Xe đạp", "Bicycle"),
    NOT_STATED: Text("Không phân loại", "Not told apart"),
}


def board(layout: Layout) -> Layout:
    """The default layout with vehicle types named."""
    headings = {"by_vehicle_type": Text("Theo loại phương tiện", "By vehicle type")}
    rows = tuple(replace(row, title=headings.get(row.name, row.title)) for row in layout.rows)
    return replace(layout, rows=rows, names={"vehicle_type": VEHICLES})
