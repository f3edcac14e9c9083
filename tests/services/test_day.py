"""A simulated day through the truth: every KPI plausible, and no rule with a reason to fire where all is well."""

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from city.domain import AlertRule
from city.domains.services.counters import Counters
from city.domains.services.events import Application, ApplicationStep
from city.domains.services.lives import Lives
from city.domains.services.office import Practice
from city.domains.services.pack import APPLICATIONS, PACK
from city.domains.services.scenarios import Events
from city.domains.services.simulator import SCENARIOS, simulate
from city.domains.services.steps import Teller
from city.geography import HANOI
from city.instant import NS, nanoseconds
from city.weather import Weather
from tests.kpis import Bound, Points, beyond, implausible, of_sums, points, value

MINUTE = 60 * NS
HOUR = 60 * MINUTE
MONDAY = nanoseconds("2026-11-23T00:00:00+07:00")
SUNDAY = MONDAY - 24 * HOUR
SPAN_S = 600
FULL = 4.5
"""From here on every counter speaks, and as many apply as in the city itself."""

OF = {kpi.name: kpi for kpi in PACK.kpis}


@cache
def ten_minutes(start: int, scenarios: tuple[str, ...] = ()) -> Points:
    """Settled points of the windows that begin in them."""
    end = start + SPAN_S * NS
    return points(simulate(2026, start, end, events_per_s=FULL, scenarios=scenarios), PACK, HANOI, start, end)


# While offices are open.
BOUNDS = (
    Bound("services_submissions_per_minute", 5, 30, "12,000 a working day (assumed) are 25 a minute of 8 hours"),
    Bound("services_online_share", 40, 90, "32 % in 2017; the city asked each place for 60 % by 30 July 2025"),
    Bound("services_on_time_rate", 85, 100, "Hue's portal stated 92 and 93 % for levels 1 to 3; the city asks 100 %"),
    Bound("services_processing_hours", 10, 240, "from certification on the day to building permits of 15 working days"),
    Bound("services_waiting_minutes", 3, 20, "around the pack's own goal of 15, and below the rule's 30"),
    Bound("services_people_waiting", 0.3, 5, "a wait of 3 to 20 minutes at 6 minutes a ticket"),
    Bound("services_satisfaction", 3.6, 4.8, "three in four of those who answer give 4 or 5 (assumed)"),
    Bound("services_returned_share", 0, 10, "one in twenty (assumed), below the rule's 15 %"),
    Bound("services_supplement_share", 0, 20, "one in twelve (assumed), most of them in the afternoon"),
    Bound("services_overdue_per_hour", -150, 150, "as many become overdue in a day as end that were; the rule's 150"),
    Bound("services_full_online_share", 10, 35, "provinces had 17 % in October 2025; the city asked for 20 %"),
    Bound("services_paid_online_share", 35, 85, "most of those who come online pay online, one in four of the others"),
    Bound("services_electronic_result_share", 75, 100, "the city asks 100 %"),
    Bound("services_satisfied_share", 60, 95, "as satisfaction"),
)
PORTALS = "what portals and machines alone do"
BY_NIGHT = (
    Bound("services_submissions_per_minute", 0.1, 12, PORTALS),
    Bound("services_online_share", 100, 100, PORTALS),
    Bound("services_full_online_share", 5, 60, PORTALS),
    Bound("services_on_time_rate", 100, 100, PORTALS),
    Bound("services_processing_hours", 0.04, 1, PORTALS),
)
# What the scenarios are about lies where they put it.
STRUCK = {
    "services_online_share": (5, 80),
    "services_full_online_share": (2, 42),
    "services_paid_online_share": (15, 90),
    "services_waiting_minutes": (12, 45),
}
OFFICE_ALONE = {"services_waiting_minutes", "services_people_waiting", "services_satisfaction"}


@pytest.mark.parametrize("hour", [9, 11, 14, 16])
def test_every_kpi_of_a_working_day_is_plausible(hour: int) -> None:
    assert implausible(BOUNDS, PACK, ten_minutes(MONDAY + hour * HOUR), SPAN_S) == []


