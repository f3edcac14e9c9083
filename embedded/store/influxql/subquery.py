"""The answer of an inner SELECT as a measurement of its own, so that the outer one reads it like any other."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import msgspec

from embedded.store.catalogue import TYPE_OF, Field, FieldType, Measurement, Series

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from embedded.store.influxql.result import ResultSeries

TEMPORARY: Final = 2**40
"""Above every number the catalogue will ever give out, so that a temporary table hides no stored one."""

_numbers = itertools.count(TEMPORARY)


def materialise(connection: duckdb.DuckDBPyConnection, answer: Sequence[ResultSeries]) -> list[Measurement]:
    """The rows of an answer in temporary tables of this connection, one a measurement; the caller drops them."""
    by_name: dict[str, list[ResultSeries]] = {}
    for series in answer:
        by_name.setdefault(series.name, []).append(series)
    return [_measurement(connection, name, found) for name, found in by_name.items()]


def _measurement(connection: duckdb.DuckDBPyConnection, name: str, answer: list[ResultSeries]) -> Measurement:
    columns = answer[0].columns[1:]
    cells = list(zip(*(row for series in answer for row in series.rows), strict=True))
    measurement = Measurement(next(_numbers), name)
    for number, (column, values) in enumerate(zip(columns, cells[1:], strict=True)):
        measurement.fields[column] = Field(number, column, _type_of(values))
    for number, series in enumerate(answer):
        # InfluxDB has no tag without a value: GROUP BY gives an empty one where a series lacks it.
        tags = {tag: value for tag, value in series.tags.items() if value}
        measurement.series[tuple(series.tags.items())] = Series(number, tags)
    owners = [number for number, series in enumerate(answer) for _ in series.rows]
    _store(connection, measurement, [owners, *cells])
    return measurement


def _store(connection: duckdb.DuckDBPyConnection, measurement: Measurement, columns: Sequence[Sequence[Any]]) -> None:
    fields = list(measurement.fields.values())
    types = ["INTEGER", "BIGINT", *(field.type.sql for field in fields)]
    names = ["series", "time", *(field.column for field in fields)]
    arrays = ", ".join(
        f"unnest(from_json(${i}::VARCHAR, '[\"{kind}\"]')) AS {name}"
        for i, (name, kind) in enumerate(zip(names, types, strict=True), start=1)
    )
    parameters = [msgspec.json.encode(column).decode() for column in columns]
    connection.execute(f"CREATE TEMP TABLE {measurement.table} AS SELECT {arrays}", parameters)


def _type_of(values: Sequence[Any]) -> FieldType:
    """The type of a column of answers: whole numbers beside others are numbers."""
    kinds = {TYPE_OF[type(value)] for value in values if value is not None}
    if len(kinds) == 1:
        return kinds.pop()
    return FieldType.FLOAT
