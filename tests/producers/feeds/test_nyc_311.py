"""The feed of New York's 311 requests: on small files of its form, on a seeded evening, and on the real one."""

import csv
import io
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from city.domains.services.events import Application
from city.domains.services.pack import PACK
from city.errors import DataError, UsageError
from city.event import encode
from city.geography import CITY_AREA, HANOI
from city.instant import NS, nanoseconds
from city.lines import Line
from producers.feeds import Dirty, InFile, Options, find
from producers.files import Text, read
from stream_app.truth import Truth, compute
from tests.datasets import dataset
from tests.services.folded import settled

FEED = find()["nyc-311"]
HEADER = (
    "unique_key,created_date,closed_date,agency,complaint_type,descriptor,status,due_date,"
    "resolution_action_updated_date,borough,open_data_channel_type,latitude,longitude"
)
ROW = {
    "unique_key": "45278137",
    "created_date": "2019-12-31T23:59:11.000",
    "closed_date": "2020-01-01T03:07:18.000",
    "agency": "NYPD",
    "complaint_type": "Noise - Commercial",
    "status": "Closed",
    "borough": "STATEN ISLAND",
    "open_data_channel_type": "ONLINE",
}


def row(**cells: str) -> str:
    """One row as the data set writes it; cells not named are those of an ordinary request."""
    text = io.StringIO()
    stated = ROW | cells
    csv.writer(text, lineterminator="").writerow([stated.get(name, "") for name in HEADER.split(",")])
    return text.getvalue()


def feed(*rows: str, header: str = HEADER, options: Options | None = None) -> tuple[list[Application], list[Dirty]]:
    lines = [Text(at, line.encode(), len(line)) for at, line in enumerate((header, *rows), start=1)]
    return parted(InFile("requests.csv", lines), options or Options())


def parted(file: InFile, options: Options) -> tuple[list[Application], list[Dirty]]:
    made = list(FEED.read([file], options, HANOI))
    events = [one for one in made if isinstance(one, Application)]
    dirt = [one for one in made if isinstance(one, Dirty)]
    assert len(events) + len(dirt) == len(made)
    assert [event.time for event in events] == sorted(event.time for event in events)
    return events, dirt


def test_a_request_is_submitted_and_completed_in_utc() -> None:
    (submitted, completed), dirt = feed(row())
    assert not dirt
    assert (submitted.time, completed.time) == ("2020-01-01T04:59:11.000Z", "2020-01-01T08:07:18.000Z")
    assert (submitted.source, submitted.area) == (completed.source, completed.area)
    assert submitted.source == "nyc-311/staten-island/NYPD"
    assert (submitted.data.submitted, submitted.data.online, submitted.data.channel) == (True, True, "city_portal")
    assert submitted.data.service_code == "Noise - Commercial"
    assert completed.data.processing_hours == 3.14
    assert (completed.data.returned, completed.data.on_time, completed.data.submitted) == (False, None, None)


def test_a_borough_is_one_area_whatever_the_agency_and_none_is_the_whole_city() -> None:
    rows = [
        row(unique_key=str(number), agency=agency, borough=borough, status="Open")
        for number, (agency, borough) in enumerate(
            [("NYPD", "BRONX"), ("HPD", "BRONX"), ("NYPD", "QUEENS"), ("NYPD", "Unspecified")]
        )
    ]
    areas = [event.area for event in feed(*rows)[0]]
    assert areas == ["00679", "00679", "10210", CITY_AREA]


@pytest.mark.parametrize(
    ("stated", "channel", "online"),
    [
        ("ONLINE", "city_portal", True),
        ("MOBILE", "city_portal", True),
        ("PHONE", None, False),
        ("UNKNOWN", None, None),
    ],
)
def test_a_channel_is_stated_where_hanoi_has_one(stated: str, channel: str | None, online: bool | None) -> None:  # noqa: FBT001 - a case
    event = feed(row(open_data_channel_type=stated))[0][0]
    assert (event.data.channel, event.data.online) == (channel, online)


def test_a_due_date_makes_it_on_time_or_overdue_first_and_closed_after() -> None:
    on_time, _ = feed(row(due_date="2020-01-01T04:00:00.000"))
    late, _ = feed(row(due_date="2020-01-01T02:00:00.000"))
    never, _ = feed(row(due_date="2020-01-01T02:00:00.000", status="Open", closed_date=""))

    def judged(events: list[Application]) -> list[tuple[str, bool | None, int | None]]:
        return [(event.data.step, event.data.on_time, event.data.overdue_change) for event in events[1:]]

    assert judged(on_time) == [("completed", True, None)]
    assert judged(late) == [("overdue", False, 1), ("completed", None, -1)]
    assert judged(never) == [("overdue", False, 1)]


def test_commas_in_quotes_belong_to_the_cell() -> None:
    events, dirt = feed(row(descriptor="Noise, Barking Dog (NR5)"))
    assert (len(events), dirt) == (2, [])


