"""Melbourne's pedestrian counters: how many people passed one of them on each day.

City of Melbourne, Pedestrian Counting System (https://data.melbourne.vic.gov.au/explore/dataset/
pedestrian-counting-system-monthly-counts-per-hour). A row is a day of one sensor; its date stands there twice, as
`1/31/2016` and in columns of its own. A day is a local one, from midnight to midnight, so it has 23 or 25 hours when
clocks change; its count is complete when it ends, so that is the event's time. The file states neither its zone nor
which days are missing (ten are, in October 2019): what is not there is not made up.
"""

from __future__ import annotations

import heapq
import re
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from city.domains.tourism.events import CrowdFlowObserved, TourismCrowd
from city.errors import DataError
from city.instant import NS, rfc3339
from producers.feeds.model import Dirt, Dirty, DirtyError, Options
from producers.feeds.places import area_of
from producers.feeds.rows import Row, cut_short, header_and_rows
from producers.feeds.values import known_zone, observed, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from city.event import Event
    from city.geography import City
    from producers.feeds.model import Feed, InFile

ZONE: Final = "Australia/Melbourne"
HEADER: Final = ["Date", "Year", "Month", "Day", "Day_of_Week", "Sensor_ID", "Sensor_Name", "Daily_Counts"]

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_SENSOR = re.compile(r"\d{1,6}", re.ASCII)
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class _Count(NamedTuple):
    """One row: a sensor's local day, from and to (ns), and the people who passed."""

    sensor: str
    start: int
    end: int
    people: int


class Pedestrians:
    """The feed of Melbourne's daily counts; several files are merged by time."""

    name = "pedestrians"
    about = "Melbourne: people who passed a pedestrian counter on each day"

    def assumptions(self, options: Options) -> tuple[str, ...]:
        """See `Feed`."""
        options.only(self.name, "zone")
        known_zone(options.zone or ZONE)
        return (
            f"dates are month/day/year; days are local in {options.zone or ZONE}, from midnight to midnight",
            "a day's count is heard when the day ends",
            "people who pass are no visitors of a sight, and nobody states a capacity: only flows are said",
            "an area of the city stands for a sensor by the murmur2 hash of its name",
        )

    def read(self, files: Sequence[InFile], options: Options, city: City) -> Iterator[Event | Dirty]:
        """See `Feed`."""
        options.only(self.name, "zone")
        zone = known_zone(options.zone or ZONE)
        return (made for _, made in heapq.merge(*(_days(file, zone, city) for file in files), key=itemgetter(0)))


def _days(file: InFile, zone: ZoneInfo, city: City) -> Iterator[tuple[int, Event | Dirty]]:
    """Each row's event, or what is wrong with it; with the time (ns) by which files are merged."""
    header, rows = header_and_rows(file)
    if header != HEADER:
        raise DataError(
            f"{file.name} line 1: not the header of Melbourne's daily counts {','.join(HEADER)!r}: "
            f"{cut_short(','.join(header))}"
        )
    latest = 0
    last_of: dict[str, int] = {}
    for row in rows:
        try:
            count = _count(row, zone)
            _refuse_disorder(count, latest, last_of.get(count.sensor))
            event = _event(count, city)
        except DirtyError as error:
            yield latest, Dirty(error.reason, f"{file.name} line {row.number}", row.what)
            continue
        latest = last_of[count.sensor] = count.end
        yield latest, event


def _refuse_disorder(count: _Count, latest: int, last: int | None) -> None:
    """Days follow one another; several sensors may tell of the same."""
    if count.end == last:
        raise DirtyError(Dirt.REPEATED_TIME)
    if count.end < latest:
        raise DirtyError(Dirt.TIME_GOES_BACK)


def _count(row: Row, zone: ZoneInfo) -> _Count:
    if row.cells is None or len(row.cells) != len(HEADER):
        raise DirtyError(row.fault or Dirt.WRONG_COLUMNS)
    stamp, year, month, day, weekday, sensor, _, people = (cell.strip() for cell in row.cells)
    when = _date(stamp)
    if (year, month, day, weekday) != (str(when.year), _MONTHS[when.month - 1], str(when.day), _DAYS[when.weekday()]):
        raise DirtyError(Dirt.CONTRADICTORY_TIME)
    if not _SENSOR.fullmatch(sensor):
        raise DirtyError(Dirt.NOT_A_NUMBER if sensor else Dirt.EMPTY)
    return _Count(sensor, _midnight(when, zone), _midnight(when + timedelta(days=1), zone), whole(people))


def _date(text: str) -> date:
    found = _DATE.fullmatch(text)
    if not found:
        raise DirtyError(Dirt.NOT_A_TIME)
    month, day, year = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        raise DirtyError(Dirt.NOT_A_TIME) from None


def _midnight(day: date, zone: ZoneInfo) -> int:
    """When a local day begins (ns since 1970, UTC)."""
    return int(datetime.combine(day, time(), zone).timestamp()) * NS


def _event(count: _Count, city: City) -> Event:
    source = f"pedestrians/{count.sensor}"
    stamp = rfc3339(count.end)
    data = observed(
        CrowdFlowObserved,
        peopleCount=count.people,
        dateObservedFrom=rfc3339(count.start),
        dateObservedTo=stamp,
    )
    return TourismCrowd(id=stamp, source=source, time=stamp, recordedtime=stamp, area=area_of(source, city), data=data)


FEED: Feed = Pedestrians()
