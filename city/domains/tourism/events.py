"""What tourism says: two models of the FIWARE Smart Data Models, and two of ours where there is none.

- TourismPresenceObserved: visitors by nationality. The model counts whole hours of a municipality; here a register
  counts the visitors that it let in since its last report.
  https://github.com/smart-data-models/dataModel.TourismDestinations/tree/master/TourismPresenceObserved
- CrowdFlowObserved: people passing a counter. `peoplePresent` and `capacity` are ours.
  https://github.com/smart-data-models/dataModel.Transportation/tree/master/CrowdFlowObserved
- Rooms, and the portal's sessions: no model has them.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from city.event import Event

HOME: Final = "VN"
"""The nationality of visitors who are at home in the country."""

Origin = Literal["domestic", "foreign"]
ORIGINS: Final[tuple[Origin, ...]] = ("domestic", "foreign")

LodgingClass = Literal["five-star", "four-star", "three-star", "other"]
LODGING_CLASSES: Final[tuple[LodgingClass, ...]] = ("five-star", "four-star", "three-star", "other")

Channel = Literal["web", "app"]
CHANNELS: Final[tuple[Channel, ...]] = ("web", "app")

Visitors = Annotated[int, Meta(ge=0, le=1_000_000)]
People = Annotated[int, Meta(ge=0, le=1_000_000)]
Capacity = Annotated[int, Meta(ge=1, le=1_000_000)]
Share = Annotated[float, Meta(ge=0, le=1)]
SpeedKmh = Annotated[float, Meta(ge=0, le=50)]
Rooms = Annotated[int, Meta(ge=0, le=100_000)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""

CrowdingPercent = Annotated[float, Meta(ge=0, le=100_000_000)]
Name = Annotated[str, Meta(max_length=128)]


class TourismPresenceObserved(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Visitors of one nationality at one place. What is not stated is not guessed."""

    visitorCount: Visitors | None = None  # noqa: N815 - the model's own names
    nationality: Country | None = None
    locationCode: Name | None = None  # noqa: N815
    locationName: Name | None = None  # noqa: N815
    hour: Annotated[int, Meta(ge=0, le=23)] | None = None
    aggregationType: Literal["hourly_sum", "hourly_average", "hourly_snapshot", "hourly_estimate"] | None = None  # noqa: N815
    dateObservedFrom: Name | None = None  # noqa: N815
    dateObservedTo: Name | None = None  # noqa: N815

    @property
    def origin(self) -> Origin | None:
        """Domestic or foreign, by nationality."""
        if self.nationality is None:
            return None
        return "domestic" if self.nationality == HOME else "foreign"

    @property
    def foreignCount(self) -> Visitors | None:  # noqa: N802 - beside the model's names
        """The foreign ones among visitors whose nationality is stated."""
        return None if self.nationality is None else 0 if self.nationality == HOME else self.visitorCount

    @property
    def statedCount(self) -> Visitors | None:  # noqa: N802 - likewise
        """The visitors whose nationality is stated."""
        return None if self.nationality is None else self.visitorCount


class CrowdFlowObserved(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """People who passed one place's counters since the last report, and those now inside."""

    peopleCount: People | None = None  # noqa: N815 - the model's own names
    peopleCountTowards: People | None = None  # noqa: N815
    peopleCountAway: People | None = None  # noqa: N815
    occupancy: Share | None = None
    averageCrowdSpeed: SpeedKmh | None = None  # noqa: N815
    congested: bool | None = None
    peoplePresent: People | None = None  # noqa: N815
    capacity: Capacity | None = None
    dateObservedFrom: Name | None = None  # noqa: N815
    dateObservedTo: Name | None = None  # noqa: N815

    @property
    def crowdingPercent(self) -> CrowdingPercent | None:  # noqa: N802 - beside the model's names
        """The people present against the capacity."""
        if self.peoplePresent is None or self.capacity is None:
            return None
        return 100 * self.peoplePresent / self.capacity

    def __post_init__(self) -> None:
        """Crowding is the ratio of two sums: one without the other would bend it."""
        if (self.peoplePresent is None) != (self.capacity is None):
            raise ValueError("peoplePresent and capacity are stated together")


class LodgingObserved(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Rooms of one class of lodging in one ward or commune."""

    roomsTaken: Rooms  # noqa: N815 - as the models write their names
    roomsOffered: Rooms  # noqa: N815
    lodgingClass: LodgingClass | None = None  # noqa: N815


class PortalObserved(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What one server of the tourism portal did since its last report."""

    sessionCount: Count  # noqa: N815 - as the models write their names
    bookingCount: Count  # noqa: N815
    requestCount: Count  # noqa: N815
    errorCount: Count  # noqa: N815
    channel: Channel | None = None


class TourismPresence(Event, frozen=True, tag="vn.hanoi.tourism.presence.v1"):
    """A register's count; `source` is the register."""

    data: TourismPresenceObserved


class TourismCrowd(Event, frozen=True, tag="vn.hanoi.tourism.crowd.v1"):
    """A site's counters; `source` is the site's."""

    data: CrowdFlowObserved


class TourismLodging(Event, frozen=True, tag="vn.hanoi.tourism.lodging.v1"):
    """A lodging desk's rooms; `source` is the desk of a ward or commune."""

    data: LodgingObserved


class TourismPortal(Event, frozen=True, tag="vn.hanoi.tourism.portal.v1"):
    """A portal server's figures; it serves the whole city, so its area is `01`."""

    data: PortalObserved


TourismEvent = TourismPresence | TourismCrowd | TourismLodging | TourismPortal
