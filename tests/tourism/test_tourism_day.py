"""A simulated day through the truth: every KPI plausible, scenarios that fire the rules, weather that is felt."""

from collections.abc import Iterator
from functools import cache

import pytest

from city.domain import AlertRule
from city.domains.tourism.events import TourismCrowd, TourismPresence
from city.domains.tourism.pack import PACK
from city.domains.tourism.simulator import SCENARIOS, simulate
from city.geography import HANOI
from city.instant import NS, nanoseconds
from city.rounds import ROUND_S
from city.weather import Weather
from producers.simulators import find
from tests.kpis import Bound, Points, beyond, implausible, points, value, value_by

(SIMULATOR,) = find([PACK], HANOI)
FULL = SIMULATOR.full_rate
MINUTE = 60 * NS
HOUR = 60 * MINUTE
SUNDAY = nanoseconds("2026-11-21T17:00:00Z")  # midnight in Hanoi
OF = {kpi.name: kpi for kpi in PACK.kpis}
RULES = {rule.name: rule for rule in PACK.rules}


@cache
def of_minutes(start: int, minutes: int, scenarios: tuple[str, ...] = (), seed: int = 2026) -> Points:
    """Settled points of the windows that begin in some minutes, all sources speaking."""
    end = start + minutes * MINUTE
    return points(simulate(seed, start, end, events_per_s=FULL, scenarios=scenarios), PACK, HANOI, start, end)


# Hanoi counted 30.94 million visitors in 334 days of 2025, 92,600 a day; 2.5 million of them in November. A weekend has
# more. Nobody publishes them by hour: the bounds of an hour are a tenth of a day's at most, and above nothing.
BOUNDS = (
    Bound("tourism_visitors_per_hour", 40, 13_000, "83,000 to 110,000 a day, at most an eighth of them in an hour"),
    Bound("tourism_foreign_share", 12, 60, "22.9 % over the year, more in autumn and by night"),
    Bound("tourism_crowding", 0.2, 80, "places are made for weekends (the pack's target is 80 %)"),
    Bound("tourism_passers_per_hour", 80, 130_000, "each visitor comes and goes, with up to four who are none"),
    Bound("tourism_hotel_occupancy", 65, 95, "73.4 % over the year, 79 % in the pack's November, more at weekends"),
    Bound("tourism_portal_sessions", 30, 700, "360,000 a day are 250 a minute (assumed), by night a fifth of that"),
    Bound("tourism_bookings_per_session", 1.0, 6.0, "travel sites commonly turn 2 to 4 % of sessions into bookings"),
    Bound("tourism_portal_errors", 0.05, 1.0, "below the pack's target of 1 % while all is well"),
)


@pytest.mark.parametrize("hour", range(0, 24, 2))
def test_every_kpi_of_an_ordinary_sunday_is_plausible(hour: int) -> None:
    assert implausible(BOUNDS, PACK, of_minutes(SUNDAY + hour * HOUR, 5), 300) == []


def test_the_bounds_are_of_every_kpi_that_follows_from_events() -> None:
    assert {bound.kpi for bound in BOUNDS} == {kpi.name for kpi in PACK.kpis if kpi.measurement != "sources"}


def test_a_whole_sunday_has_as_many_visitors_as_a_november_weekend() -> None:
    each = [
        value(OF["tourism_visitors_per_hour"], of_minutes(SUNDAY + hour * HOUR, 5), 300) for hour in range(0, 24, 2)
    ]
    assert 2 * sum(one or 0 for one in each) == pytest.approx(2.5e6 / 30 * 1.15, rel=0.2)


# ------------------------------------------------------------------------------------------------ rules


def worst(rule: AlertRule, of: Points) -> dict[tuple[str, ...], float]:
    """What the rule watches, minute by minute over its range, for each value of its scope: the worst."""
    kpi = OF[rule.kpi]
    keys = [key for key in of if key.measurement == kpi.measurement]
    found: dict[tuple[str, ...], float] = {}
    for start in range(min(key.start for key in keys), max(key.start for key in keys) + 1, MINUTE):
        inside = {key: of[key] for key in keys if start <= key.start < start + rule.over_s * NS}
        for scope, seen in value_by(kpi, inside, rule.over_s, rule.by).items():
            found[scope] = (max if rule.fires == "above" else min)(found.get(scope, seen), seen)
    return found


ORDINARY = (
    pytest.param("2026-11-22T19:00:00+07:00", id="a Sunday's evening"),
    pytest.param("2026-04-30T09:30:00+07:00", id="a holiday's morning"),
    pytest.param("2026-07-18T03:00:00+07:00", id="a summer's night"),
    pytest.param("2026-02-17T10:00:00+07:00", id="Tết"),
)


