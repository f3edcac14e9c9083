"""SHOW statements: answered from the catalogue alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embedded.store.errors import StatementError
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.binding import field_of
from embedded.store.influxql.condition import reduce, split
from embedded.store.influxql.result import ResultSeries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from embedded.store.catalogue import Bucket, Catalogue, Measurement, Series
    from embedded.store.influxql.binding import Matcher

Row = list[str | int | bool]


def show(statement: ast.Show, catalogue: Catalogue, database: str, matches: Matcher) -> list[ResultSeries]:
    """The answer to a SHOW statement.

    Raises:
        StatementError: no database is named, or there is none of that name.
    """
    if statement.topic is ast.Topic.DATABASES:
        return [_series("databases", ["name"], [[name] for name in catalogue.buckets])]
    bucket = _bucket(statement, catalogue, database)
    if statement.topic is ast.Topic.RETENTION:
        columns = ["name", "duration", "shardGroupDuration", "replicaN", "default"]
        return [_series("", columns, [["autogen", f"{bucket.keep_days * 24}h0m0s", "24h0m0s", 1, True]])]
    found = _chosen(statement, bucket, matches)
    if statement.topic is ast.Topic.MEASUREMENTS:
        rows = _cut(statement, [[measurement.name] for measurement, _ in found])
        return [_series("measurements", ["name"], rows)] if rows else []
    if statement.topic is ast.Topic.SERIES:
        keys = sorted(_key(measurement, one) for measurement, series in found for one in series)
        rows = _cut(statement, [[key] for key in keys])
        return [_series("", ["key"], rows)] if rows else []
    answer = []
    for measurement, series in found:
        columns, rows = _rows(statement, measurement, series, matches)
        if rows := _cut(statement, rows):
            answer.append(_series(measurement.name, columns, rows))
    return answer


def _rows(
    statement: ast.Show, measurement: Measurement, series: list[Series], matches: Matcher
) -> tuple[list[str], list[Row]]:
    if statement.topic is ast.Topic.FIELD_KEYS:
        fields = sorted(measurement.fields.values(), key=lambda field: field.name)
        return ["fieldKey", "fieldType"], [[field.name, field.type.influx] for field in fields]
    keys = sorted({name for one in series for name in one.tags})
    if statement.topic is ast.Topic.TAG_KEYS:
        return ["tagKey"], [[key] for key in keys]
    pairs = sorted({pair for one in series for pair in one.tags.items() if _wanted(statement, pair[0], matches)})
    return ["key", "value"], [[key, value] for key, value in pairs]


def _wanted(statement: ast.Show, key: str, matches: Matcher) -> bool:
    assert statement.with_key is not None
    op, wanted = statement.with_key
    if isinstance(wanted, ast.Regex):
        return matches(key, wanted.pattern) == (op == "=~")
    return (key in wanted) == (op == "=")


def _chosen(statement: ast.Show, bucket: Bucket, matches: Matcher) -> list[tuple[Measurement, list[Series]]]:
    """The measurements and series that FROM, WITH MEASUREMENT and WHERE leave; by name."""
    condition, _ = split(statement.where, 0)
    found = []
    for name, measurement in sorted(bucket.measurements.items()):
        if not _named(statement, name, matches):
            continue
        series = list(measurement.series.values())
        if condition is not None:
            series = list(_filtered(condition, measurement, series, matches))
        if series:
            found.append((measurement, series))
    return found


def _named(statement: ast.Show, name: str, matches: Matcher) -> bool:
    if statement.with_measurement is not None:
        _, wanted = statement.with_measurement
        return matches(name, wanted.pattern) if isinstance(wanted, ast.Regex) else name == wanted
    if not statement.sources:
        return True
    return any(
        matches(name, source.name.pattern) if isinstance(source.name, ast.Regex) else name == source.name
        for source in statement.sources
    )


def _filtered(
    condition: ast.Expr, measurement: Measurement, series: Iterable[Series], matches: Matcher
) -> Iterable[Series]:
    for one in series:
        left = reduce(condition, one.tags, lambda ref: field_of(measurement, ref) is not None, matches)
        if left != ast.Boolean(value=False):
            yield one


def _cut(statement: ast.Show, rows: list[Row]) -> list[Row]:
    stop = statement.offset + statement.limit if statement.limit else None
    return rows[statement.offset : stop]


def _key(measurement: Measurement, series: Series) -> str:
    def escaped(text: str) -> str:
        return text.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")

    tags = "".join(f",{escaped(name)}={escaped(value)}" for name, value in series.tags.items())
    return measurement.name.replace(",", "\\,").replace(" ", "\\ ") + tags


def _series(name: str, columns: list[str], rows: list[Row]) -> ResultSeries:
    return ResultSeries(name, tuple(columns), rows, has_time=False)


def _bucket(statement: ast.Show, catalogue: Catalogue, database: str) -> Bucket:
    name = statement.database or database
    if not name:
        raise StatementError("database name required")
    if name not in catalogue.buckets:
        raise StatementError(f"database not found: {name}")
    return catalogue.buckets[name]
