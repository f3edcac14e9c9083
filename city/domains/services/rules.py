"""The alert rules of public services. Thresholds are the pack's own: the city has published none.

Offices close, and by night minutes pass in which nobody applies: there is nothing to measure then, so rules keep what
they last said (`keep_last`). Whether it is the city that sleeps or the data, the rules that every domain has over its
sources tell.
"""

from __future__ import annotations

from typing import Final

from city.domain import AlertRule, Text
from city.unusual import unusual

_CITY: Final = ()

RULES: Final = (
    AlertRule(
        "services_area_waiting",
        "services_waiting_minutes",
        Text("Chờ lâu tại bộ phận một cửa", "Long wait at the one-stop counters"),
        Text(
            "Người dân ở {area} chờ trung bình {value} phút (mục tiêu dưới 15).",
            "People in {area} wait {value} minutes on average (the target is below 15).",
        ),
        severity="warning",
        fires="above",
        threshold=30.0,
        recovers_at=20.0,
        for_s=120,
        keep_firing_s=60,
        no_data="keep_last",
    ),
    unusual(
        "services_area_unusual",
        "services_waiting_minutes",
        Text("Chờ lâu khác thường", "An unusually long wait"),
        Text(
            "Người dân ở {area} chờ trung bình {value} phút; giờ này thường là {normal} phút.",
            "People in {area} wait {value} minutes on average; at this hour it is mostly {normal} minutes.",
        ),
        fires="above",
    ),
    AlertRule(
        "services_portal_collapse",
        "services_online_share",
        Text("Hồ sơ trực tuyến sụt đột ngột", "Online submissions collapse"),
        Text(
            "Chỉ {value}% hồ sơ được nộp trực tuyến trong 5 phút qua: cổng dịch vụ công có thể đang lỗi.",
            "Only {value}% of submissions came online in the last 5 minutes: the portals may be down.",
        ),
        severity="critical",
        fires="below",
        threshold=30.0,
        recovers_at=40.0,
        by=_CITY,
        for_s=60,
        keep_firing_s=60,
        no_data="keep_last",
    ),
    AlertRule(
        "services_late",
        "services_on_time_rate",
        Text("Tỷ lệ đúng hạn thấp", "Few applications on time"),
        Text(
            "Chỉ {value}% hồ sơ có kết quả đúng hạn trong 30 phút qua (yêu cầu 100%).",
            "Only {value}% of applications were on time in the last 30 minutes (100% is asked).",
        ),
        severity="warning",
        fires="below",
        threshold=85.0,
        recovers_at=90.0,
        by=_CITY,
        over_s=1_800,
        for_s=300,
        keep_firing_s=300,
        no_data="keep_last",
    ),
    AlertRule(
        "services_overdue_backlog",
        "services_overdue_per_hour",
        Text("Hồ sơ quá hạn tồn đọng tăng nhanh", "The overdue backlog grows fast"),
        Text(
            "Số hồ sơ quá hạn đang tăng {value} hồ sơ mỗi giờ.",
            "Overdue applications grow by {value} an hour.",
        ),
        severity="warning",
        fires="above",
        threshold=150.0,
        recovers_at=75.0,
        by=_CITY,
        over_s=1_800,
        for_s=300,
        keep_firing_s=300,
        no_data="keep_last",
    ),
    AlertRule(
        "services_dissatisfied",
        "services_satisfaction",
        Text("Mức độ hài lòng thấp", "Low satisfaction"),
        Text(
            "Điểm hài lòng trung bình 30 phút qua là {value} (mục tiêu 4).",
            "Mean satisfaction of the last 30 minutes is {value} (the target is 4).",
        ),
        severity="warning",
        fires="below",
        threshold=3.5,
        recovers_at=3.8,
        by=_CITY,
        over_s=1_800,
        for_s=300,
        keep_firing_s=300,
        no_data="keep_last",
    ),
    AlertRule(
        "services_returned",
        "services_returned_share",
        Text("Nhiều hồ sơ bị trả lại", "Many applications returned"),
        Text(
            "{value}% hồ sơ kết thúc trong 30 phút qua bị trả lại.",
            "{value}% of the applications that ended in the last 30 minutes were returned.",
        ),
        severity="warning",
        fires="above",
        threshold=15.0,
        recovers_at=10.0,
        by=_CITY,
        over_s=1_800,
        for_s=300,
        keep_firing_s=300,
        no_data="keep_last",
    ),
)
