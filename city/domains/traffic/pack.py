"""The traffic pack: series, KPIs, freshness and rules."""

from __future__ import annotations

from dataclasses import replace

from city.domain import Census, Domain, Freshness, Kpi, Measure, Rate, Ratio, Series, Tag, Target, Text
from city.domains.traffic.events import VEHICLE_TYPES, TrafficFlow
from city.domains.traffic.rules import RULES
from city.domains.traffic.sites import sites

SPEED = Measure("speed", "averageVehicleSpeed", "km/h", scale=100, keep=("sum", "min", "max"), weight="intensity")
SPEEDS = replace(SPEED, bounds=(5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100), title=Text("Tốc độ", "Speed"))
"""With their distribution: by area and vehicle type, not for every sensor."""
INTENSITY = Measure("intensity", "intensity", "vehicles", keep=("sum", "max"))
OCCUPANCY = Measure("occupancy", "occupancy", "1", scale=10_000, keep=("sum", "max"))
CONGESTED = Measure("congested", "congested", "1")

FLOW = Series(
    "traffic_flow",
    TrafficFlow,
    window_s=10,
    lateness_s=30,
    measures=(SPEEDS, INTENSITY, OCCUPANCY, CONGESTED),
    tags=(Tag("vehicle_type", "data.vehicleType", VEHICLE_TYPES),),
)
SITE = Series(
    "traffic_site",
    TrafficFlow,
    window_s=60,
    lateness_s=30,
    measures=(SPEED, INTENSITY, OCCUPANCY),
    tags=(Tag("source", "source"),),
)

KPIS = (
    Kpi(
        "traffic_mean_speed",
        Text("Tốc độ trung bình", "Mean speed"),
        "km/h",
        "traffic_flow",
        Ratio("speed_wsum", "speed_weight_sum"),
        Text(
            "Trung bình theo số phương tiện; quan trắc không đếm xe được tính như một xe.",
            "Weighted by vehicles; an observation that counts none weighs as one vehicle.",
        ),
        target=Target(20.0, "above", "the pack's own goal; the city has published none"),
    ),
    Kpi(
        "traffic_vehicles_per_minute",
        Text("Lưu lượng", "Vehicles per minute"),
        "vehicles/min",
        "traffic_flow",
        Rate("intensity_sum", per_s=60),
        Text(
            "Số phương tiện đếm được mỗi phút; quan trắc không đếm xe không góp phần.",
            "Vehicles counted in a minute; an observation that counts none adds none.",
        ),
        decimals=0,
    ),
    Kpi(
        "traffic_occupancy",
        Text("Độ chiếm dụng", "Occupancy"),
        "%",
        "traffic_flow",
        Ratio("occupancy_sum", "occupancy_count", factor=100),
        Text(
            "Phần thời gian có xe trên cảm biến, trung bình các quan trắc có đo.",
            "Share of time a vehicle stands over the sensor: the mean of the observations that measure it.",
        ),
    ),
    Kpi(
        "traffic_congested_share",
        Text("Tỷ lệ ùn tắc", "Share congested"),
        "%",
        "traffic_flow",
        Ratio("congested_sum", "congested_count", factor=100),
        Text(
            "Tỷ lệ quan trắc báo ùn tắc, trong số quan trắc có nêu.",
            "Share of observations that report congestion, among those that state it.",
        ),
        target=Target(25.0, "below", "the pack's own goal; the city has published none"),
    ),
    Kpi(
        "traffic_silent_sensors",
        Text("Cảm biến im lặng", "Silent sensors"),
        "sensors",
        "sources",
        Census("silent", every_s=10),
        Text(
            "Số cảm biến đã biết không gửi dữ liệu quá hạn.",
            "Known sensors that have not spoken for longer than they may.",
        ),
        decimals=0,
        target=Target(0.0, "below", "design: a silent source is news"),
    ),
)

PACK = Domain(
    name="traffic",
    title=Text("Giao thông", "Traffic"),
    events=(TrafficFlow,),
    series=(FLOW, SITE),
    kpis=KPIS,
    freshness=Freshness(
        period_s=10,
        slow_s=30,
        expired_s=300,
        frozen_s=300,
        alike=("averageVehicleSpeed", "intensity", "occupancy"),
    ),
    sites=sites,
    rules=RULES,
)
