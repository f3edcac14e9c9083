"""How traffic flows: demand over the day, what rain and water do to it, and the speed that is left.

Only `+ − × ÷` and the square root are used, which round alike on every machine.

Sources: the form of the speed curve is that of the Bureau of Public Roads (1964), `1 / (1 + a·x⁴)`, with `a`
chosen so that a full ward road runs at about 20 km/h. That motorcycles are about four vehicles in five on
Hanoi's streets is a common finding (e.g. Bray & Holyoak, Motorcycles in Developing Asian Cities: A Case Study of
Hanoi, ATRF 2015: they dominate all movement). The exact shares, daily curves and factors are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city.calendar import Kind
from city.draw import interpolate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from city.domains.traffic.events import VehicleType
    from city.geography import Unit

Curve = tuple[tuple[float, float], ...]

# Minute of the day → share of the busiest quarter of an hour. All begin and end alike, so that midnight is smooth.
_WORKDAY: Final[Curve] = (
    (0, 0.06), (240, 0.04), (300, 0.12), (360, 0.40), (420, 0.93), (450, 1.0), (510, 0.85), (570, 0.60),
    (690, 0.70), (780, 0.55), (930, 0.62), (990, 0.85), (1050, 1.0), (1110, 0.92), (1170, 0.60), (1260, 0.45),
    (1350, 0.22), (1440, 0.06),
)  # fmt: skip
_WEEKEND: Final[Curve] = (
    (0, 0.06), (240, 0.04), (330, 0.10), (420, 0.35), (540, 0.58), (690, 0.62), (780, 0.50), (930, 0.58),
    (1080, 0.74), (1200, 0.72), (1290, 0.55), (1380, 0.28), (1440, 0.06),
)  # fmt: skip
_HOLIDAY: Final[Curve] = tuple((minute, share if share < 0.1 else share * 0.8) for minute, share in _WEEKEND)
_TET: Final[Curve] = tuple((minute, share if share < 0.1 else share * 0.55) for minute, share in _WEEKEND)

DEMAND: Final[Mapping[Kind, Curve]] = {
    Kind.WORKDAY: _WORKDAY,
    Kind.WEEKEND: _WEEKEND,
    Kind.HOLIDAY: _HOLIDAY,
    Kind.TET: _TET,
}


@dataclass(frozen=True, slots=True)
class Class:
    """A class of vehicles: its share of the flow, its speed beside the stream's, its length on a sensor (m)."""

    name: VehicleType
    share: float
    pace: float
    length_m: float
    fastest_kmh: float = 120.0


MOTORCYCLE = Class("motorcycle", 0.80, 1.05, 2.0)
CAR = Class("car", 0.14, 0.95, 4.5)
BUS = Class("bus", 0.01, 0.80, 12.0)
LORRY = Class("lorry", 0.02, 0.85, 8.0)
BICYCLE = Class("bicycle", 0.03, 0.60, 1.8, fastest_kmh=14.0)
CLASSES: Final = (MOTORCYCLE, CAR, BUS, LORRY, BICYCLE)

_MEAN_LENGTH_M: Final = sum(kind.share * kind.length_m for kind in CLASSES)
_LANES: Final = 3.0


@dataclass(frozen=True, slots=True)
class Stream:
    """The traffic of an area at an instant.

    Attributes:
        flow: share of what its roads carry when they are busiest.
        pace: speed as a share of the free speed.
    """

    flow: float
    pace: float


def stream(unit: Unit, demand: float, rain_mm_h: float, water: float) -> Stream:
    """The traffic where `demand` (1: a busy quarter of an hour) meets rain and standing water (0 to 1).

    Rain keeps some at home and slows the rest by a fifth at most (assumed); deep water leaves a fifth of the
    speed and half of the flow (assumed).
    """
    wet = min(rain_mm_h / 40.0, 1.0)
    flow = demand * (1 - 0.1 * wet)
    load = flow if unit.kind == "ward" else 0.75 * flow
    squared = load * load
    free = 1 / (1 + 0.5 * squared * squared)
    return Stream(flow * (1 - 0.5 * water), free * (1 - 0.2 * wet) * (1 - 0.8 * water))


def demand_at(kind: Kind, minute: float) -> float:
    """The share of the busiest quarter of an hour that moves at a minute of a day of that kind."""
    return interpolate(DEMAND[kind], minute)


def occupancy(vehicles_per_s: float, speed_kmh: float) -> float:
    """The share of time a vehicle stands over the sensor: flow × length ÷ speed, over the lanes; at most 1."""
    return min(vehicles_per_s * _MEAN_LENGTH_M * 3.6 / (max(speed_kmh, 1.0) * _LANES), 1.0)
