"""Accepted points, gathered for one transaction: the same point twice is merged, the new value wins. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from embedded.store.catalogue import TYPE_OF, Additions, Field, FieldType, Measurement
from embedded.store.line_protocol import Point, Value, series_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from embedded.store.catalogue import Catalogue

_Shape = tuple[str, tuple[str, ...], tuple[type, ...]]


@dataclass(slots=True)
class Rows:
    """New values of one measurement. A row is its fields' values in the order of `fields`; None: not written."""

    measurement: Measurement
    fields: dict[str, Field] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    values: dict[tuple[int, int], list[Value | None]] = field(default_factory=dict)

    def position(self, new: Field) -> int:
        """The place of a field in a row."""
        if new.name not in self.positions:
            self.positions[new.name] = len(self.positions)
            self.fields[new.name] = new
        return self.positions[new.name]

    def put(self, key: tuple[int, int], positions: Sequence[int], values: Iterable[Value]) -> None:
        """Write values at (series id, time)."""
        row = self.values.setdefault(key, [])
        if len(row) < len(self.positions):
            row.extend([None] * (len(self.positions) - len(row)))
        for position, value in zip(positions, values, strict=True):
            row[position] = value

    def columns(self) -> list[list[Value | None]]:
        """The values by field, in the order of `fields`."""
        width = len(self.positions)
        rows = [row if len(row) == width else row + [None] * (width - len(row)) for row in self.values.values()]
        return [list(column) for column in zip(*rows, strict=True)]


@dataclass(frozen=True, slots=True)
class _Target:
    """Where the values of lines with the same measurement, field names and types go; or why they may not."""

    rows: Rows
    positions: tuple[int, ...]
    conflict: str = ""


class Batch:
    """What one transaction will write: the points of one or more requests."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.additions = Additions(catalogue)
        self.tables: dict[int, Rows] = {}
        self._targets: dict[tuple[str, _Shape], _Target] = {}
        self._series: dict[tuple[str, str], tuple[str, int]] = {}

    def __len__(self) -> int:
        return sum(len(rows.values) for rows in self.tables.values())

    def add(self, bucket: str, points: Iterable[Point], oldest: int) -> list[str]:
        """Take the points of one request.

        Returns: why each refused point was refused (field type conflict, older than `oldest`).
        """
        refused = []
        for text, names, values, time in points:
            known = self._series.get((bucket, text))
            if known is None:
                known = self._know(bucket, text)
            measurement, series = known
            shape = (measurement, names, tuple(map(type, values)))
            target = self._targets.get((bucket, shape))
            if target is None:
                target = self._targets[bucket, shape] = self._aim(bucket, shape)
            if target.conflict:
                refused.append(target.conflict)
            elif time < oldest:
                refused.append(f"points beyond retention policy: {text} at {time}")
            else:
                target.rows.put((series, time), target.positions, values)
        return refused

    def _know(self, bucket: str, text: str) -> tuple[str, int]:
        key = series_key(text)
        measurement = self.additions.measurement(bucket, key.measurement)
        series = self.additions.series_of(measurement, key)
        self._series[bucket, text] = key.measurement, series.id
        return key.measurement, series.id

    def _aim(self, bucket: str, shape: _Shape) -> _Target:
        name, names, types = shape
        measurement = self.additions.measurement(bucket, name)
        rows = self.tables.setdefault(measurement.id, Rows(measurement))
        kinds: dict[str, FieldType] = {}
        for field_name, python in zip(names, types, strict=True):
            kind = kinds.setdefault(field_name, TYPE_OF[python])
            known = measurement.fields.get(field_name) or self.additions.fields.get((measurement.id, field_name))
            conflict = kind if kind is not TYPE_OF[python] else known.type if known is not None else TYPE_OF[python]
            if conflict is not TYPE_OF[python]:
                message = (
                    f'field type conflict: input field "{field_name}" on measurement "{name}" is type '
                    f"{TYPE_OF[python].influx}, already exists as type {conflict.influx}"
                )
                return _Target(rows, (), message)
        fields = [self.additions.field(measurement, n, k) for n, k in kinds.items()]
        places = {f.name: rows.position(f) for f in fields}
        return _Target(rows, tuple(places[n] for n in names))
