"""The little JavaScript that ECharts needs to write numbers as the rest of the page does.

Every text in it goes through JSON, so that no unit or name can end a string.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.boards.units import Writing


def formatter(writing: Writing, unit: str | None, decimals: int | None) -> str:
    """A function of a number: its text with its unit; a dash for nothing."""
    scales = [
        [None if math.isinf(below) else below, scale, sign] for below, scale, sign in writing.scales(unit or "none")
    ]
    digits = (
        {"maximumSignificantDigits": 3}
        if decimals is None
        else {"minimumFractionDigits": decimals, "maximumFractionDigits": decimals}
    )
    return (
        "value => { if (value === null || value === undefined || value === '-' || isNaN(value)) return '–'; "
        f"const scales = {_json(scales)}; const size = Math.abs(value) || 1; "
        "const [, scale, sign] = scales.find(([below]) => below === null || size < below); "
        f"return (value / scale).toLocaleString({_json(writing.locale)}, {_json(digits)}).replace('-', '−') + sign; }}"
    )


def ticks(writing: Writing, unit: str | None) -> str:
    """The same for an axis, with as many digits as its ticks need."""
    return formatter(writing, unit, None).replace('"maximumSignificantDigits": 3', '"maximumFractionDigits": 2')


def cell_tooltip(text: str, columns: Sequence[str], rows: Sequence[str]) -> str:
    """A function of a heatmap's cell: its column, row and value (by the function `text`) as a node of plain text."""
    return (
        f"point => {{ const columns = {_json(columns)}, rows = {_json(rows)}, text = {text}; "
        "const node = document.createElement('div'); const [x, y, value] = point.value; "
        "node.textContent = columns[x] + ' · ' + rows[y] + ': ' + text(value); return node; }"
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")
