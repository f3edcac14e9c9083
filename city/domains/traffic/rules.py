"""Traffic's alert rules."""

from __future__ import annotations

from city.domain import AlertRule, Text

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
)
