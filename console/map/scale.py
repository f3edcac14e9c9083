"""Colours for a KPI that nobody has said what is good of: five steps from the least to the greatest value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from city.domain import Kpi

COLOURS: Final = ("#e3eefb", "#b5d3f3", "#7fb2e5", "#4a8ccd", "#2a67a8")
"""Light to dark: the order is seen without colours too."""


class Valued(Protocol):
    """What has a value, or none."""

    @property
    def value(self) -> float | None:
        """The value."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Equal steps between two values."""

    low: float
    high: float
    decimals: int

    @property
    def steps(self) -> tuple[tuple[str, float, float], ...]:
        """Each colour with the values it stands for."""
        width = (self.high - self.low) / len(COLOURS)
        return tuple((colour, self.low + at * width, self.low + (at + 1) * width) for at, colour in enumerate(COLOURS))

    def colour(self, value: float | None) -> str:
        """The colour of a value; empty where there is none."""
        if value is None:
            return ""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.0
        return COLOURS[min(len(COLOURS) - 1, max(0, int(share * len(COLOURS))))]


def scale_of(places: Iterable[Valued], kpi: Kpi | None) -> Scale | None:
    """The scale that the values span; None where there are none."""
    values = [one.value for one in places if one.value is not None]
    return Scale(min(values), max(values), kpi.decimals if kpi else 0) if values else None