@pytest.mark.parametrize("at", ORDINARY)
def test_without_a_scenario_no_rule_has_a_reason_to_fire(at: str) -> None:
    of = of_minutes(nanoseconds(at), 10)
    for rule in PACK.rules:
        if rule.over_s <= 600:
            assert not {scope for scope, seen in worst(rule, of).items() if beyond(rule, seen)}, rule.name


@pytest.mark.parametrize("at", ["2026-11-23T03:00:00+07:00", "2026-07-19T05:30:00+07:00"])
def test_the_foreign_share_of_half_an_hour_is_never_as_low_as_its_rule_asks(at: str) -> None:
    rule = RULES["tourism_foreign_drop"]
    assert rule.over_s == 1_800
    start = nanoseconds(at)
    end = start + rule.over_s * NS
    counted = (event for event in simulate(2026, start, end, events_per_s=FULL) if isinstance(event, TourismPresence))
    seen = value(OF[rule.kpi], points(counted, PACK, HANOI, start, end), rule.over_s)
    assert seen is not None
    assert seen > rule.threshold


def rounds(name: str) -> Iterator[Points]:
    """A round of a scenario, cut into pieces of four minutes, by night: it does not wait for the day."""
    at = SUNDAY + 3 * HOUR
    for minute in range(0, ROUND_S // 60, 4):
        yield of_minutes(at + minute * MINUTE, 4, (name,))


@pytest.mark.parametrize(
    ("scenario", "fired"),
    [
        ("festival", {"tourism_site_over_capacity", "tourism_zone_crowded", "tourism_hotels_full"}),
        ("portal-outage", {"tourism_portal_failing", "tourism_channel_failing"}),
    ],
)
def test_a_scenario_fires_its_rules_and_lets_every_scope_of_them_recover(scenario: str, fired: set[str]) -> None:
    seen: dict[str, dict[tuple[str, ...], list[float]]] = {name: {} for name in fired}
    for of in rounds(scenario):
        for name in fired:
            rule = RULES[name]
            for scope, now in value_by(OF[rule.kpi], of, 240, rule.by).items():
                seen[name].setdefault(scope, []).append(now)
    for name in fired:
        rule = RULES[name]
        assert rule.recovers_at is not None
        struck = {scope: values for scope, values in seen[name].items() if max(values) > rule.threshold}
        assert struck, f"{name} never fires"
        assert all(min(values) < rule.recovers_at for values in struck.values()), f"{name} never ends"


@pytest.mark.parametrize("minute", range(0, ROUND_S // 60, 4))
def test_whoever_starts_the_festival_sees_a_crowd_within_three_minutes(minute: int) -> None:
    of = of_minutes(SUNDAY + 3 * HOUR + minute * MINUTE, 4, ("festival",))
    last = {key: fields for key, fields in of.items() if key.start >= SUNDAY + 3 * HOUR + (minute + 2) * MINUTE}
    over = [fields for fields in last.values() if fields.get("present_sum", 0) > fields.get("capacity_sum", 1)]
    assert over


def test_every_scenario_is_about_a_rule() -> None:
    assert set(SCENARIOS) == {"festival", "portal-outage"}


# ------------------------------------------------------------------------------------------------ weather


def test_rain_empties_the_lake_shore_and_fills_museums() -> None:
    sky = Weather(2026, HANOI)
    summer = nanoseconds("2026-08-01T00:00:00+07:00")
    wet = next(
        at for at in range(summer, summer + 60 * 24 * HOUR, HOUR) if hour_of(at) in range(9, 16) and pours(sky, at)
    )
    dry = next(
        at for day in range(1, 40) if hour_is_dry(sky, at := wet + day * 24 * HOUR) and weekday(at) == weekday(wet)
    )
    assert people(wet, "ho-hoan-kiem") < 0.45 * people(dry, "ho-hoan-kiem")
    assert people(wet, "nha-tu-hoa-lo") > 0.95 * people(dry, "nha-tu-hoa-lo")


def pours(sky: Weather, at: int) -> bool:
    return all(sky.at(at + minute * MINUTE).rain_mm_h > 12 for minute in range(6))


def hour_is_dry(sky: Weather, at: int) -> bool:
    return not any(sky.at(at + minute * MINUTE).rain_mm_h for minute in range(6))


def hour_of(at: int) -> int:
    """The hour of Hanoi's clock."""
    return (at // HOUR + 7) % 24


def weekday(at: int) -> bool:
    """Whether it is a weekend, in Hanoi."""
    return (at // HOUR + 7) // 24 % 7 in {2, 3}


def people(at: int, slug: str) -> float:
    """The mean number of people at a place over five minutes."""
    said = simulate(2026, at, at + 5 * MINUTE, events_per_s=FULL)
    seen = [
        event.data.peoplePresent or 0
        for event in said
        if isinstance(event, TourismCrowd) and f"/{slug}/" in event.source
    ]
    return sum(seen) / len(seen)
