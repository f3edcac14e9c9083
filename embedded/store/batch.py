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
        return [
            [None if cell is None else int(cell) for cell in cells] if kept.type is FieldType.UNSIGNED else list(cells)
            for kept, cells in zip(self.fields.values(), zip(*rows, strict=True), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _Target:
    """Where the values of lines with the same measurement, field names and types go; or why they may not."""

    rows: Rows
    positions: tuple[int, ...] = ()
    taken: tuple[int, ...] | None = None  # the places of the values to take; None: all
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

    def add(self, bucket: str, points: Iterable[Point]) -> list[str]:
        """Take the points of one request.

        Returns: why each refused point was refused (field type conflict).
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
            elif target.taken is None:
                target.rows.put((series, time), target.positions, values)
            else:
                target.rows.put((series, time), target.positions, [values[place] for place in target.taken])
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
        # InfluxDB drops a field called time, and refuses a point that has no other.
        taken = tuple(place for place, field_name in enumerate(names) if field_name != "time")
        if not taken:
            return _Target(rows, conflict=f'invalid field name: input field "time" on measurement "{name}" is invalid')
        kinds: dict[str, FieldType] = {}
        for place in taken:
            kind = TYPE_OF[types[place]]
            known = self._type(measurement, names[place]) or kinds.setdefault(names[place], kind)
            if known is not kind:
                for name_before, kind_before in kinds.items():
                    # InfluxDB knows the fields before the conflicting one from now on, though the point is refused.
                    self.additions.field(measurement, name_before, kind_before)
                return _Target(
                    rows,
                    conflict=f'field type conflict: input field "{names[place]}" on measurement "{name}" '
                    f"is type {kind.influx}, already exists as type {known.influx}",
                )
            kinds[names[place]] = kind
        places = {n: rows.position(self.additions.field(measurement, n, kind)) for n, kind in kinds.items()}
        positions = tuple(places[names[place]] for place in taken)
        return _Target(rows, positions, None if len(taken) == len(names) else taken)

    def _type(self, measurement: Measurement, name: str) -> FieldType | None:
        known = measurement.fields.get(name) or self.additions.fields.get((measurement.id, name))
        return None if known is None else known.type
