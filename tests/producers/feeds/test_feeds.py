"""The feeds, on small files of the data sets' form, and on the data sets themselves."""

import random
from collections import Counter
from collections.abc import Iterable

import msgspec
import pytest

from city.domains.traffic.events import TrafficFlow
from city.errors import CityopsError, DataError, UsageError
from city.event import Event, encode
from city.gate import Gate
from city.geography import HANOI
from city.instant import NS, nanoseconds
from producers.feeds import Dirty, InFile, Options, find
from producers.files import Text, read
from tests.datasets import dataset

FEEDS = find()
GATE = Gate((TrafficFlow,), HANOI.zone_of)
NOTHING_SAID = Options()


def file(name: str, content: str | bytes) -> InFile:
    raw = content.encode() if isinstance(content, str) else content
    lines = [line.removesuffix(b"\r") for line in raw.split(b"\n")]
    return InFile(name, [Text(at, line, len(line)) for at, line in enumerate(lines, start=1) if line.strip()])


def feed(name: str, *files: InFile, options: Options = NOTHING_SAID) -> tuple[list[TrafficFlow], list[Dirty]]:
    made = list(FEEDS[name].read(files, options, HANOI))
    events = [entry for entry in made if isinstance(entry, TrafficFlow)]
    dirt = [entry for entry in made if isinstance(entry, Dirty)]
    assert len(events) + len(dirt) == len(made)
    return events, dirt


def assert_a_good_file(events: Iterable[Event]) -> None:
    """Usable, each identity once, in the order of `recordedtime`."""
    before = 0
    seen = set()
    for event in events:
        _, time, heard = GATE.admit(encode(event), event.area.encode(), (), None)
        assert time <= heard
        assert before <= heard
        before = heard
        seen.add((event.source, event.id, event.time))
        assert event.recordedtime is not None
    assert len(seen) == len(list(events))


def test_the_feeds_are_found() -> None:
    assert {"metr-la", "nab", "pedestrians"} <= FEEDS.keys()
    assert list(FEEDS) == sorted(FEEDS)
    assert all(found.about and found.assumptions(NOTHING_SAID) for found in FEEDS.values())


# ------------------------------------------------------------------------------------------------ METR-LA


def test_a_matrix_becomes_one_event_for_each_cell() -> None:
    events, dirt = feed("metr-la", file("week.csv", "773869,767541\n64.375,67.625\n10,20\n"))
    assert not dirt
    assert [event.source for event in events] == ["metr-la/773869", "metr-la/767541"] * 2
    assert [event.data.averageVehicleSpeed for event in events] == [103.6, 108.83, 16.09, 32.19]
    assert [event.time for event in events] == ["2012-03-01T08:00:00.000Z"] * 2 + ["2012-03-01T08:05:00.000Z"] * 2
    assert all(event.time == event.recordedtime for event in events)
    assert all(event.data.intensity is None and event.data.vehicleType is None for event in events)
    assert_a_good_file(events)


@pytest.mark.parametrize("content", ["1,2\n5,6", "1,2\r\n5,6\r\n", "\ufeff1,2\n5,6\n", "1, 2\n5, 6\n\n"])
def test_line_ends_a_bom_and_blank_lines_change_nothing(content: str) -> None:
    events, dirt = feed("metr-la", file("week.csv", content))
    assert [(event.source, event.data.averageVehicleSpeed) for event in events] == [
        ("metr-la/1", 8.05),
        ("metr-la/2", 9.66),
    ]
    assert not dirt


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("0", "zero-is-missing"),
        ("0.000", "zero-is-missing"),
        ("", "empty"),
        ("NaN", "not-a-number"),
        ("sixty", "not-a-number"),
        ("-5", "out-of-bounds"),
        ("200", "out-of-bounds"),
    ],
)
def test_a_dirty_cell_is_left_out_by_name_and_its_neighbour_kept(cell: str, reason: str) -> None:
    events, dirt = feed("metr-la", file("week.csv", f"1,2\n{cell},20\n"))
    assert [event.source for event in events] == ["metr-la/2"]
    assert [(entry.reason, entry.readings) for entry in dirt] == [(reason, 1)]
    assert dirt[0].where == "week.csv line 2, metr-la/1"


def test_a_row_of_the_wrong_width_loses_all_its_readings_but_not_its_time() -> None:
    events, dirt = feed("metr-la", file("week.csv", "1,2,3\n1,2\n4,5,6\n7,8,9,10\n"))
    assert {event.time for event in events} == {"2012-03-01T08:05:00.000Z"}
    assert [(entry.reason, entry.readings) for entry in dirt] == [("wrong-columns", 3)] * 2


