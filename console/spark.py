"""A course as a small line: no axes, for it says only which way things go."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from nicegui import ui

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH: Final = 120.0
HEIGHT: Final = 32.0
LEAST: Final = 1 / 6
"""The part of its span that a course must cover to have a shape."""


def path(values: Sequence[float | None]) -> str:
    """The line as an SVG path; where nothing was measured it has a gap.

    Empty with fewer than two values, or where they lie so close together that the line would look like a scratch.
    """
    known = [value for value in values if value is not None]
    there = [at for at, value in enumerate(values) if value is not None]
    if len(known) < 2 or (there[-1] - there[0]) / (len(values) - 1) < LEAST:
        return ""
    low, high = min(known), max(known)
    span = high - low or 1.0
    step = WIDTH / (len(values) - 1)
    points = [
        None if value is None else f"{at * step:.1f} {HEIGHT - 2 - (value - low) / span * (HEIGHT - 4):.1f}"
        for at, value in enumerate(values)
    ]
    runs = [[*group] for is_known, group in groupby(points, key=lambda point: point is not None) if is_known]
    return "".join("M" + "L".join(point for point in run if point) for run in runs)


class Spark:
    """The line on a page.

    Args:
        name: what a screen reader says.
    """

    def __init__(self, name: str) -> None:
        self._svg = ui.element("svg").classes("spark")
        self._svg.props.update(
            {"viewBox": f"0 0 {WIDTH:g} {HEIGHT:g}", "preserveAspectRatio": "none", "role": "img", "aria-label": name}
        )
        with self._svg:
            self._path = ui.element("path")

    def show(self, values: Sequence[float | None]) -> None:
        """Draw these values."""
        line = path(values)
        if self._path.props.get("d") != line:
            self._path.props["d"] = line
            self._path.update()
