"""The services pack: series, freshness, and the domain as a whole."""

from __future__ import annotations

from city.domain import Domain, Freshness, Measure, Series, Tag, Text
from city.domains.services.events import CHANNELS, PROCEDURE_GROUPS, STEPS, Application, Counter
from city.domains.services.kpis import KPIS
from city.domains.services.rules import RULES
from city.domains.services.scorecard import SCORECARD
from city.domains.services.sites import sites

HOURS = Measure(
    "processing_hours",
    "processing_hours",
    "h",
    scale=100,
    keep=("sum", "max"),
    bounds=(1, 4, 8, 24, 48, 72, 120, 168, 240, 360, 480, 720),
    title=Text("Thời gian giải quyết", "Processing time"),
    unit_vi="giờ",
)
WAITING_MINUTES = Measure(
    "waiting_minutes",
    "waitingMinutes",
    "min",
    scale=10,
    keep=("sum", "max"),
    weight="served",
    bounds=(1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120),
    title=Text("Thời gian chờ tại quầy", "Waiting time at counters"),
    unit_vi="phút",
)

APPLICATIONS = Series(
    "services_applications",
    Application,
    window_s=60,
    lateness_s=30,
    measures=(
        Measure("submitted", "submitted", "1"),
        Measure("online", "online", "1"),
        Measure("full_online", "full_online", "1"),
        Measure("paid_online", "paid_online", "1"),
        Measure("supplement", "supplement", "1"),
        Measure("on_time", "on_time", "1"),
        Measure("overdue_change", "overdue_change", "1"),
        HOURS,
        Measure("returned", "returned", "1"),
        Measure("electronic_result", "electronic_result", "1"),
        Measure("satisfaction", "satisfaction", "1", keep=("sum", "min")),
        Measure("satisfied", "satisfied", "1"),
    ),
    tags=(
        Tag("step", "data.step", STEPS),
        Tag("procedure_group", "data.procedure_group", PROCEDURE_GROUPS),
        Tag("channel", "data.channel", CHANNELS),
    ),
)
COUNTERS = Series(
    "services_counters",
    Counter,
    window_s=60,
    lateness_s=30,
    measures=(
        Measure("waiting", "ticketsToServe", "people", keep=("sum", "max")),
        Measure("served", "served", "people"),
        WAITING_MINUTES,
    ),
)

PACK = Domain(
    name="services",
    title=Text("Dịch vụ hành chính công", "Public services"),
    events=(Counter, Application),
    series=(APPLICATIONS, COUNTERS),
    kpis=KPIS,
    freshness=Freshness(
        period_s=60,
        slow_s=360,  # at a third of a full city's rate a counter speaks every three minutes
        expired_s=480,
        frozen_s=900,
        alike=("ticketServed", "ticketsToServe", "waitingMinutes"),
    ),
    freshness_by={  # an office speaks when somebody applies: its silence is no news within a day
        Application: Freshness(period_s=3_600, slow_s=43_200, expired_s=86_400, frozen_s=86_400, alike=()),
    },
    sites=sites,
    rules=RULES,
    scorecard=SCORECARD,
)
