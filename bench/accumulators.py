"""The two series of the traffic pack as one writes them by hand, for the contenders that are not ours."""

# ruff: noqa: PLR1730 - a comparison costs a third of a call of `max`, and whoever we race shall be fast

from __future__ import annotations

from bisect import bisect_right

from city.domains.traffic.pack import SPEEDS


class Cell:
    """The sums of one group in one window."""

    __slots__ = (
        "congested_count",
        "congested_sum",
        "count",
        "intensity_count",
        "intensity_max",
        "intensity_sum",
        "occupancy_count",
        "occupancy_max",
        "occupancy_sum",
        "speed_count",
        "speed_max",
        "speed_min",
        "speed_sum",
        "speed_weight_sum",
        "speed_wsum",
    )

    def __init__(self) -> None:
        self.count = self.speed_count = self.intensity_count = self.occupancy_count = self.congested_count = 0
        self.speed_sum = self.speed_max = self.speed_wsum = self.occupancy_sum = self.occupancy_max = 0.0
        self.speed_min = float("inf")
        self.speed_weight_sum = self.intensity_sum = self.intensity_max = self.congested_sum = 0

    def add(
        self,
        speed: float | None,
        intensity: int | None,
        occupancy: float | None,
        congested: bool | None,  # noqa: FBT001 - a reading
    ) -> None:
        """Count one observation; None was not observed."""
        self.count += 1
        if speed is not None:
            weight = 1 if intensity is None else intensity
            self.speed_count += 1
            self.speed_sum += speed
            self.speed_wsum += speed * weight
            self.speed_weight_sum += weight
            if speed < self.speed_min:
                self.speed_min = speed
            if speed > self.speed_max:
                self.speed_max = speed
        if intensity is not None:
            self.intensity_count += 1
            self.intensity_sum += intensity
            if intensity > self.intensity_max:
                self.intensity_max = intensity
        if occupancy is not None:
            self.occupancy_count += 1
            self.occupancy_sum += occupancy
            if occupancy > self.occupancy_max:
                self.occupancy_max = occupancy
        if congested is not None:
            self.congested_count += 1
            self.congested_sum += congested


class FlowCell(Cell):
    """With the distribution of speeds, which is told by area and vehicle type alone."""

    __slots__ = ("bins",)

    def __init__(self) -> None:
        super().__init__()
        self.bins = [0] * (len(SPEEDS.bounds) + 1)

    def tell_apart(self, speed: float | None) -> None:
        """Count one speed in its bin."""
        if speed is not None:
            self.bins[bisect_right(SPEEDS.bounds, speed)] += 1


Flow = dict[tuple[int, str, str | None], FlowCell]
"""`traffic_flow`: window start (s, every 10), area, vehicle type."""

Sites = dict[tuple[int, str, str], Cell]
"""`traffic_site`: window start (s, every 60), area, source."""
