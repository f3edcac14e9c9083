"""The points that workers have set aside because the store refuses them for good: they count as written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from city.instant import NS
from embedded.store.line_protocol import parse, series_key
from stream_app.keeper import SETTLED
from stream_app.truth import Key

if TYPE_CHECKING:
    from pathlib import Path

    from stream_app.truth import Value


def refused(folder: Path) -> dict[Key, dict[str, Value]]:
    """The settled points that the workers with data below a folder have set aside."""
    points: dict[Key, dict[str, Value]] = {}
    for path in folder.glob(f"*/data/refused/{SETTLED}.lp"):
        lines = [line for line in path.read_bytes().splitlines() if not line.startswith(b"#")]
        for point in parse(b"\n".join(lines), NS, 0):
            of = series_key(point.series)
            values = dict(zip(point.names, point.values, strict=True))
            key = Key(of.measurement, of.tags, point.time)
            points[key] = {name: value for name, value in values.items() if not isinstance(value, str)}
    return points
