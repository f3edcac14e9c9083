"""METR-LA: speeds of 207 loop detectors on the highways of Los Angeles, a row for each 5 minutes.

The file is a matrix: a header of sensor ids, then rows of speeds. It says neither when it begins nor the unit. Both
follow from its origin: the set begins on 2012-03-01 at 00:00, in miles an hour (Li et al., Diffusion Convolutional
Recurrent Neural Network, ICLR 2018, https://github.com/liyaguang/DCRNN); the one-week extract covers 1 to 7 March
(Zhao et al., T-GCN, 2019, https://github.com/lehaifeng/T-GCN), and its first row is the full set's. In the full set a
zero stands for a missing value, so a zero is left out here; the extract has none, its gaps were filled by its authors.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from city.domains.traffic.events import TrafficFlow, TrafficFlowObserved
from city.errors import DataError
from city.instant import NS, rfc3339
from producers.feeds.model import Dirt, Dirty, DirtyError, Options
from producers.feeds.places import area_of
from producers.feeds.rows import cut_short, header_and_rows
from producers.feeds.values import known_unit, known_zone, number, observed, speed_kmh, start_ns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from city.event import Event
    from city.geography import City
    from producers.feeds.model import Feed, InFile

STEP: Final = timedelta(minutes=5)
START: Final = "2012-03-01"
ZONE: Final = "America/Los_Angeles"

_STEP_NS: Final = int(STEP.total_seconds()) * NS
_SENSOR = re.compile(r"\d{1,12}", re.ASCII)


class MetrLa:
    """The feed of METR-LA's speed matrix; several files are consecutive pieces of it."""

    name = "metr-la"
    about = "METR-LA: highway speeds of Los Angeles, 207 sensors, every 5 minutes (mph)"

    def assumptions(self, options: Options) -> tuple[str, ...]:
        """See `Feed`."""
        options.only(self.name, "start", "zone", "unit")
        zone = options.zone or ZONE
        start = rfc3339(start_ns(options.start or START, known_zone(zone)))
        unit = known_unit(options.unit or "mph")
        return (
            f"the first row is of {start} ({options.start or START} in {zone}), a row lasts 5 minutes",
            f"speeds are in {unit}; a speed of 0 is a missing value",
            "an area of the city stands for a sensor by the murmur2 hash of its name",
        )

    def read(self, files: Sequence[InFile], options: Options, city: City) -> Iterator[Event | Dirty]:
        """See `Feed`."""
        options.only(self.name, "start", "zone", "unit")
        unit = known_unit(options.unit or "mph")
        now = start_ns(options.start or START, known_zone(options.zone or ZONE))
        return _matrices(files, now, unit, city)


def _matrices(files: Sequence[InFile], now: int, unit: str, city: City) -> Iterator[Event | Dirty]:
    for file in files:
        header, rows = header_and_rows(file)
        sensors = _sensors(file.name, header, city)
        for row in rows:
            stamp = rfc3339(now)
            where = f"{file.name} line {row.number}"
            if row.cells is None or len(row.cells) != len(sensors):
                yield Dirty(row.fault or Dirt.WRONG_COLUMNS, where, row.what, len(sensors))
            else:
                for (source, area), cell in zip(sensors, row.cells, strict=True):
                    try:
                        yield _event(source, area, stamp, cell, unit)
                    except DirtyError as error:
                        yield Dirty(error.reason, f"{where}, {source}", cut_short(cell))
            now += _STEP_NS


def _event(source: str, area: str, stamp: str, cell: str, unit: str) -> Event:
    value = number(cell)
    if value == 0:
        raise DirtyError(Dirt.ZERO_IS_MISSING)
    data = observed(TrafficFlowObserved, averageVehicleSpeed=speed_kmh(value, unit))
    return TrafficFlow(id=stamp, source=source, time=stamp, recordedtime=stamp, area=area, data=data)


def _sensors(name: str, header: list[str], city: City) -> list[tuple[str, str]]:
    """The source and the area of each column.

    Raises:
        DataError: the header is not METR-LA's.
    """
    if header[:2] == ["index", "sensor_id"]:
        raise DataError(f"{name}: this is METR-LA's table of sensors, not its readings; leave it out")
    seen: set[str] = set()
    for column, sensor in enumerate(header, start=1):
        if not _SENSOR.fullmatch(sensor):
            raise DataError(
                f"{name} line 1: column {column} is {cut_short(sensor)}, no sensor id: METR-LA's first line names its "
                "sensors (773869,767541,…)"
            )
        if sensor in seen:
            raise DataError(f"{name} line 1: the sensor {sensor} has two columns")
        seen.add(sensor)
    sources = [f"metr-la/{sensor}" for sensor in header]
    return [(source, area_of(source, city)) for source in sources]


FEED: Feed = MetrLa()
