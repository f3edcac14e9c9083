"""The life of every application: whole, in order, and found by the piece of time alone."""

from collections import defaultdict
from datetime import date
from itertools import pairwise

import pytest

from city.domains.services.counters import Counters
from city.domains.services.events import ApplicationStep
from city.domains.services.lives import Lives
from city.domains.services.office import Practice
from city.domains.services.plans import PLANS, PROCEDURES, Plan
from city.domains.services.scenarios import OUTAGE_S, Events
from city.domains.services.steps import Teller
from city.geography import HANOI
from city.instant import NS, nanoseconds
from city.weather import Weather

MONDAY = nanoseconds("2026-11-22T17:00:00Z")
DAY = 86_400 * NS
DAYS = 34

Life = list[tuple[int, ApplicationStep]]


@pytest.fixture(scope="module")
def lives() -> dict[str, Life]:
    """A small city's applications over five weeks, by id: no source fails here."""
    practice, events = Practice(), Events({}, outage=False)
    every = Lives(3, HANOI, practice, events, scale=0.02)
    teller = Teller(3, every, Counters(3, HANOI, practice, events, Weather(3, HANOI)))
    found: dict[str, Life] = defaultdict(list)
    for happening in every.happenings(MONDAY, MONDAY + DAYS * DAY):
        step = teller.tell(happening, "00070", teller.chance(happening))
        found[step.service_request_id].append((happening.at, step))
    return found


@pytest.fixture(scope="module")
def whole(lives: dict[str, Life]) -> list[Life]:
    """Those that began and could end in that time: submitted in the first days."""
    return [life for life in lives.values() if life[0][1].step == "submitted" and life[0][0] < MONDAY + 2 * DAY]


def test_steps_come_in_the_order_of_life(whole: list[Life]) -> None:
    assert len(whole) > 300
    rank = {"submitted": 0, "accepted": 1, "supplement_asked": 2, "overdue": 3, "completed": 4, "returned": 4}
    for life in whole:
        assert [rank[step.step] for _, step in life] == sorted(rank[step.step] for _, step in life)
        assert all(before < after for (before, _), (after, _) in pairwise(life))


def test_every_life_begins_and_ends_and_takes_no_step_twice(whole: list[Life]) -> None:
    for life in whole:
        steps = [step.step for _, step in life]
        assert len(set(steps)) == len(steps)
        assert steps[:2] == ["submitted", "accepted"]
        assert steps[-1] in {"completed", "returned"}


def test_what_is_known_of_an_application_does_not_change_on_its_way(whole: list[Life]) -> None:
    for life in whole:
        steps = [step for _, step in life]
        assert len({(s.procedure_group, s.channel, s.online_level, s.requested_datetime) for s in steps}) == 1
        assert len({s.expected_datetime for s in steps if s.step != "submitted"}) <= 1


def test_an_application_is_judged_once_and_leaves_no_backlog_behind(whole: list[Life]) -> None:
    for life in whole:
        steps = [step for _, step in life]
        judged = [step.on_time for step in steps if step.on_time is not None]
        due = nanoseconds(str(steps[-1].expected_datetime))
        if any(step.step == "overdue" for step in steps):
            assert judged == [False]
            assert sum(step.overdue_change or 0 for step in steps) == 0
            assert life[-1][0] > due
        else:
            assert judged == [True]
            assert life[-1][0] <= due


def test_hours_are_those_since_acceptance(whole: list[Life]) -> None:
    for (_, _), (accepted, _), *_, (at, last) in whole:
        assert last.processing_hours == pytest.approx((at - accepted) / (3_600 * NS), abs=0.006)


def test_offices_decide_in_office_hours_alone_and_machines_at_any_hour(lives: dict[str, Life]) -> None:
    hours = defaultdict(set)
    for life in lives.values():
        machine = life[0][1].service_request_id.split("-")[2] in {
            f"{number:02d}" for number, plan in enumerate(PLANS) if plan.automatic
        }
        for at, step in life:
            if step.step == "completed":
                hours[machine].add((at // (3_600 * NS) + 7) % 24)
    assert hours[False] <= {8, 9, 10, 11, 12, 13, 14, 15, 16, 17}
    assert len(hours[True]) > 15


def test_shares_of_plans_and_procedures_make_a_whole() -> None:
    assert sum(of.walk_ins for of in PROCEDURES) == pytest.approx(1)
    assert sum(of.online for of in PROCEDURES) == pytest.approx(1)
    for online in (True, False):
        assert sum(plan.share for plan in PLANS if plan.online is online) == pytest.approx(1)
    assert len({plan.name for plan in PLANS}) == len(PLANS) < 100


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_places_and_positions_invert_each_other(plan: Plan) -> None:
    for planned in (*plan.steps, plan.due):
        for x in (0.0, 0.25, 0.999):
            assert planned.places(planned.position(x), 1.0)[0] == pytest.approx(x)


def test_working_days_jump_weekends_holidays_and_tet() -> None:
    usual = Practice()
    assert usual.after(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert usual.before(date(2026, 11, 23), 1) == date(2026, 11, 20)
    assert usual.after(date(2026, 2, 13), 1) == date(2026, 2, 23)  # Tết from Monday the 16th to Friday the 20th
    assert usual.before(date(2026, 11, 22), 0) is None
    assert usual.gathered(date(2026, 11, 23)) == (date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22))
    assert Practice(rush=True).after(date(2026, 11, 20), 1) == date(2026, 11, 21)


def test_an_outage_puts_online_applications_off_and_loses_and_doubles_none() -> None:
    usual, struck = (Lives(3, HANOI, Practice(), Events({}, outage=outage), scale=0.1) for outage in (False, True))
    end = MONDAY + 2 * DAY
    whole = struck.happenings(MONDAY, end)
    step = 600 * NS
    pieces = [one for start in range(MONDAY, end, step) for one in struck.happenings(start, start + step)]
    assert pieces == whole
    sent = {(one.life.plan.name, one.life.day, one.life.number) for one in whole if one.step == "submitted"}
    planned = {
        (one.life.plan.name, one.life.day, one.life.number)
        for one in usual.happenings(MONDAY, end - 2 * OUTAGE_S * NS)
        if one.step == "submitted"
    }
    assert planned <= sent
    during = [one for one in whole if one.step == "submitted" and one.life.plan.online and struck.events.down(one.at)]
    assert during
    assert all(struck.walks_in(one.life, one.at) for one in during)
