"""Identifiers that come from names, so that links last: uids, panel ids, file names."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from city.language import Language

LIVE: Final = "influx-live"
SETTLED: Final = "influx-settled"
ROLLUP: Final = "influx-rollup"

MIXED: Final = "-- Mixed --"
"""Grafana's own: each question of the panel names its data source."""

OWN: Final = "-- Grafana --"
"""Grafana's own: what it keeps itself, annotations among it."""

EXPRESSION: Final = "__expr__"
"""Grafana's own: a step that is computed from others."""

DATA_SOURCES: Final = {LIVE: "city_live", SETTLED: "city", ROLLUP: "city_rollup"}
"""Data source uid → bucket."""


def board_uid(name: str, language: Language) -> str:
    """The uid of a board in one language."""
    return f"{name}-{language}"


def panel_id(name: str) -> int:
    """A number for a panel: the same for the same name whatever stands around it, unique on a board (a test looks)."""
    return zlib.crc32(name.encode()) % 999_983 + 1
