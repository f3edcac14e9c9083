"""What the store knows by heart: buckets, measurements, their fields with types, their series with tags.

Every table and column of the database is named by an integer made here; no text of a user reaches SQL.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from embedded.store.line_protocol import Unsigned

if TYPE_CHECKING:
    from embedded.store.line_protocol import SeriesKey

DAY_NS = 86_400 * 10**9


class FieldType(Enum):
    """A field's type as InfluxQL names it, and the column type that holds it."""

    FLOAT = ("float", "DOUBLE")
    INTEGER = ("integer", "BIGINT")
    UNSIGNED = ("unsigned", "UBIGINT")
    STRING = ("string", "VARCHAR")
    BOOLEAN = ("boolean", "BOOLEAN")

    def __init__(self, influx: str, sql: str) -> None:
        self.influx = influx
        self.sql = sql

    @property
    def is_number(self) -> bool:
        """Whether arithmetic is defined on it."""
        return self in {FieldType.FLOAT, FieldType.INTEGER, FieldType.UNSIGNED}


TYPE_OF: dict[type, FieldType] = {
    float: FieldType.FLOAT,
    int: FieldType.INTEGER,
    Unsigned: FieldType.UNSIGNED,
    str: FieldType.STRING,
    bool: FieldType.BOOLEAN,
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a measurement. Its type is fixed by its first write, for ever."""

    id: int
    name: str
    type: FieldType

    @property
    def column(self) -> str:
        """The column that holds it."""
        return f"f{self.id}"


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a measurement; tags sorted by name."""

    id: int
    tags: dict[str, str]


@dataclass(slots=True)
class Measurement:
    """One measurement of one bucket: a table `p<id>(series, time, f…)`, one row a point."""

    id: int
    name: str
    fields: dict[str, Field] = field(default_factory=dict)
    series: dict[tuple[tuple[str, str], ...], Series] = field(default_factory=dict)

    @property
    def table(self) -> str:
        """The table that holds its points."""
        return f"p{self.id}"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A database in InfluxQL's words. Points older than `keep_days` are deleted."""

    name: str
    keep_days: int
    measurements: dict[str, Measurement] = field(default_factory=dict)


BUCKETS = {"city": 90, "city_live": 7, "city_rollup": 730}
"""Bucket → days kept. They exist from the start; there are no others."""


@dataclass(slots=True)
class Catalogue:
    """Everything known. Only the writer's thread changes it, and only after the change is committed."""

    buckets: dict[str, Bucket]
    next_id: int = 1

    @classmethod
    def empty(cls) -> Catalogue:
        """The buckets of the city, with nothing in them."""
        return cls({name: Bucket(name, days) for name, days in BUCKETS.items()})


@dataclass(slots=True)
class Additions:
    """What a transaction adds to the catalogue: looked up while it runs, published when it is committed."""

    catalogue: Catalogue
    next_id: int = field(init=False)
    measurements: dict[tuple[str, str], Measurement] = field(default_factory=dict)
    fields: dict[tuple[int, str], Field] = field(default_factory=dict)
    series: dict[tuple[int, tuple[tuple[str, str], ...]], Series] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.next_id = self.catalogue.next_id

    def _id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def measurement(self, bucket: str, name: str) -> Measurement:
        """The measurement of that name, made if it is new."""
        known = self.catalogue.buckets[bucket].measurements.get(name) or self.measurements.get((bucket, name))
        if known is None:
            known = self.measurements[bucket, name] = Measurement(self._id(), name)
        return known

    def field(self, measurement: Measurement, name: str, kind: FieldType) -> Field:
        """The field of that name, made with that type if it is new; the caller compares the type."""
        known = measurement.fields.get(name) or self.fields.get((measurement.id, name))
        if known is None:
            known = self.fields[measurement.id, name] = Field(self._id(), name, kind)
        return known

    def series_of(self, measurement: Measurement, key: SeriesKey) -> Series:
        """The series of that key, made if it is new."""
        known = measurement.series.get(key.tags) or self.series.get((measurement.id, key.tags))
        if known is None:
            known = self.series[measurement.id, key.tags] = Series(self._id(), dict(key.tags))
        return known

    def publish(self) -> None:
        """Make it known: the transaction is committed."""
        by_id = {m.id: m for bucket in self.catalogue.buckets.values() for m in bucket.measurements.values()}
        by_id |= {m.id: m for m in self.measurements.values()}
        for (measurement, name), new_field in self.fields.items():
            by_id[measurement].fields[name] = new_field
        for (measurement, tags), new_series in self.series.items():
            by_id[measurement].series[tags] = new_series
        for (bucket, name), new in self.measurements.items():
            self.catalogue.buckets[bucket].measurements[name] = new
        self.catalogue.next_id = self.next_id
