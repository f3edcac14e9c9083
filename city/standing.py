"""How places stand: a value against its bands and its sources' freshness, as numbers that the wall reads.

Two measurements in the bucket of now, a point a minute: `standings` for each KPI in each area, `places` for each area
with the worst of its KPIs and where it lies. A job writes them, so that every screen asks for a few points only.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from city.bands import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from city.bands import Band

STANDINGS: Final = "standings"
PLACES: Final = "places"
EVERY_S: Final = 60
FRESH_SHARE: Final = 0.5
"""A value stands while at least this share of the sources it rests on speaks: as in alert rules."""

UNUSUAL_PERCENT: Final = 25
"""From how far away from last week a place is worth a look."""

STANDINGS_FIELDS: Final = ("state", "value", "week", "change", "unusual")
STANDINGS_TAGS: Final = ("area", "zone", "domain", "kpi")
PLACES_FIELDS: Final = ("state", "good", "attention", "blind", "alarm", "latitude", "longitude")
PLACES_TAGS: Final = ("area", "zone")


class State(IntEnum):
    """How a place stands, the worst last: what cannot be seen is worse than what is merely off target."""

    GOOD = 0
    ATTENTION = 1
    BLIND = 2
    ALARM = 3


_OF: Final = {Standing.GOOD: State.GOOD, Standing.ATTENTION: State.ATTENTION, Standing.ALARM: State.ALARM}


def state_of(value: float | None, fresh: float, bands: Sequence[Band]) -> State | None:
    """How a value stands; None where nothing says what is good, or nothing was there to be measured.

    Args:
        value: the KPI; None where there is none.
        fresh: the share of its sources that speaks, 0 to 1.
        bands: ascending; the last that begins at or below the value is its own.
    """
    if not bands:
        return None
    if fresh < FRESH_SHARE:
        return State.BLIND
    if value is None:
        return None
    reached = [band for band in bands if band.start is None or band.start <= value]
    return _OF[reached[-1].standing]


def change_percent(value: float | None, week: float | None) -> float | None:
    """How far a value is from last week's, in percent of that; None where that says nothing."""
    if value is None or not week:
        return None
    return (value - week) / abs(week) * 100
