"""NAB, the Numenta Anomaly Benchmark: its real traffic of the Twin Cities, one sensor and one quantity a file.

https://github.com/numenta/NAB/blob/master/data/README.md says where the data come from (Minnesota Department of
Transportation) and states neither unit nor zone. A file's name says quantity and sensor, as in `speed_6005.csv`:

- `occupancy_…`: percent of time, as the department defines it → `occupancy`, a share.
- `speed_…`: the department measures in miles an hour → `averageVehicleSpeed`. Another unit can be stated.
- `TravelTime_…`: seconds over a road whose length nobody states. That is no speed, so none is made up: the event holds
  the road and the period it took to pass it (`dateObservedFrom`, `dateObservedTo`). Who knows the length may state
  it; then speed = length ÷ time.
"""

from __future__ import annotations

import heapq
import re
from decimal import Decimal
from operator import itemgetter
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, NamedTuple

from city.domains.traffic.events import TrafficFlow, TrafficFlowObserved
from city.errors import DataError, UsageError
from city.instant import NS, rfc3339
from producers.feeds.model import Dirt, Dirty, DirtyError, Options
from producers.feeds.places import area_of
from producers.feeds.rows import Row, cut_short, header_and_rows
from producers.feeds.values import SHARE_STEP, known_unit, known_zone, local_ns, number, observed, speed_kmh

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from city.event import Event
    from city.geography import City
    from producers.feeds.model import Feed, InFile

ZONE: Final = "America/Chicago"
HEADER: Final = ["timestamp", "value"]

_NAME = re.compile(r"(?:nab_)?(occupancy|speed|TravelTime)_(\w{1,64})\.csv(?:\.gz)?", re.ASCII)


class _Sensor(NamedTuple):
    """What one file observes, and how its values are read."""

    quantity: str
    source: str
    area: str
    zone: ZoneInfo
    unit: str
    length_m: Decimal | None


class Nab:
    """The feed of NAB's traffic files; several files are merged by time."""

    name = "nab"
    about = "NAB: occupancy, speed and travel time of the Twin Cities, irregular steps"

    def assumptions(self, options: Options) -> tuple[str, ...]:
        """See `Feed`."""
        self._check(options)
        over = "" if options.length_m is None else f" over {options.length_m:g} m"
        return (
            f"times are local in {options.zone or ZONE}",
            f"speeds are in {options.unit or 'mph'}, occupancies in %, travel times in s{over}",
            "an area of the city stands for a sensor by the murmur2 hash of its name",
        )

    def read(self, files: Sequence[InFile], options: Options, city: City) -> Iterator[Event | Dirty]:
        """See `Feed`."""
        self._check(options)
        sensors = [(file, _sensor(file.name, options, city)) for file in files]
        streams = [_observations(file, sensor) for file, sensor in sensors]
        return (made for _, made in heapq.merge(*streams, key=itemgetter(0)))

    def _check(self, options: Options) -> None:
        options.only(self.name, "zone", "unit", "length_m")
        known_zone(options.zone or ZONE)
        known_unit(options.unit or "mph")
        if options.length_m is not None and not 0 < options.length_m <= 1_000_000:
            raise UsageError(f"--length-m {options.length_m:g}: a road is 1 to 1,000,000 m long")


def _sensor(name: str, options: Options, city: City) -> _Sensor:
    found = _NAME.fullmatch(PurePath(name).name)
    if not found:
        raise UsageError(
            f"{name}: NAB's file names say what they hold: occupancy_ID.csv, speed_ID.csv, TravelTime_ID.csv"
        )
    quantity, sensor = found.groups()
    source = f"nab/{sensor}"
    length = None if options.length_m is None else Decimal(str(options.length_m))
    zone, unit = known_zone(options.zone or ZONE), options.unit or "mph"
    return _Sensor(quantity, source, area_of(source, city), zone, unit, length)


def _observations(file: InFile, sensor: _Sensor) -> Iterator[tuple[int, Event | Dirty]]:
    """Each row's event, or what is wrong with it; with the time (ns) by which files are merged."""
    header, rows = header_and_rows(file)
    if header != HEADER:
        raise DataError(f"{file.name} line 1: not NAB's header {','.join(HEADER)!r}: {cut_short(','.join(header))}")
    before: int | None = None
    for row in rows:
        try:
            time, value = _time_and_value(row, sensor.zone, before)
            event = _event(sensor, time, value)
        except DirtyError as error:
            yield before or 0, Dirty(error.reason, f"{file.name} line {row.number}", row.what)
            continue
        before = time
        yield time, event


def _time_and_value(row: Row, zone: ZoneInfo, before: int | None) -> tuple[int, Decimal]:
    if row.cells is None or len(row.cells) != len(HEADER):
        raise DirtyError(row.fault or Dirt.WRONG_COLUMNS)
    stamp, value = row.cells
    time = local_ns(stamp, zone)
    if before is not None and time <= before:
        raise DirtyError(Dirt.REPEATED_TIME if time == before else Dirt.TIME_GOES_BACK)
    return time, number(value)


def _event(sensor: _Sensor, time: int, value: Decimal) -> Event:
    stamp = rfc3339(time)
    return TrafficFlow(
        id=f"{sensor.quantity}-{stamp}",
        source=sensor.source,
        time=stamp,
        recordedtime=stamp,
        area=sensor.area,
        data=_data(sensor, time, value),
    )


def _data(sensor: _Sensor, time: int, value: Decimal) -> TrafficFlowObserved:
    if sensor.quantity == "occupancy":
        return observed(TrafficFlowObserved, occupancy=float((value / 100).quantize(SHARE_STEP)))
    if sensor.quantity == "speed":
        return observed(TrafficFlowObserved, averageVehicleSpeed=speed_kmh(value, sensor.unit))
    if not 0 < value <= 86_400:  # a road that takes a day to pass is no road
        raise DirtyError(Dirt.OUT_OF_BOUNDS)
    period = {
        "refRoadSegment": f"{sensor.source}/{sensor.quantity}",
        "dateObservedFrom": rfc3339(time - int(value * NS)),
        "dateObservedTo": rfc3339(time),
    }
    if sensor.length_m is None:
        return observed(TrafficFlowObserved, **period)
    return observed(
        TrafficFlowObserved, **period, averageVehicleSpeed=speed_kmh(sensor.length_m / value * Decimal("3.6"), "km/h")
    )


FEED: Feed = Nab()
