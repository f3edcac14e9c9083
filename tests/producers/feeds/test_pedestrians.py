"""Melbourne's daily counts, on small files of their form, and on the data set itself."""

import random
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import msgspec
import pytest

from city.domains.tourism.events import TourismCrowd
from city.domains.tourism.pack import PACK
from city.errors import DataError, UsageError
from city.event import encode
from city.gate import Gate
from city.geography import HANOI
from city.instant import NS, nanoseconds
from city.lines import Line
from producers.feeds import Dirty, InFile, Options, find
from producers.files import Text, read
from stream_app.truth import compute
from tests.datasets import dataset
from tests.kpis import value

FEED = find()["pedestrians"]
GATE = Gate(PACK.events, HANOI.zone_of)
HEADER = "Date,Year,Month,Day,Day_of_Week,Sensor_ID,Sensor_Name,Daily_Counts"
NAME = "Bourke Street Mall (South)"


def row(day: date, people: object, sensor: object = 2) -> str:
    return f"{day.month}/{day.day}/{day.year},{day:%Y},{day:%B},{day.day},{day:%A},{sensor},{NAME},{people}"


def file(*rows: str, name: str = "daily.csv", header: str = HEADER) -> InFile:
    lines = [line.encode() for line in (header, *rows)]
    return InFile(name, [Text(at, line, len(line)) for at, line in enumerate(lines, start=1)])


def feed(*files: InFile, options: Options = Options()) -> tuple[list[TourismCrowd], list[Dirty]]:  # noqa: B008 - frozen
    made = list(FEED.read(files, options, HANOI))
    events = [entry for entry in made if isinstance(entry, TourismCrowd)]
    dirt = [entry for entry in made if isinstance(entry, Dirty)]
    assert len(events) + len(dirt) == len(made)
    return events, dirt


NEW_YEAR = date(2016, 1, 1)
GOOD = row(NEW_YEAR, 21_203)


def test_a_day_becomes_one_event_at_its_end_with_its_bounds_and_nothing_made_up() -> None:
    ((event,), dirt) = feed(file(GOOD))
    assert not dirt
    assert event.source == "pedestrians/2"
    assert event.time == event.recordedtime == "2016-01-01T13:00:00.000Z"
    assert msgspec.to_builtins(event.data) == {
        "peopleCount": 21_203,
        "dateObservedFrom": "2015-12-31T13:00:00.000Z",
        "dateObservedTo": "2016-01-01T13:00:00.000Z",
    }


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2016, 10, 2), 23), (date(2017, 4, 2), 25), (date(2016, 7, 1), 24)],
)
def test_a_day_on_which_clocks_change_is_as_long_as_it_was(day: date, hours: int) -> None:
    ((event,), _) = feed(file(row(day, 5)))
    length = nanoseconds(str(event.data.dateObservedTo)) - nanoseconds(str(event.data.dateObservedFrom))
    assert length == hours * 3_600 * NS


def test_another_zone_can_be_stated() -> None:
    ((event,), _) = feed(file(GOOD), options=Options(zone="Asia/Ho_Chi_Minh"))
    assert event.time == "2016-01-01T17:00:00.000Z"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (GOOD.replace("21203", ""), "empty"),
        (GOOD.replace("21203", "many"), "not-a-number"),
        (GOOD.replace("21203", "21203.5"), "not-a-whole-number"),
        (GOOD.replace("21203", "-1"), "out-of-bounds"),
        (GOOD.replace("21203", "10000000"), "out-of-bounds"),
        (GOOD.replace("1/1/2016", "31/1/2016"), "not-a-time"),
        (GOOD.replace("1/1/2016", "2016-01-01"), "not-a-time"),
        (GOOD.replace("1/1/2016", "1/2/2016"), "contradictory-time"),
        (GOOD.replace("Friday", "Monday"), "contradictory-time"),
        (GOOD.replace("January", "Jan"), "contradictory-time"),
        (GOOD.replace(",2,", ",,"), "empty"),
        (GOOD.replace(",2,", ",two,"), "not-a-number"),
        (GOOD + ",more", "wrong-columns"),
        ("1/1/2016,2016", "wrong-columns"),
    ],
)
def test_a_dirty_row_is_left_out_by_name_and_the_next_one_kept(bad: str, reason: str) -> None:
    events, dirt = feed(file(bad, row(NEW_YEAR + timedelta(days=1), 7)))
    assert [event.data.peopleCount for event in events] == [7]
    assert [(entry.reason, entry.where, entry.readings) for entry in dirt] == [(reason, "daily.csv line 2", 1)]


