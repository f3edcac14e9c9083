"""Between what bounds every KPI of a running city lies, at any hour, with all scenarios at once."""

from __future__ import annotations

from typing import Final

from tests.kpis import Bound

# Days without scenarios have narrower bounds, with their sources (tests/services, tests/tourism, tests/city). Scenarios
# make it worse than that, and a city that has run for two minutes only has a sixth of the rates it will have in ten.
_KNOWN_SOURCES: Final = "no more are silent than the pack knows"
PLAUSIBLE: Final = (
    Bound("traffic_mean_speed", 8, 48, "a flood slows six roads of ten; nobody walks slower, communes allow 48"),
    Bound("traffic_vehicles_per_minute", 500, 150_000, "2,000 sensors, none of which is passed by more than 1.5 a s"),
    Bound("traffic_occupancy", 0.05, 40, "a detector is covered most of the time only where nothing moves"),
    Bound("traffic_congested_share", 0, 60, "a flood or an accident stops some places, not the city"),
    Bound("traffic_silent_sensors", 0, 2_000, _KNOWN_SOURCES),
    Bound("tourism_visitors_per_hour", 100, 40_000, "a festival brings several times an ordinary day's"),
    Bound("tourism_foreign_share", 5, 70, "22.9 % over the year, more in autumn and by night"),
    Bound("tourism_crowding", 0.2, 150, "a festival fills its places beyond what they are made for"),
    Bound("tourism_passers_per_hour", 200, 400_000, "each visitor comes and goes, with up to four who are none"),
    Bound("tourism_hotel_occupancy", 60, 100, "73.4 % over the year; a festival fills what is left"),
    Bound("tourism_portal_sessions", 1, 1_000, "360,000 a day are 250 a minute (assumed)"),
    Bound("tourism_bookings_per_session", 0, 10, "travel sites turn 2 to 4 % of sessions into bookings"),
    Bound("tourism_portal_errors", 0.02, 40, "the portal fails for a part of those who ask, not for all"),
    Bound("tourism_silent_sources", 0, 420, _KNOWN_SOURCES),
    Bound("services_submissions_per_minute", 0.1, 60, "12,000 a working day (assumed) are 25 a minute of 8 hours"),
    Bound("services_online_share", 0, 95, "none while the portals are out, and never all"),
    Bound("services_on_time_rate", 60, 100, "Hue's portal stated 92 and 93 %; a queue at the counters delays some"),
    Bound("services_processing_hours", 0, 240, "from certification on the day to permits of 15 working days"),
    Bound("services_waiting_minutes", 1, 120, "a queue of two hours is sent home"),
    Bound("services_people_waiting", 0.1, 30, "a wait of two hours at some 6 minutes a ticket"),
    Bound("services_satisfaction", 2, 5, "of 5; who waited long gives less"),
    Bound("services_returned_share", 0, 50, "one in twenty (assumed), of the few that end in two minutes"),
    Bound("services_supplement_share", 0, 60, "one in twelve (assumed), of the few of two minutes"),
    Bound("services_overdue_per_hour", -1_000, 1_000, "as many become overdue in a day as end that were"),
    Bound("services_full_online_share", 0, 60, "provinces had 17 % in October 2025; none while the portals are out"),
    Bound("services_paid_online_share", 0, 95, "one in four even of those at the counters"),
    Bound("services_electronic_result_share", 40, 100, "the city asks 100 %"),
    Bound("services_satisfied_share", 10, 100, "as satisfaction"),
    Bound("services_silent_counters", 0, 480, _KNOWN_SOURCES),
)
