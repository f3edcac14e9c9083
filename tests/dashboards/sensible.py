"""Between what bounds the figures of boards lie, by the unit their pack states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from city.domain import Kpi

_FAR: Final = 1_000_000.0
BY_UNIT: Final = {
    "%": (0.0, 100.0),
    "km/h": (0.0, 120.0),  # no road of the city allows more than 120
    "h": (0.0, 24.0 * 90),  # an application is done within a quarter of a year, nights counted
    "min": (0.0, 24.0 * 60),
    "of 5": (1.0, 5.0),
    "s": (0.0, 86_400.0),
}
"""A share is one, a speed is legal, a mark is between its ends; what merely counts is not below none."""

BY_KPI: Final = {
    "tourism_crowding": (0.0, 400.0),  # a festival fills a sight several times over
    "services_overdue_per_hour": (-_FAR, _FAR),  # a backlog shrinks too
}
"""What the unit alone does not say."""

ROUNDING: Final = 1e-6


def bounds_of(unit: str, kpi: Kpi | None = None) -> tuple[float, float]:
    """The least and the greatest value that makes sense."""
    named = BY_KPI.get(kpi.name) if kpi else None
    return named or BY_UNIT.get(unit, (0.0, _FAR))


def sensible(value: float, bounds: tuple[float, float]) -> bool:
    """Whether a figure can be."""
    return bounds[0] - ROUNDING <= value <= bounds[1] + ROUNDING