@pytest.mark.parametrize(
    ("cells", "reason", "kept"),
    [
        ({"unique_key": ""}, "empty", 0),
        ({"unique_key": "45x"}, "not-a-number", 0),
        ({"unique_key": "1"}, "repeated-key", 0),
        ({"created_date": ""}, "empty", 0),
        ({"created_date": "New Year's Eve"}, "not-a-time", 0),
        ({"created_date": "2019-03-10T02:30:00.000"}, "no-such-local-time", 0),
        ({"agency": ""}, "empty", 0),
        ({"agency": "the police"}, "unknown-value", 0),
        ({"borough": ""}, "empty", 0),
        ({"open_data_channel_type": "PIGEON"}, "unknown-value", 0),
        ({"complaint_type": "x" * 200}, "out-of-bounds", 0),
        ({"closed_date": ""}, "empty", 1),
        ({"closed_date": "2019-11-03T01:30:00.000"}, "ambiguous-local-time", 1),
        ({"closed_date": "2019-12-31T20:00:00.000"}, "time-goes-back", 1),
        ({"closed_date": "2039-12-31T20:00:00.000"}, "out-of-bounds", 1),
    ],
)
def test_what_is_dirt_is_left_out_by_name_and_what_is_not_is_kept(
    cells: dict[str, str], reason: str, kept: int
) -> None:
    events, dirt = feed(row(unique_key="1", status="Open"), row(**cells), row(unique_key="3", status="Open"))
    assert [(one.reason, one.where, one.readings) for one in dirt] == [(reason, "requests.csv line 3", 1)]
    assert len(events) == 2 + kept


@pytest.mark.parametrize(
    ("line", "reason"),
    [("1,2,3", "wrong-columns"), (row() + ",", "wrong-columns"), (row().replace("NYPD", '"NYPD'), "wrong-columns")],
)
def test_a_line_of_another_width_or_with_an_open_quote_is_dirt(line: str, reason: str) -> None:
    events, dirt = feed(line, row())
    assert [(one.reason, one.where) for one in dirt] == [(reason, "requests.csv line 2")]
    assert len(events) == 2


def test_a_file_that_is_another_is_refused_in_one_line() -> None:
    with pytest.raises(DataError, match="not NYC 311's header, there is no column unique_key, created_date"):
        feed(header="timestamp,value")


def test_zone_can_be_stated_and_nothing_else() -> None:
    events, _ = feed(row(), options=Options(zone="Asia/Ho_Chi_Minh"))
    assert events[0].time == "2019-12-31T16:59:11.000Z"
    with pytest.raises(UsageError, match="--unit means nothing to the feed nyc-311"):
        FEED.assumptions(Options(unit="mph"))


# ------------------------------------------------------------------------------------------------ truth


def assert_the_stream_says_the_truth(events: list[Application]) -> Truth:
    true = compute([Line(encode(event)) for event in events], PACK, HANOI)
    assert settled(events, PACK, HANOI) == true.points
    assert set(true.counts) == {"in", "late", "duplicate"}
    assert true.counts["late"] == true.counts["duplicate"] == 0
    return true


def total(true: Truth, field: str, since: str = "", until: str = "9") -> float:
    begin, end = (nanoseconds(f"{at}-05:00") if len(at) > 1 else None for at in (since, until))
    return sum(
        fields.get(field, 0)
        for key, fields in true.points.items()
        if (begin is None or begin <= key.start) and (end is None or key.start < end)
    )


def test_a_seeded_evening_says_the_truth_and_counts_what_it_was_made_of() -> None:
    chance = random.Random(311)
    start = datetime(2019, 12, 31, 19, tzinfo=ZoneInfo("America/New_York"))
    rows, made = [], Counter[str]()
    for number in range(300):
        created = start + timedelta(seconds=chance.randrange(18_000))
        hours = chance.randrange(1, 400) / 10
        closed = created + timedelta(hours=hours)
        channel = chance.choice(["PHONE", "ONLINE", "MOBILE", "UNKNOWN"])
        opened = chance.random() < 0.1
        made[channel] += 1
        made["open"] += opened
        rows.append(
            row(
                unique_key=str(number),
                created_date=f"{created:%Y-%m-%dT%H:%M:%S}.000",
                closed_date="" if opened else f"{closed:%Y-%m-%dT%H:%M:%S}.000",
                status="Open" if opened else "Closed",
                open_data_channel_type=channel,
                borough=chance.choice(["BRONX", "BROOKLYN", "MANHATTAN", "QUEENS", "STATEN ISLAND", "Unspecified"]),
            )
        )
    chance.shuffle(rows)
    events, dirt = feed(*rows)
    assert not dirt
    true = assert_the_stream_says_the_truth(events)
    assert total(true, "submitted_sum") == 300
    assert total(true, "online_sum") == made["ONLINE"] + made["MOBILE"]
    assert total(true, "online_count") == 300 - made["UNKNOWN"]
    assert total(true, "processing_hours_count") == 300 - made["open"]


@pytest.mark.dataset
def test_the_new_years_eve_of_2019_says_the_truth_and_is_the_surge_it_was() -> None:
    path = dataset("services", "nyc_311_2019-12-31.csv")
    events, dirt = parted(InFile(str(path), read(path)), Options())
    assert not dirt
    assert Counter(event.data.step for event in events) == {"submitted": 1_000, "completed": 997, "overdue": 3}
    true = assert_the_stream_says_the_truth(events)
    assert total(true, "submitted_sum") == 1_000
    assert total(true, "submitted_sum", "2019-12-31T19:00:00", "2020-01-01T00:00:00") > 960
    assert total(true, "online_sum") == 232 + 221
    assert total(true, "online_count") == 1_000 - 66
    # Of the 997 that were closed, by the bins: half within six hours.
    quick = sum(total(true, f"processing_hours_bin{number}") for number in range(3))  # below 1, 4, 8 hours
    assert 0.5 < quick / total(true, "processing_hours_count") < 0.7
    assert {event.area for event in events} <= set(HANOI.zone_of)
    assert len({event.area for event in events}) == 6
    latest = max(nanoseconds(event.time) for event in events)
    assert datetime.fromtimestamp(latest / NS, tz=UTC).year == 2024