@pytest.mark.parametrize("at", [SUNDAY + 10 * HOUR, SUNDAY + 21 * HOUR, MONDAY + 6 * HOUR])
def test_by_night_and_on_sundays_portals_alone_have_figures_and_plausible_ones(at: int) -> None:
    of = ten_minutes(at)
    assert implausible(BY_NIGHT, PACK, of, SPAN_S) == []
    assert {name for name in OFFICE_ALONE if value(OF[name], of, SPAN_S) is not None} == set()


@pytest.mark.parametrize("at", [SUNDAY + 3 * HOUR, MONDAY + 10 * HOUR, MONDAY + 19 * HOUR])
def test_with_all_scenarios_every_kpi_has_a_plausible_value_whatever_the_clock_says(at: int) -> None:
    struck = []
    for bound in BOUNDS:
        least, most = STRUCK.get(bound.kpi, (bound.least, bound.most * 1.2))
        struck.append(replace(bound, least=least, most=most))
    assert implausible(struck, PACK, ten_minutes(at, tuple(sorted(SCENARIOS))), SPAN_S) == []


def test_the_bounds_are_of_every_kpi_that_follows_from_events() -> None:
    assert {bound.kpi for bound in BOUNDS} == {kpi.name for kpi in PACK.kpis if kpi.measurement != "sources"}


def test_distributions_add_up_to_what_was_counted() -> None:
    sums: Counter[str] = Counter()
    for fields in ten_minutes(MONDAY + 9 * HOUR).values():
        sums.update(fields)
    for name in ("processing_hours", "waiting_minutes"):
        bins = [count for field, count in sums.items() if field.startswith(f"{name}_bin")]
        assert sum(bins) == sums[f"{name}_count"] > 30
        assert len(bins) >= 4


# ------------------------------------------------------------------------------------------------ a whole day


@pytest.fixture(scope="module")
def steps() -> list[tuple[int, ApplicationStep]]:
    """All steps of the city's applications on a Monday and the night after it."""
    practice, events = Practice(), Events({}, outage=False)
    lives = Lives(2026, HANOI, practice, events, 1.0)
    teller = Teller(2026, lives, Counters(2026, HANOI, practice, events, Weather(2026, HANOI)))
    return [
        (one.at, teller.tell(one, "00070", teller.chance(one))) for one in lives.happenings(MONDAY, MONDAY + 30 * HOUR)
    ]


def test_a_working_day_has_twelve_thousand_submissions(steps: list[tuple[int, ApplicationStep]]) -> None:
    submitted = [step for at, step in steps if step.submitted and at < MONDAY + 24 * HOUR]
    assert len(submitted) == pytest.approx(12_000, rel=0.03)
    assert sum(bool(step.online) for step in submitted) / len(submitted) == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize("rule", [rule for rule in PACK.rules if not rule.by], ids=lambda rule: rule.name)
def test_no_rule_over_the_whole_city_has_a_reason_to_fire_from_morning_to_morning(
    rule: AlertRule, steps: list[tuple[int, ApplicationStep]]
) -> None:
    kpi = OF[rule.kpi]
    assert (kpi.measurement, rule.by) == (APPLICATIONS.name, ())
    minutes: list[Counter[str]] = [Counter() for _ in range(30 * 60)]
    for at, step in steps:
        for measure in APPLICATIONS.measures:
            if (stated := getattr(step, measure.path)) is not None:
                minutes[(at - MONDAY) // MINUTE].update({f"{measure.name}_sum": stated, f"{measure.name}_count": 1})
    held = 0
    for end in range(rule.over_s // 60, len(minutes)):
        sums: Counter[str] = Counter()
        for minute in minutes[end - rule.over_s // 60 : end]:
            sums.update(minute)
        seen = of_sums(kpi, sums, rule.over_s)
        held = held + 60 if seen is not None and beyond(rule, seen) else 0
        assert held < rule.for_s, f"{seen} for {held} s at minute {end}"


def test_an_application_event_says_what_the_series_counts() -> None:
    """Each attribute that is measured is stated by some step, and none that is not an application's."""
    said = [event.data for event in simulate(2026, MONDAY + 9 * HOUR, MONDAY + 10 * HOUR, events_per_s=FULL)]
    stated = {
        measure.path
        for data in said
        if isinstance(data, ApplicationStep)
        for measure in APPLICATIONS.measures
        if getattr(data, measure.path) is not None
    }
    assert stated == {measure.path for measure in APPLICATIONS.measures}
    assert Application in PACK.events