def test_a_day_told_twice_or_after_a_later_one_is_left_out() -> None:
    later = row(NEW_YEAR + timedelta(days=2), 3)
    events, dirt = feed(file(GOOD, GOOD, later, row(NEW_YEAR + timedelta(days=1), 2), later))
    assert [event.data.peopleCount for event in events] == [21_203, 3]
    assert [entry.reason for entry in dirt] == ["repeated-time", "time-goes-back", "repeated-time"]


def test_sensors_share_a_day_and_files_are_merged_by_time() -> None:
    one = file(GOOD, row(NEW_YEAR, 8, sensor=3), row(NEW_YEAR + timedelta(days=2), 9))
    two = file(row(NEW_YEAR + timedelta(days=1), 5, sensor=4), name="other.csv")
    events, dirt = feed(one, two)
    assert not dirt
    assert [(event.source[-1], event.data.peopleCount) for event in events] == [
        ("2", 21_203),
        ("3", 8),
        ("4", 5),
        ("2", 9),
    ]


@pytest.mark.parametrize("header", ["Date,Year", HEADER.lower(), "timestamp,value", "1/1/2016,2016,January,1"])
def test_a_file_that_is_not_melbournes_is_refused_in_one_line(header: str) -> None:
    with pytest.raises(DataError, match=r"daily\.csv line 1: not the header of Melbourne's") as caught:
        feed(file(GOOD, header=header))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (Options(unit="mph"), "--unit means nothing"),
        (Options(start="2016-01-01"), "--start means nothing"),
        (Options(zone="Mars"), "--zone"),
    ],
)
def test_an_option_that_means_nothing_is_refused(options: Options, complaint: str) -> None:
    for ask in (lambda: FEED.assumptions(options), lambda: FEED.read([], options, HANOI)):
        with pytest.raises(UsageError, match=complaint):
            ask()


# ------------------------------------------------------------------------------------------------ the whole


def assert_its_truth_is_its_counts(events: list[TourismCrowd]) -> None:
    """Every event is usable, and the settled points hold each day's count: nobody is made up or lost."""
    for event in events:
        GATE.admit(encode(event), event.area.encode(), (), None)
    true = compute([Line(encode(event)) for event in events], PACK, HANOI)
    assert {name: count for name, count in true.counts.items() if count} == {"in": len(events)}
    assert {key.measurement for key in true.points} == {"tourism_site"}
    assert {dict(key.tags)["source"] for key in true.points} == {event.source for event in events}
    days = {key.start: fields["passed_sum"] for key, fields in true.points.items()}
    assert days == {nanoseconds(event.time): event.data.peopleCount for event in events}
    passers = next(kpi for kpi in PACK.kpis if kpi.name == "tourism_passers_per_hour")
    counted = sum(event.data.peopleCount or 0 for event in events)
    assert value(passers, true.points, len(events) * 86_400) == pytest.approx(counted / len(events) / 24)
    assert not any("capacity_sum" in fields or "present_sum" in fields for fields in true.points.values())


@pytest.mark.dataset
def test_the_whole_set_of_melbourne_passes_and_its_truth_is_sane() -> None:
    path = dataset("tourism", "melbourne_bourke_street_daily.csv")
    events, dirt = feed(InFile(str(path), read(path)))
    assert (len(events), dirt) == (2_486, [])
    assert (events[0].time, events[-1].time) == ("2016-01-01T13:00:00.000Z", "2022-10-31T13:00:00.000Z")
    assert_its_truth_is_its_counts(events)
    by_year = Counter[str]()
    for event in events:
        by_year[str(event.data.dateObservedTo)[:4]] += event.data.peopleCount or 0
    assert by_year["2020"] < 0.6 * by_year["2018"], "the streets were empty for much of 2020"
    missing = nanoseconds("2019-10-10T13:00:00Z") - nanoseconds("2019-09-30T14:00:00Z")
    gaps = [nanoseconds(b.time) - nanoseconds(a.time) for a, b in pairwise(events)]
    assert [gap for gap in gaps if gap > 25 * 3_600 * NS] == [missing + 24 * 3_600 * NS]


def test_a_seeded_set_with_a_gap_and_dirt_passes_all_but_the_dirt() -> None:
    chance = random.Random(2_016)
    days = [NEW_YEAR + timedelta(days=day + 10 * (day > 200)) for day in range(400)]
    rows = [row(day, chance.randrange(1_000, 56_000)) for day in days]
    dirty = chance.sample(range(400), 20)
    for number, at in enumerate(dirty):
        rows[at] = rows[at].rsplit(",", 1)[0] + ("," + ("", "x", "-5", "1.5")[number % 4])
    events, dirt = feed(file(*rows))
    assert len(events) == 380
    assert Counter(entry.reason for entry in dirt) == {
        "empty": 5,
        "not-a-number": 5,
        "out-of-bounds": 5,
        "not-a-whole-number": 5,
    }
    assert_its_truth_is_its_counts(events)
