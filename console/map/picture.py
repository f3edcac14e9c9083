"""The map as an element of a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nicegui.element import Element

from console.map.cells import box_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.map.cells import Ground

_INNER_SHARE: Final = 3
_INNER_KM: Final = 9.0


@dataclass(frozen=True, slots=True)
class Shown:
    """How one cell is shown.

    Attributes:
        state: `good`, `attention`, `blind`, `alarm`, `none` or `plain`: its pattern, and its colour unless `fill`.
        label: what a screen reader and a tooltip say.
        text: the number in it; left out where there is no room.
        href: where it leads; empty: nowhere.
    """

    state: str
    label: str
    text: str = ""
    href: str = ""
    fill: str = ""
    stale: bool = False


class Cells(Element, component="cells.js"):
    """The city's areas.

    Args:
        ground: their outlines.
        name: what a screen reader calls the picture.
        box: the part that is shown; None: all.
    """

    def __init__(self, ground: Ground, name: str, box: tuple[float, float, float, float] | None = None) -> None:
        super().__init__()
        self.props["cells"] = [
            {
                "code": cell.unit.code,
                "path": cell.path,
                "x": round(cell.point[0], 3),
                "y": round(cell.point[1], 3),
                "room": round(cell.room_km, 3),
            }
            for cell in ground.cells
        ]
        self.props["box"] = [round(side, 2) for side in box or ground.box]
        self.props["name"] = name
        self.props["values"] = {}

    def show(self, shown: Mapping[str, Shown]) -> None:
        """Show these values, by area code; sent only when they have changed."""
        values: dict[str, Any] = {
            code: {"state": one.state, "label": one.label, "text": one.text}
            | {name: value for name in ("href", "fill", "stale") if (value := getattr(one, name))}
            for code, one in shown.items()
        }
        if values != self.props["values"]:
            self.props["values"] = values
            self.update()


def inner_box(ground: Ground) -> tuple[float, float, float, float]:
    """The part of the city where areas lie closest together."""
    close = sorted(ground.cells, key=lambda cell: cell.room_km)[: max(1, len(ground.cells) // _INNER_SHARE)]
    xs, ys = sorted(cell.point[0] for cell in close), sorted(cell.point[1] for cell in close)
    x, y = xs[len(xs) // 2], ys[len(ys) // 2]
    near = [cell.point for cell in close if abs(cell.point[0] - x) < _INNER_KM and abs(cell.point[1] - y) < _INNER_KM]
    return box_of(near, margin=1.0)
