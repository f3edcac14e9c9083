"""The DuckDB file: the points' tables, the catalogue's, and every statement that changes them.

Layout (docs/decisions/0003-embedded-store-layout.md): a table for each measurement of each bucket, one row a point,
a typed column a field, no index. A batch is merged into it on (series, time); the batch's time range keeps
the merge to the row groups it concerns.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import duckdb
import msgspec

from city.errors import CityopsError
from embedded.store.catalogue import DAY_NS, Catalogue, Field, FieldType, Measurement, Series

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from embedded.store.batch import Batch, Rows
    from embedded.store.catalogue import Additions
    from embedded.store.line_protocol import Value

MEMORY_LIMIT = "400MB"
THREADS = 2
FORMAT = 1
MERGE_ROWS = 20_000

_TABLES = f"""
CREATE TABLE IF NOT EXISTS format (version INTEGER);
INSERT INTO format SELECT {FORMAT} WHERE NOT EXISTS (FROM format);
CREATE TABLE IF NOT EXISTS measurements (id BIGINT, bucket VARCHAR, name VARCHAR);
CREATE TABLE IF NOT EXISTS fields (id BIGINT, measurement BIGINT, name VARCHAR, type VARCHAR);
CREATE TABLE IF NOT EXISTS series (id BIGINT, measurement BIGINT, tags VARCHAR);
"""


class Database:
    """The file, opened. One thread writes through it; readers take a `reader` each."""

    def __init__(self, path: Path) -> None:
        """Open or make the file.

        Raises:
            CityopsError: it is in use by another process, damaged, of another version, or cannot be made.
        """
        self.path = path
        self._connection = _open(path)
        try:
            self._connection.execute(_TABLES)
            self.catalogue = self._load()
        except duckdb.Error as error:
            raise CityopsError(f"{path}: {_first_line(error)}") from error

    def reader(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for one reading thread: it sees every committed write."""
        return self._connection.cursor()

    def close(self) -> None:
        """Close the file; what was committed is in it."""
        self._connection.close()

    def write(self, batch: Batch) -> None:
        """Write a batch durably, whole or not at all, then publish what is new in it.

        Raises:
            duckdb.Error: nothing of it was written.
        """
        with _Transaction(self._connection) as connection:
            self._add(batch.additions)
            for rows in batch.tables.values():
                if rows.values:
                    _merge(connection, rows)
        batch.additions.publish()

    def delete(self, bucket: str, measurement: Measurement, start: int, stop: int) -> None:
        """Delete the points of a measurement in [start, stop] ns; with the last one it is forgotten, types and all."""
        table, known = measurement.table, self.catalogue.buckets[bucket].measurements
        try:
            with _Transaction(self._connection) as connection:
                connection.execute(f"DELETE FROM {table} WHERE time BETWEEN ? AND ?", [start, stop])  # noqa: S608 - an integer of ours
                if connection.execute(f"FROM {table} LIMIT 1").fetchone() is None:
                    # Forgotten before it is gone: a query that starts now must not look for its table.
                    del known[measurement.name]
                    self._forget(connection, measurement)
        except duckdb.Error:
            known[measurement.name] = measurement
            raise

    @staticmethod
    def _forget(connection: duckdb.DuckDBPyConnection, measurement: Measurement) -> None:
        connection.execute(f"DROP TABLE {measurement.table}")
        connection.execute("DELETE FROM fields WHERE measurement = ?", [measurement.id])
        connection.execute("DELETE FROM series WHERE measurement = ?", [measurement.id])
        connection.execute("DELETE FROM measurements WHERE id = ?", [measurement.id])

    def expire(self, now_ns: int) -> None:
        """Delete what each bucket no longer keeps. Cheap when there is nothing: zone maps answer it.

        Counted from the bucket's newest point, not from now: a recorded year that is replayed in its own time
        is as welcome as today's. A point from the future counts as now: one fast clock must not empty a bucket.
        """
        for bucket in self.catalogue.buckets.values():
            measurements = list(bucket.measurements.values())
            newest = min(now_ns, max(filter(None, map(self._newest, measurements)), default=0))
            for measurement in measurements:
                self._expire(measurement, newest - bucket.keep_days * DAY_NS)

    def _newest(self, measurement: Measurement) -> int | None:
        row = self._connection.execute(f"SELECT max(time) FROM {measurement.table}").fetchone()  # noqa: S608 - an integer of ours
        return row[0] if row else None

    def _expire(self, measurement: Measurement, oldest: int) -> None:
        statement = f"DELETE FROM {measurement.table} WHERE time < ?"  # noqa: S608 - an integer of ours
        with _Transaction(self._connection) as connection:
            connection.execute(statement, [oldest])

    def _load(self) -> Catalogue:
        catalogue, connection = Catalogue.empty(), self._connection
        (version,) = connection.execute("FROM format").fetchall()[0]
        if version != FORMAT:
            raise CityopsError(f"{self.path}: written by another version of the store (format {version}, not {FORMAT})")
        by_id: dict[int, Measurement] = {}
        for ident, bucket, name in connection.execute("SELECT id, bucket, name FROM measurements").fetchall():
            by_id[ident] = catalogue.buckets[bucket].measurements[name] = Measurement(ident, name)
        types = {kind.influx: kind for kind in FieldType}
        ids = list(by_id)
        for ident, owner, name, kind in connection.execute("SELECT id, measurement, name, type FROM fields").fetchall():
            by_id[owner].fields[name] = Field(ident, name, types[kind])
            ids.append(ident)
        for ident, owner, tags in connection.execute("SELECT id, measurement, tags FROM series").fetchall():
            series = Series(ident, json.loads(tags))
            by_id[owner].series[tuple(series.tags.items())] = series
            ids.append(ident)
        catalogue.next_id = max(ids, default=0) + 1
        return catalogue

    def _add(self, additions: Additions) -> None:
        connection = self._connection
        for (bucket, name), new in additions.measurements.items():
            connection.execute("INSERT INTO measurements VALUES (?, ?, ?)", [new.id, bucket, name])
            connection.execute(f"CREATE TABLE {new.table} (series INTEGER, time BIGINT)")
        for (owner, name), field in additions.fields.items():
            connection.execute("INSERT INTO fields VALUES (?, ?, ?, ?)", [field.id, owner, name, field.type.influx])
            connection.execute(f"ALTER TABLE p{owner} ADD COLUMN {field.column} {field.type.sql}")
        if additions.series:
            ids = [series.id for series in additions.series.values()]
            owners = [owner for owner, _ in additions.series]
            tags = [json.dumps(series.tags, ensure_ascii=False) for series in additions.series.values()]
            connection.execute("INSERT INTO series SELECT unnest(?), unnest(?), unnest(?)", [ids, owners, tags])