def test_bytes_that_are_no_text_are_dirt() -> None:
    _, dirt = feed("metr-la", file("week.csv", b"1\n\xff\xfe\n"))
    assert [entry.reason for entry in dirt] == ["not-a-number"]


def test_a_line_longer_than_any_row_is_dirt() -> None:
    long = InFile("week.csv", [Text(1, b"1,2", 3), Text(2, b"1" * 50, 100_000_000)])
    _, dirt = feed("metr-la", long)
    assert dirt == [Dirty(dirt[0].reason, "week.csv line 2", "100,000,000 bytes", 2)]
    assert dirt[0].reason == "too-long-line"


def test_a_second_file_goes_on_where_the_first_ended() -> None:
    events, _ = feed("metr-la", file("a.csv", "1\n5\n6\n"), file("b.csv", "1\n7\n"))
    assert [event.time[11:16] for event in events] == ["08:00", "08:05", "08:10"]
    assert_a_good_file(events)


def test_start_zone_and_unit_can_be_stated() -> None:
    options = Options(start="2020-01-01 12:00", zone="Asia/Ho_Chi_Minh", unit="km/h")
    events, _ = feed("metr-la", file("week.csv", "1\n50\n"), options=options)
    assert (events[0].time, events[0].data.averageVehicleSpeed) == ("2020-01-01T05:00:00.000Z", 50)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "is empty"),
        ("64.375,67.625\n1,2\n", "column 1 is '64.375', no sensor id"),
        ("timestamp,value\n", "no sensor id"),
        ("index,sensor_id,latitude,longitude\n", "table of sensors"),
        ("7,8,7\n", "two columns"),
    ],
)
def test_a_file_that_is_not_metr_la_is_refused_in_one_line(content: str, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint) as caught:
        feed("metr-la", file("week.csv", content))
    assert "week.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


# ------------------------------------------------------------------------------------------------ NAB


def test_each_quantity_becomes_the_attribute_it_is() -> None:
    row = "timestamp,value\n2015-07-10 14:24:00,64\n"
    for name, attribute, value in (
        ("nab_occupancy_6005.csv", "occupancy", 0.64),
        ("speed_6005.csv", "averageVehicleSpeed", 103.0),
    ):
        events, _ = feed("nab", file(f"some/folder/{name}", row))
        assert events[0].source == "nab/6005"
        assert events[0].time == "2015-07-10T19:24:00.000Z"
        assert msgspec.to_builtins(events[0].data) == {attribute: value}
        assert_a_good_file(events)


def test_a_travel_time_is_a_period_on_a_road_and_no_speed() -> None:
    events, _ = feed("nab", file("TravelTime_387.csv", "timestamp,value\n2015-07-10 14:24:00,564\n"))
    data = events[0].data
    assert data.averageVehicleSpeed is None
    assert data.refRoadSegment == "nab/387/TravelTime"
    assert nanoseconds(str(data.dateObservedTo)) - nanoseconds(str(data.dateObservedFrom)) == 564 * NS
    assert data.dateObservedTo == events[0].time


def test_a_travel_time_over_a_stated_length_is_a_speed() -> None:
    content = "timestamp,value\n2015-07-10 14:24:00,600\n"
    events, _ = feed("nab", file("TravelTime_387.csv", content), options=Options(length_m=10_000))
    assert events[0].data.averageVehicleSpeed == 60


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2015-07-10 14:24:00,5", "repeated-time"),
        ("2015-07-10 14:23:00,5", "time-goes-back"),
        ("2015-07-10 14:25:00,", "empty"),
        ("2015-07-10 14:25:00,NaN", "not-a-number"),
        ("2015-07-10 14:25:00,500", "out-of-bounds"),
        ("2015-07-10 14:25:00", "wrong-columns"),
        ("2015-07-10 14:25:00,5,6", "wrong-columns"),
        ("July,5", "not-a-time"),
        ("2015-11-01 01:30:00,5", "ambiguous-local-time"),
        ("2016-03-13 02:30:00,5", "no-such-local-time"),
    ],
)
def test_a_dirty_row_is_left_out_by_name_and_the_next_one_kept(row: str, reason: str) -> None:
    content = f"timestamp,value\n2015-07-10 14:24:00,4\n{row}\n2016-07-10 14:24:00,6"
    events, dirt = feed("nab", file("speed_1.csv", content))
    assert [event.data.averageVehicleSpeed for event in events] == [6.44, 9.66]
    assert [(entry.reason, entry.where) for entry in dirt] == [(reason, "speed_1.csv line 3")]


