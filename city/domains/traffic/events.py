"""What a road sensor says: TrafficFlowObserved of the FIWARE Smart Data Models.

https://github.com/smart-data-models/dataModel.Transportation/tree/master/TrafficFlowObserved
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from city.event import Event

VehicleType = Literal["motorcycle", "car", "bus", "lorry", "bicycle"]
VEHICLE_TYPES: Final[tuple[VehicleType, ...]] = ("motorcycle", "car", "bus", "lorry", "bicycle")

Intensity = Annotated[int, Meta(ge=0, le=10_000)]
"""Vehicles in the period of observation."""

Share = Annotated[float, Meta(ge=0, le=1)]
SpeedKmh = Annotated[float, Meta(ge=0, le=250)]
Seconds = Annotated[float, Meta(ge=0, le=3_600)]
Name = Annotated[str, Meta(max_length=128)]


class TrafficFlowObserved(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One observation of one sensor. Every attribute is optional, as in the model."""

    intensity: Intensity | None = None
    occupancy: Share | None = None
    averageVehicleSpeed: SpeedKmh | None = None  # noqa: N815 - the model's own names
    averageHeadwayTime: Seconds | None = None  # noqa: N815
    congested: bool | None = None
    vehicleType: VehicleType | None = None  # noqa: N815
    laneId: Annotated[int, Meta(ge=0, le=64)] | None = None  # noqa: N815
    laneDirection: Literal["forward", "backward"] | None = None  # noqa: N815
    refRoadSegment: Name | None = None  # noqa: N815
    dateObservedFrom: Name | None = None  # noqa: N815
    dateObservedTo: Name | None = None  # noqa: N815


class TrafficFlow(Event, frozen=True, tag="vn.hanoi.traffic.flow.v1"):
    """A road sensor's observation; `source` is the sensor."""

    data: TrafficFlowObserved
