"""The tourism pack: series, KPIs, freshness and rules."""

from __future__ import annotations

from city.domain import Census, Domain, Freshness, Kpi, Measure, Rate, Ratio, Series, Tag, Target, Text
from city.domains.tourism.crews import CROWD_S, LODGING_S, PORTAL_S, PRESENCE_S
from city.domains.tourism.events import (
    CHANNELS,
    LODGING_CLASSES,
    ORIGINS,
    TourismCrowd,
    TourismLodging,
    TourismPortal,
    TourismPresence,
)
from city.domains.tourism.rules import RULES
from city.domains.tourism.sites import sites

CROWDING = Measure(
    "crowding",
    "crowdingPercent",
    "%",
    scale=10,
    keep=("min", "max"),
    bounds=(5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 125, 150),
    title=Text("Mức đông của từng điểm đến", "Crowding of each sight"),
)
"""Its distribution: each report of a sight against that sight's own capacity, a small one as good as a large."""

PRESENCE = Series(
    "tourism_presence",
    TourismPresence,
    window_s=60,
    lateness_s=30,
    measures=(
        Measure("visitors", "visitorCount", "visitors", keep=("sum", "max")),
        Measure("foreign", "foreignCount", "visitors"),
        Measure("stated", "statedCount", "visitors"),
    ),
    tags=(Tag("origin", "data.origin", ORIGINS),),
)
SITE = Series(
    "tourism_site",
    TourismCrowd,
    window_s=60,
    lateness_s=30,
    measures=(
        Measure("in", "peopleCountTowards", "people"),
        Measure("out", "peopleCountAway", "people"),
        Measure("passed", "peopleCount", "people"),
        Measure("present", "peoplePresent", "people", keep=("sum", "max")),
        Measure("capacity", "capacity", "people"),
        CROWDING,
    ),
    tags=(Tag("source", "source"),),
)
LODGING = Series(
    "tourism_lodging",
    TourismLodging,
    window_s=60,
    lateness_s=30,
    measures=(
        Measure("taken", "roomsTaken", "rooms"),
        Measure("offered", "roomsOffered", "rooms"),
    ),
    tags=(Tag("lodging_class", "data.lodgingClass", LODGING_CLASSES),),
)
PORTAL = Series(
    "tourism_portal",
    TourismPortal,
    window_s=10,
    lateness_s=30,
    measures=(
        Measure("sessions", "sessionCount", "sessions"),
        Measure("bookings", "bookingCount", "bookings"),
        Measure("requests", "requestCount", "requests"),
        Measure("errors", "errorCount", "requests"),
    ),
    tags=(Tag("channel", "data.channel", CHANNELS),),
    citywide=True,
)

