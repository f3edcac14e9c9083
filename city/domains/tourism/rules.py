"""Tourism's alert rules. Thresholds are the pack's own: the city has published none."""

from __future__ import annotations

from city.domain import AlertRule, Text
from city.unusual import unusual

RULES = (
    AlertRule(
        "tourism_site_over_capacity",
        "tourism_crowding",
        Text("Điểm đến quá tải", "A site over its capacity"),
        Text(
            "{source} ở {area} đang có {value} % sức chứa.",
            "{source} in {area} holds {value} % of its capacity.",
        ),
        severity="critical",
        fires="above",
        threshold=100.0,
        recovers_at=90.0,
        by=("area", "source"),
        over_s=120,
        for_s=120,
        keep_firing_s=60,
    ),
    AlertRule(
        "tourism_zone_crowded",
        "tourism_crowding",
        Text("Cả khu vực đông khách", "A whole zone is crowded"),
        Text(
            "Các điểm đến của {zone} đang có {value} % sức chứa (mục tiêu dưới 80).",
            "The sights of {zone} hold {value} % of their capacity (the target is below 80).",
        ),
        severity="warning",
        fires="above",
        threshold=90.0,
        recovers_at=80.0,
        by=("zone",),
        for_s=120,
        keep_firing_s=60,
    ),
    unusual(
        "tourism_area_unusual",
        "tourism_crowding",
        Text("Đông khác thường", "Unusually crowded"),
        Text(
            "Các điểm đến ở {area} đang có {value} % sức chứa; giờ này thường là {normal} %.",
            "The sights in {area} hold {value} % of their capacity; at this hour it is mostly {normal} %.",
        ),
        fires="above",
    ),
    AlertRule(
        "tourism_hotels_full",
        "tourism_hotel_occupancy",
        Text("Khách sạn gần kín phòng", "Hotels nearly full"),
        Text(
            "{value} % số phòng ở {zone} đã có khách.",
            "{value} % of the rooms in {zone} are taken.",
        ),
        severity="warning",
        fires="above",
        threshold=95.0,
        recovers_at=92.0,
        by=("zone",),
        for_s=120,
        keep_firing_s=60,
    ),
    AlertRule(
        "tourism_foreign_drop",
        "tourism_foreign_share",
        Text("Khách quốc tế giảm mạnh", "Few foreign visitors"),
        Text(
            "Chỉ {value} % lượt khách nửa giờ qua là khách quốc tế.",
            "Only {value} % of the visitors of the last half hour are foreign.",
        ),
        severity="info",
        fires="below",
        threshold=6.0,
        recovers_at=9.0,
        by=(),
        over_s=1_800,
        for_s=600,
    ),
    AlertRule(
        "tourism_portal_failing",
        "tourism_portal_errors",
        Text("Cổng du lịch lỗi", "The tourism portal fails"),
        Text(
            "{value} % yêu cầu tới cổng du lịch bị lỗi (mục tiêu dưới 1).",
            "{value} % of the requests to the tourism portal fail (the target is below 1).",
        ),
        severity="critical",
        fires="above",
        threshold=5.0,
        recovers_at=2.0,
        by=(),
        over_s=120,
        for_s=60,
        keep_firing_s=60,
    ),
    AlertRule(
        "tourism_channel_failing",
        "tourism_portal_errors",
        Text("Một kênh của cổng du lịch lỗi", "A channel of the tourism portal fails"),
        Text(
            "{value} % yêu cầu qua kênh {channel} bị lỗi.",
            "{value} % of the requests through the channel {channel} fail.",
        ),
        severity="warning",
        fires="above",
        threshold=10.0,
        recovers_at=3.0,
        by=("channel",),
        over_s=120,
        for_s=120,
        keep_firing_s=60,
    ),
)
