"""Between what bounds every KPI of a running city lies, at any hour, with all scenarios at once.

The scenarios play a rush hour, open offices and a festival whatever the clock says, so an hour's KPIs differ less than
a day's. Twenty pieces of two minutes (night, morning, afternoon and evening of a Monday, a Sunday, a day of July, the
30th of April and the first of Tết) gave what lies well inside each bound; where a figure comes from is named.
Days without scenarios have bounds of their own (tests/services, tests/tourism, tests/city).
"""

from __future__ import annotations

from typing import Final

from tests.kpis import Bound

_TWO_ZONES: Final = "two zones of thirty without power at once, and one source in 250 that fails"
_FAILING: Final = "one source in 250 fails (city/faults.py), and no scenario silences more"
PLAUSIBLE: Final = (
    Bound(
        "traffic_mean_speed", 18, 28, "a full ward road runs at 20 km/h, a commune's faster (road.py); rain takes 20 %"
    ),
    Bound(
        "traffic_vehicles_per_minute",
        40_000,
        75_000,
        "2,000 sensors, 0.35 to 1 vehicles a second at the rush (assumed)",
    ),
    Bound("traffic_occupancy", 6, 12, "flow × length ÷ speed over three lanes at 23 km/h: 8 % (road.py)"),
    Bound("traffic_congested_share", 1, 12, "of 126 areas at most eight are flooded at once"),
    Bound("traffic_silent_sensors", 0, 350, _TWO_ZONES),
    Bound(
        "tourism_visitors_per_hour", 2_500, 40_000, "30.94 M in eleven months are 3,900 an hour; a festival brings more"
    ),
    Bound(
        "tourism_foreign_share", 6, 50, "22.9 % over the year, from a twelfth at a festival to half by autumn nights"
    ),
    Bound("tourism_crowding", 8, 100, "a festival fills its places beyond their capacity, a third of them at a time"),
    Bound("tourism_passers_per_hour", 8_000, 150_000, "each visitor comes and goes, with up to four who are none"),
    Bound(
        "tourism_hotel_occupancy", 55, 100, "62.3 % in February, 73.4 % over the year; a festival fills what is left"
    ),
    Bound(
        "tourism_portal_sessions", 10, 800, "360,000 a day are 250 a minute (assumed), fewer by night and in an outage"
    ),
    Bound("tourism_bookings_per_session", 0.8, 8, "travel sites turn 2 to 4 % of sessions into bookings"),
    Bound("tourism_portal_errors", 0.1, 30, "one channel of three is down at a time, where 45 % of requests fail"),
    Bound("tourism_silent_sources", 0, 30, _FAILING),
    Bound("services_submissions_per_minute", 3, 50, "12,000 a working day (assumed) are 25 a minute of 8 hours"),
    Bound("services_online_share", 0, 85, "none while the portals are out; 60 % were asked for by 30 July 2025"),
    Bound("services_on_time_rate", 85, 100, "Hue's portal stated 92 and 93 %; a queue at the counters delays some"),
    Bound("services_processing_hours", 20, 160, "from certification on the day to permits of 15 working days"),
    Bound(
        "services_waiting_minutes", 12, 40, "15 is the pack's goal, 30 the rule's; a third of the counters has a queue"
    ),
    Bound("services_people_waiting", 2, 6, "a wait of 12 to 40 minutes at some 6 minutes a ticket"),
    Bound("services_satisfaction", 2.8, 5, "three in four give 4 or 5 (assumed); who waited long gives less"),
    Bound("services_returned_share", 0, 20, "one in twenty (assumed), of some dozens that end in two minutes"),
    Bound("services_supplement_share", 0, 30, "one in twelve (assumed), of some dozens in two minutes"),
    Bound(
        "services_overdue_per_hour",
        -200,
        200,
        "as many become overdue in a day as end that were; around the rule's 150",
    ),
    Bound("services_full_online_share", 0, 40, "provinces had 17 % in October 2025; none while the portals are out"),
    Bound("services_paid_online_share", 0, 90, "one in four even of those at the counters, of the few of two minutes"),
    Bound("services_electronic_result_share", 60, 100, "the city asks 100 %; 75 and more on a working day"),
    Bound("services_satisfied_share", 40, 100, "as satisfaction, of some dozens who answer"),
    Bound("services_silent_counters", 0, 30, _FAILING),
)
