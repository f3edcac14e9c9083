"""Traffic's alert rules. Thresholds are the pack's own: the city has published none."""

from __future__ import annotations

from city.domain import AlertRule, Text
from city.unusual import unusual

RULES = (
    AlertRule(
        "traffic_area_slow",
        "traffic_mean_speed",
        Text("Giao thông chậm", "Slow traffic"),
        Text(
            "Tốc độ trung bình ở {area} là {value} km/h (mục tiêu trên 20).",
            "Mean speed in {area} is {value} km/h (the target is above 20).",
        ),
        severity="warning",
        fires="below",
        threshold=12.0,
        recovers_at=15.0,
        for_s=120,
        keep_firing_s=60,
    ),
    AlertRule(
        "traffic_area_standstill",
        "traffic_mean_speed",
        Text("Giao thông tê liệt", "Traffic at a standstill"),
        Text(
            "Ở {area} xe gần như đứng yên: {value} km/h (mục tiêu trên 20).",
            "In {area} vehicles hardly move: {value} km/h (the target is above 20).",
        ),
        severity="critical",
        fires="below",
        threshold=6.0,
        recovers_at=8.0,
        for_s=180,
        keep_firing_s=60,
    ),
    AlertRule(
        "traffic_zone_congested",
        "traffic_congested_share",
        Text("Ùn tắc cả khu vực", "A whole zone is congested"),
        Text(
            "{value} % quan trắc ở {zone} báo ùn tắc (mục tiêu dưới 25).",
            "{value} % of the observations in {zone} report congestion (the target is below 25).",
        ),
        severity="warning",
        fires="above",
        threshold=60.0,
        recovers_at=45.0,
        by=("zone",),
        for_s=300,
        keep_firing_s=120,
    ),
    AlertRule(
        "traffic_city_slow",
        "traffic_mean_speed",
        Text("Toàn thành phố đi chậm", "The whole city is slow"),
        Text(
            "Tốc độ trung bình toàn thành phố là {value} km/h (mục tiêu trên 20).",
            "Mean speed over the whole city is {value} km/h (the target is above 20).",
        ),
        severity="critical",
        fires="below",
        threshold=12.0,
        recovers_at=14.0,
        by=(),
        for_s=300,
        keep_firing_s=120,
    ),
    unusual(
        "traffic_area_unusual",
        "traffic_mean_speed",
        Text("Chậm khác thường", "Unusually slow"),
        Text(
            "Tốc độ trung bình ở {area} là {value} km/h; giờ này thường là {normal} km/h.",
            "Mean speed in {area} is {value} km/h; at this hour it is mostly {normal} km/h.",
        ),
        fires="below",
    ),
    AlertRule(
        "traffic_area_occupied",
        "traffic_occupancy",
        Text("Mặt đường kín xe", "Roads are full"),
        Text(
            "Xe chiếm cảm biến {value} % thời gian ở {area}.",
            "Vehicles stand over the sensors {value} % of the time in {area}.",
        ),
        severity="info",
        fires="above",
        threshold=60.0,
        recovers_at=50.0,
        for_s=300,
        keep_firing_s=60,
    ),
)