class _Transaction:
    """All of a block's statements, or none of them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def __enter__(self) -> duckdb.DuckDBPyConnection:
        return self._connection.begin()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._connection.commit()
            return
        try:
            self._connection.rollback()
        except duckdb.Error:
            # A statement that failed badly enough has ended the transaction itself; the first error is the one to tell.
            return


def _merge(connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    fields = list(rows.fields.values())
    keys, columns = list(rows.values), rows.columns()
    statement = _merge_statement(rows.measurement.table, fields)
    for start in range(0, len(keys), MERGE_ROWS):
        part = slice(start, start + MERGE_ROWS)
        series, times = zip(*keys[part], strict=True)
        arrays: list[Sequence[Value | None]] = [series, times, *(column[part] for column in columns)]
        parameters = [msgspec.json.encode(array).decode() for array in arrays]
        connection.execute(statement, [*parameters, min(times), max(times)])


def _merge_statement(table: str, fields: list[Field]) -> str:
    """Values arrive as a JSON array a column: DuckDB reads those 20 times as fast as lists of Python objects."""
    types = ["INTEGER", "BIGINT", *(field.type.sql for field in fields)]
    names = ["series", "time", *(field.column for field in fields)]
    arrays = ", ".join(
        f"unnest(from_json(${i}::VARCHAR, '[\"{kind}\"]')) AS {name}"
        for i, (name, kind) in enumerate(zip(names, types, strict=True), start=1)
    )
    low, high = len(names) + 1, len(names) + 2
    updates = ", ".join(f"{f.column} = coalesce(new.{f.column}, {table}.{f.column})" for f in fields)
    return (
        f"MERGE INTO {table} USING (SELECT {arrays}) AS new ON {table}.series = new.series "  # noqa: S608 - names made of our own integers
        f"AND {table}.time = new.time AND {table}.time BETWEEN ${low} AND ${high} "
        f"WHEN MATCHED THEN UPDATE SET {updates} "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(names)}) VALUES ({', '.join('new.' + name for name in names)})"
    )


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY_LIMIT,
        "threads": THREADS,
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return duckdb.connect(str(path), config=settings)
    except OSError as error:
        raise CityopsError(f"{path}: {error.strerror}") from error
    except duckdb.Error as error:
        text = _first_line(error)
        if "lock" in text.lower():
            raise CityopsError(f"{path}: in use by another process; stop that one first") from error
        raise CityopsError(
            f"{path}: not a store this version can read ({text}); move it away to start afresh"
        ) from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
