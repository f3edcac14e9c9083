"""Ranges of time and the length of time groups, as Grafana documents them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from city.errors import UsageError
from console.boards.span import Moment, TimeRange, duration_ms, duration_text, group_ms, instant

ZONE = "Asia/Ho_Chi_Minh"


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp() * 1_000)


NOW = ms("2026-11-22 14:35:20")  # a Sunday

INSTANTS = {
    "now": ("now", False, "2026-11-22 14:35:20"),
    "ago": ("now-3h", False, "2026-11-22 11:35:20"),
    "ahead": ("now+30m", False, "2026-11-22 15:05:20"),
    "days by the calendar": ("now-28d", False, "2026-10-25 14:35:20"),
    "months have a last day": ("now-9M", False, "2026-02-22 14:35:20"),
    "a year": ("now-1y", False, "2025-11-22 14:35:20"),
    "the day's begin": ("now/d", False, "2026-11-22 00:00:00"),
    "the day's end": ("now/d", True, "2026-11-22 23:59:59.999"),
    "yesterday": ("now-1d/d", False, "2026-11-21 00:00:00"),
    "weeks begin on Monday": ("now/w", False, "2026-11-16 00:00:00"),
    "the month's end": ("now/M", True, "2026-11-30 23:59:59.999"),
    "milliseconds": (str(ms("2026-01-02 03:04:05")), False, "2026-01-02 03:04:05"),
}


@pytest.mark.parametrize(("text", "up", "meant"), INSTANTS.values(), ids=INSTANTS)
def test_a_time_is_read_as_grafana_reads_it(text: str, meant: str, *, up: bool) -> None:
    assert instant(text, NOW, ZONE, up=up) == ms(meant)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "now-3x", "now - 3h", "now-99999h", "-5", "1e9", "now-3h; DROP", "\uff12"]
)
def test_what_is_no_time_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError, match="not a time"):
        instant(text, NOW, ZONE, up=False)


@pytest.mark.parametrize(("start", "end"), [("now", "now"), ("now", "now-1h"), ("0", "now"), ("now-20y", "now")])
def test_a_range_that_is_none_or_has_no_end_is_refused(start: str, end: str) -> None:
    with pytest.raises(UsageError, match="not a range"):
        TimeRange(start, end, ZONE).at(NOW)


def test_a_shifted_range_lies_further_back() -> None:
    day = duration_ms("1d")
    assert TimeRange("now-1h", "now", ZONE, shift_ms=day).at(NOW) == Moment(NOW - 3_600_000 - day, NOW - day)


GROUPS = {
    "3 h in 720 points: 15 s is rounded to 15": ("3h", 720, "10s", 15_000),
    "3 h in 480 points: 22.5 s is rounded to 20": ("3h", 480, "10s", 20_000),
    "never less than the least": ("15m", 1_440, "10s", 10_000),
    "a year in 720 points is half days": ("1y", 720, "1h", 43_200_000),
    "30 days in 1440 points": ("30d", 1_440, "10s", 1_800_000),
}


@pytest.mark.parametrize(("span", "points", "least", "step_ms"), GROUPS.values(), ids=GROUPS)
def test_time_groups_are_as_long_as_grafana_makes_them(span: str, points: int, least: str, step_ms: int) -> None:
    assert group_ms(Moment(0, duration_ms(span)), points, duration_ms(least)) == step_ms


@pytest.mark.parametrize(
    ("length_ms", "text"), [(10_000, "10s"), (900_000, "15m"), (3_600_000, "1h"), (86_400_000, "1d"), (20, "20ms")]
)
def test_a_length_is_written_as_grafana_writes_it(length_ms: int, text: str) -> None:
    assert duration_text(length_ms) == text
    assert duration_ms(text) == length_ms