def test_several_files_are_merged_by_time() -> None:
    a = file("speed_1.csv", "timestamp,value\n2015-07-10 14:00:00,5\n2015-07-10 14:20:00,5\n")
    b = file("occupancy_1.csv", "timestamp,value\nnever,5\n2015-07-10 14:10:00,5\n2015-07-10 14:20:00,5\n")
    events, dirt = feed("nab", a, b)
    assert [event.time[11:16] for event in events] == ["19:00", "19:10", "19:20", "19:20"]
    assert len(dirt) == 1
    assert_a_good_file(events)


@pytest.mark.parametrize(
    ("name", "content", "error", "complaint"),
    [
        ("noise_1.csv", "timestamp,value\n", UsageError, "file names say what they hold"),
        ("speed_1.csv", "", DataError, "is empty"),
        ("speed_1.csv", "2015-07-10 14:24:00,4\n", DataError, "not NAB's header"),
        ("speed_1.csv", "value,timestamp\n", DataError, "not NAB's header"),
    ],
)
def test_a_file_that_is_not_nabs_is_refused_in_one_line(
    name: str, content: str, error: type[CityopsError], complaint: str
) -> None:
    with pytest.raises(error, match=complaint) as caught:
        feed("nab", file(name, content))
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "options", "complaint"),
    [
        ("metr-la", Options(length_m=5), "--length-m means nothing"),
        ("nab", Options(start="2012-03-01"), "--start means nothing"),
        ("nab", Options(length_m=0), "--length-m 0"),
        ("nab", Options(length_m=float("nan")), "--length-m nan"),
        ("nab", Options(unit="knots"), "--unit"),
        ("metr-la", Options(zone="Mars"), "--zone"),
        ("metr-la", Options(start="soon"), "--start"),
    ],
)
def test_an_option_that_means_nothing_is_refused_before_any_file_is_read(
    name: str, options: Options, complaint: str
) -> None:
    for ask in (lambda: FEEDS[name].assumptions(options), lambda: FEEDS[name].read([], options, HANOI)):
        with pytest.raises(UsageError, match=complaint):
            ask()


# ------------------------------------------------------------------------------------------------ whole data sets


@pytest.mark.dataset
def test_the_whole_week_of_metr_la_passes() -> None:
    path = dataset("traffic", "metr_la_week_speed_mph.csv.gz")
    events, dirt = feed("metr-la", InFile(str(path), read(path)))
    assert (len(events), dirt) == (417_312, [])
    assert Counter(event.source for event in events) == dict.fromkeys({event.source for event in events}, 2_016)
    assert (events[0].time, events[-1].time) == ("2012-03-01T08:00:00.000Z", "2012-03-08T07:55:00.000Z")
    assert_a_good_file(events)


def test_a_seeded_matrix_with_dirt_passes_all_but_the_dirt() -> None:
    chance = random.Random(20120301)
    cells = [[f"{chance.uniform(1, 70):.8f}" for _ in range(207)] for _ in range(40)]
    dirty = chance.sample([(row, column) for row in range(40) for column in range(207)], 60)
    for at, (row, column) in enumerate(dirty):
        cells[row][column] = ("0", "NaN", "", "fast", "-1")[at % 5]
    header = ",".join(str(716_000 + column) for column in range(207))
    events, dirt = feed("metr-la", file("week.csv", "\n".join([header, *map(",".join, cells)])))
    assert len(events) == 207 * 40 - 60
    assert Counter(entry.reason for entry in dirt) == {
        "zero-is-missing": 12,
        "not-a-number": 24,
        "empty": 12,
        "out-of-bounds": 12,
    }
    assert_a_good_file(events)


@pytest.mark.dataset
@pytest.mark.parametrize(
    ("name", "readings"),
    [("nab_TravelTime_387.csv", 2_500), ("nab_occupancy_6005.csv", 2_380), ("nab_speed_6005.csv", 2_500)],
)
def test_every_reading_of_nab_passes(name: str, readings: int) -> None:
    path = dataset("traffic", name)
    events, dirt = feed("nab", InFile(str(path), read(path)))
    assert (len(events), dirt) == (readings, [])
    assert_a_good_file(events)


def test_a_seeded_file_with_gaps_and_irregular_steps_passes() -> None:
    chance = random.Random(387)
    minute, rows = 0, ["timestamp,value"]
    for _ in range(500):
        minute += chance.choice([4, 5, 5, 5, 10, 3 * 1_440 if chance.random() < 0.01 else 5])
        day, rest = divmod(minute, 1_440)
        rows.append(f"2015-{7 + day // 28:02d}-{1 + day % 28:02d} {rest // 60:02d}:{rest % 60:02d}:00,{minute % 70}")
    events, dirt = feed("nab", file("speed_6005.csv", "\n".join(rows)))
    assert (len(events), dirt) == (500, [])
    assert_a_good_file(events)
