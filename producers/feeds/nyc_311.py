"""New York's 311 service requests: what citizens asked of the city, by telephone and online, a row for each.

Files are exports of the data set "311 Service Requests" of NYC Open Data (https://data.cityofnewyork.us, erm2-nwe9)
with columns by name. Times are New York's, without zone. A request is submitted when it was created and completed when
it was closed, where its status says so; with a due date it is on time or overdue. A telephone is no channel of Hanoi's
portals or counters, so such a request states none, but is known not to have come online.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from city.domains.services.events import Application, ApplicationStep
from city.errors import DataError
from city.geography import CITY_AREA, slug
from city.instant import NS, rfc3339
from producers.feeds.model import Dirt, Dirty, DirtyError, Options
from producers.feeds.places import area_of
from producers.feeds.rows import cut_short, header_and_rows
from producers.feeds.values import known_zone, local_ns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from city.domains.services.events import Channel
    from city.event import Event
    from city.geography import City
    from producers.feeds.model import Feed, InFile

ZONE: Final = "America/New_York"

COLUMNS: Final = (
    "unique_key",
    "created_date",
    "closed_date",
    "agency",
    "complaint_type",
    "status",
    "due_date",
    "borough",
    "open_data_channel_type",
)
"""The columns that are read; others may stand beside them."""

_NOWHERE: Final = "Unspecified"  # the data set's own word for a borough that nobody stated
_CHANNELS: Final[dict[str, tuple[Channel | None, bool | None]]] = {
    "ONLINE": ("city_portal", True),
    "MOBILE": ("city_portal", True),  # the city's own app
    "PHONE": (None, False),
    "OTHER": (None, None),
    "UNKNOWN": (None, None),
}
_KEY = re.compile(r"\d{1,20}", re.ASCII)
_AGENCY = re.compile(r"[A-Z0-9-]{1,20}", re.ASCII)
_BOROUGH = re.compile(r"[A-Za-z ]{1,30}", re.ASCII)
_FRACTION = re.compile(r"\.\d{1,9}$", re.ASCII)
_HOUR_NS: Final = 3_600 * NS


class Nyc311:
    """The feed of 311 requests. Files are read whole, for their rows are in no order; they may overlap."""

    name = "nyc-311"
    about = "NYC 311: service requests of New York, by telephone and online"

    def assumptions(self, options: Options) -> tuple[str, ...]:
        """See `Feed`."""
        options.only(self.name, "zone")
        zone = options.zone or ZONE
        known_zone(zone)
        return (
            f"times are local in {zone}",
            "a request is completed when it was closed, if its status is Closed",
            "an area of Hanoi stands for a borough by the murmur2 hash of its name; without one it is the whole city",
            "ONLINE and MOBILE are the city's portal; PHONE is no channel of the pack, and not online",
        )

    def read(self, files: Sequence[InFile], options: Options, city: City) -> Iterator[Event | Dirty]:
        """See `Feed`."""
        options.only(self.name, "zone")
        return _requests(files, known_zone(options.zone or ZONE), city)


def _requests(files: Sequence[InFile], zone: ZoneInfo, city: City) -> Iterator[Event | Dirty]:
    """What is dirt as it is met, then the events in the order of time."""
    events: list[Event] = []
    seen: set[str] = set()
    for file in files:
        header, rows = header_and_rows(file, quoted=True)
        if missing := [name for name in COLUMNS if name not in header]:
            raise DataError(f"{file.name} line 1: not NYC 311's header, there is no column {', '.join(missing)}")
        for row in rows:
            where = f"{file.name} line {row.number}"
            if row.cells is None or len(row.cells) != len(header):
                yield Dirty(row.fault or Dirt.WRONG_COLUMNS, where, row.what)
                continue
            request = _Request(dict(zip(header, row.cells, strict=True)), zone, city)
            shown = cut_short(", ".join(filter(None, row.cells[:3])))
            try:
                events.append(request.submitted(seen))
            except DirtyError as error:
                yield Dirty(error.reason, where, shown)
                continue
            for made in (request.overdue, request.completed):
                try:
                    events.extend(made())
                except DirtyError as error:
                    yield Dirty(error.reason, where, shown)
    yield from sorted(events, key=lambda event: (event.time, event.id))


@dataclass(frozen=True, slots=True)
class _Request:
    """One row. Each of its methods gives a step of it, and raises DirtyError where what it needs is no value."""

    cells: dict[str, str]
    zone: ZoneInfo
    city: City

    def submitted(self, seen: set[str]) -> Event:
        """Its beginning; `seen` are the keys that had one already."""
        key = self.cells["unique_key"].strip()
        if not _KEY.fullmatch(key):
            raise DirtyError(Dirt.NOT_A_NUMBER if key else Dirt.EMPTY)
        if key in seen:
            raise DirtyError(Dirt.REPEATED_KEY)
        for column, known in (("agency", _AGENCY), ("borough", _BOROUGH)):
            stated = self.cells[column].strip()
            if not known.fullmatch(stated):
                raise DirtyError(Dirt.UNKNOWN_VALUE if stated else Dirt.EMPTY)
        _, online = self._channel()
        event = self._event("submitted", self._time("created_date"), submitted=True, online=online)
        seen.add(key)
        return event

    def overdue(self) -> Iterator[Event]:
        """The moment it was due, where it has a due date and was not closed by then."""
        due = self._optional("due_date")
        if due is not None and not self._in_time(due):
            yield self._event("overdue", due, on_time=False, overdue_change=1)

    def completed(self) -> Iterator[Event]:
        """Its end, where it has come to one."""
        if self.cells["status"].strip() != "Closed":
            return
        created, closed, due = self._time("created_date"), self._time("closed_date"), self._optional("due_date")
        if closed < created:
            raise DirtyError(Dirt.TIME_GOES_BACK)
        hours = int((closed - created) / _HOUR_NS * 100 + 0.5) / 100
        judged: dict[str, Any] = {}
        if due is not None:
            judged = {"on_time": True} if self._in_time(due) else {"overdue_change": -1}
        yield self._event("completed", closed, processing_hours=hours, returned=False, **judged)

    def _in_time(self, due: int) -> bool:
        return self.cells["status"].strip() == "Closed" and self._time("closed_date") <= due

    def _channel(self) -> tuple[Channel | None, bool | None]:
        stated = self.cells["open_data_channel_type"].strip()
        if stated not in _CHANNELS:
            raise DirtyError(Dirt.UNKNOWN_VALUE if stated else Dirt.EMPTY)
        return _CHANNELS[stated]

    def _optional(self, column: str) -> int | None:
        return self._time(column) if self.cells[column].strip() else None

    def _time(self, column: str) -> int:
        text = self.cells[column].strip()
        if not text:
            raise DirtyError(Dirt.EMPTY)
        return local_ns(_FRACTION.sub("", text), self.zone)

    def _event(self, step: str, at: int, **attributes: Any) -> Event:
        borough, key = self.cells["borough"].strip(), self.cells["unique_key"].strip()
        place = f"nyc-311/{slug(borough)}"
        due = self._optional("due_date")
        said = {
            "service_request_id": key,
            "step": step,
            "service_code": self.cells["complaint_type"].strip() or None,
            "channel": self._channel()[0],
            "requested_datetime": rfc3339(self._time("created_date")),
            "expected_datetime": None if due is None else rfc3339(due),
            **attributes,
        }
        try:
            data = msgspec.convert(said, ApplicationStep)
        except msgspec.ValidationError:
            raise DirtyError(Dirt.OUT_OF_BOUNDS) from None
        stamp = rfc3339(at)
        return Application(
            id=f"{key}-{step}",
            source=f"{place}/{self.cells['agency'].strip()}",
            time=stamp,
            recordedtime=stamp,
            area=CITY_AREA if borough == _NOWHERE else area_of(place, self.city),
            data=data,
        )


FEED: Feed = Nyc311()