KPIS = (
    Kpi(
        "tourism_visitors_per_hour",
        Text("Lượt khách mỗi giờ", "Visitors per hour"),
        "visitors/h",
        "tourism_presence",
        Rate("visitors_sum", per_s=3_600),
        Text(
            "Lượt khách vào các điểm đến, quy ra một giờ; quan trắc không đếm khách không góp phần.",
            "Visitors let in at the sights, as of an hour; an observation that counts none adds none.",
        ),
        decimals=0,
        unit_vi="lượt khách/giờ",
    ),
    Kpi(
        "tourism_foreign_share",
        Text("Tỷ lệ khách quốc tế", "Foreign share"),
        "%",
        "tourism_presence",
        Ratio("foreign_sum", "stated_sum", factor=100),
        Text(
            "Khách quốc tế trong số lượt khách có nêu quốc tịch.",
            "Foreign visitors among those whose nationality is stated.",
        ),
    ),
    Kpi(
        "tourism_crowding",
        Text("Mức đông so với sức chứa", "Crowding"),
        "%",
        "tourism_site",
        Ratio("present_sum", "capacity_sum", factor=100),
        Text(
            "Số người đang có mặt so với sức chứa; nhiều điểm thì cộng cả hai rồi chia.",
            "People present against the capacity; over several sites, the sum of both.",
        ),
        target=Target(80.0, "below", "the pack's own goal; the city has published none"),
    ),
    Kpi(
        "tourism_hotel_occupancy",
        Text("Công suất phòng", "Hotel occupancy"),
        "%",
        "tourism_lodging",
        Ratio("taken_sum", "offered_sum", factor=100),
        Text(
            "Số phòng có khách trong số phòng kinh doanh của các cơ sở lưu trú.",
            "Rooms taken among the rooms that lodging places offer.",
        ),
    ),
    Kpi(
        "tourism_portal_sessions",
        Text("Phiên truy cập cổng", "Portal sessions"),
        "sessions/min",
        "tourism_portal",
        Rate("sessions_sum", per_s=60),
        Text("Phiên truy cập mới của cổng du lịch mỗi phút.", "New sessions of the tourism portal in a minute."),
        decimals=0,
        unit_vi="phiên/phút",
    ),
    Kpi(
        "tourism_bookings_per_session",
        Text("Đặt dịch vụ trên phiên", "Bookings per session"),
        "%",
        "tourism_portal",
        Ratio("bookings_sum", "sessions_sum", factor=100),
        Text(
            "Số lượt đặt dịch vụ trên một trăm phiên truy cập cổng du lịch.",
            "Bookings in a hundred sessions of the tourism portal.",
        ),
    ),
    Kpi(
        "tourism_portal_errors",
        Text("Lỗi cổng du lịch", "Portal errors"),
        "%",
        "tourism_portal",
        Ratio("errors_sum", "requests_sum", factor=100),
        Text("Tỷ lệ yêu cầu tới cổng du lịch bị lỗi.", "Share of requests to the tourism portal that fail."),
        target=Target(1.0, "below", "the pack's own goal; the city has published none"),
    ),
    Kpi(
        "tourism_passers_per_hour",
        Text("Lượt người qua lại mỗi giờ", "People passing per hour"),
        "people/h",
        "tourism_site",
        Rate("passed_sum", per_s=3_600),
        Text(
            "Lượt người đi qua máy đếm, vào và ra, khách hay không, quy ra một giờ; nơi không đếm không góp phần.",
            "People who passed the counters, in and out, visitors or not, as of an hour; what counts none adds none.",
        ),
        decimals=0,
        unit_vi="lượt người/giờ",
    ),
    Kpi(
        "tourism_silent_sources",
        Text("Nguồn im lặng", "Silent sources"),
        "sources",
        "sources",
        Census("silent", every_s=10),
        Text(
            "Số quầy vé, máy đếm, điểm lưu trú và máy chủ đã biết không gửi dữ liệu quá hạn.",
            "Known registers, counters, lodging desks and servers that have not spoken for longer than they may.",
        ),
        decimals=0,
        target=Target(0.0, "below", "design: a silent source is news"),
        unit_vi="nguồn",
    ),
)

PACK = Domain(
    name="tourism",
    title=Text("Du lịch", "Tourism"),
    events=(TourismPresence, TourismCrowd, TourismLodging, TourismPortal),
    series=(PRESENCE, SITE, LODGING, PORTAL),
    kpis=KPIS,
    # A closed register says zero for hours: nothing about a register, or about rooms, must vary.
    freshness=Freshness(period_s=PRESENCE_S, slow_s=90, expired_s=300, frozen_s=300, alike=()),
    freshness_by={
        TourismCrowd: Freshness(CROWD_S, slow_s=60, expired_s=300, frozen_s=300, alike=("peopleCount", "occupancy")),
        TourismLodging: Freshness(LODGING_S, slow_s=225, expired_s=450, frozen_s=450, alike=()),
        TourismPortal: Freshness(PORTAL_S, slow_s=30, expired_s=120, frozen_s=300, alike=("requestCount",)),
    },
    sites=sites,
    rules=RULES,
)
