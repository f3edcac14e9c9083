from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from city import catalogue
from city.errors import CityopsError
from city.event import AHEAD_NS
from city.instant import NS, rfc3339
from producers.plan import FASTEST, Plan, Survey, alignment_ns, closing_ns, keep_time, shift_to_now
from tests.producers.doubles import START

CATALOGUE = catalogue.load()
CLOSING = 95 * NS
ALIGNED = 60 * NS
HOUR = 3_600 * NS
NOW = START + 1_000 * HOUR

speeds = st.sampled_from([1.0, 60.0, FASTEST])


def _survey(length: int = HOUR, first: int = START) -> Survey:
    return Survey(lines=2, events=2, first=first, last=first + length)


def _shifted(
    length: int = HOUR, *, clock: int | None = None, speed: float = 1.0, moving: bool = False, first: int = START
) -> Plan:
    return shift_to_now(
        _survey(length, first), NOW, clock, closing=CLOSING, speed=speed, aligned=ALIGNED, moving=moving
    )


def test_the_last_tick_lies_past_every_window_of_the_catalogue() -> None:
    closing = closing_ns(CATALOGUE.series.values())
    assert all(AHEAD_NS + (one.window_s + one.lateness_s) * NS <= closing for one in CATALOGUE.series.values())


def test_a_shift_is_a_multiple_of_every_window() -> None:
    series = CATALOGUE.domain("traffic").series
    assert alignment_ns(series) == ALIGNED
    assert all(alignment_ns(series) % (one.window_s * NS) == 0 for one in series)


@given(st.integers(0, 100 * HOUR), st.integers(0, HOUR), speeds)
def test_shifted_to_now_nothing_is_heard_before_it_is_said_and_the_end_comes_on_time(
    length: int, offset: int, speed: float
) -> None:
    plan = _shifted(length, speed=speed, first=START + offset)
    assert plan.shift % ALIGNED == 0
    assert plan.begin == NOW
    assert plan.due(plan.first) <= NOW
    assert plan.due(plan.end) >= plan.end
    # At any speed the last window closes when the file's pace says so, give or take the rounding to whole windows.
    took = (length + CLOSING) / speed
    assert 0 <= NOW + took - plan.end <= ALIGNED + 1
    assert plan.due(plan.end) - NOW <= took + 1


@given(st.integers(0, 100 * HOUR), st.integers(-HOUR, 10 * NS), speeds)
def test_shifted_to_now_begins_after_the_citys_clock_or_is_refused(length: int, ago: int, speed: float) -> None:
    clock = NOW + ago
    try:
        plan = _shifted(length, clock=clock, speed=speed)
    except CityopsError as error:
        refusal = str(error)
    else:
        assert plan.first > clock
        assert plan.begin - NOW <= 2 * ALIGNED + CLOSING
        assert plan.due(plan.end) >= plan.end
        return
    assert speed > 1
    assert rfc3339(clock) in refusal
    assert "--speed 1" in refusal


def test_into_a_city_that_speaks_a_replay_at_its_own_pace_begins_within_a_window() -> None:
    plan = _shifted(clock=NOW, moving=True)
    assert plan.first == plan.begin
    assert 0 < plan.begin - NOW <= ALIGNED


def test_into_a_city_that_speaks_nothing_goes_faster_than_time() -> None:
    with pytest.raises(CityopsError, match="what is before that would be late"):
        _shifted(NS, clock=NOW, speed=60.0, moving=True)


def test_times_are_kept_when_the_citys_clock_lies_before_the_file() -> None:
    plan = keep_time(_survey(), NOW, START - 1, closing=CLOSING, speed=FASTEST)
    assert (plan.shift, plan.first, plan.end) == (0, START, START + HOUR + CLOSING)
    assert plan.due(plan.end) == NOW


@given(st.integers(0, 10 * HOUR))
def test_times_cannot_be_kept_once_the_citys_clock_has_passed_and_both_are_named(after: int) -> None:
    with pytest.raises(CityopsError, match="would be late") as raised:
        keep_time(_survey(), NOW, START + after, closing=CLOSING, speed=1)
    assert rfc3339(START) in str(raised.value)
    assert rfc3339(START + after) in str(raised.value)


def test_times_that_are_yet_to_come_cannot_be_kept() -> None:
    with pytest.raises(CityopsError, match="heard in the future"):
        keep_time(_survey(first=NOW), NOW, None, closing=CLOSING, speed=1)


def test_a_file_without_one_usable_line_is_refused() -> None:
    with pytest.raises(CityopsError, match="nothing to replay"):
        keep_time(Survey(lines=3, unusable=3), NOW, None, closing=CLOSING, speed=1)


@given(st.integers(0, HOUR), st.integers(0, HOUR), st.sampled_from([1.0, 60.0]))
def test_the_position_is_where_the_pace_has_come_and_never_ahead_of_the_wall_clock(
    heard: int, elapsed: int, speed: float
) -> None:
    plan = _shifted(speed=speed)
    now = plan.begin + elapsed
    assert plan.position(now) <= now
    assume(plan.due(plan.first + heard) <= now)
    assert plan.position(now) >= plan.first + heard - int(speed)  # rounded to a ns of the wall clock
