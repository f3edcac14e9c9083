"""SHOW statements: answered from the catalogue alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from embedded.store.errors import StatementError
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.binding import field_of
from embedded.store.influxql.condition import TimeRange, reduce, split
from embedded.store.influxql.places import bucket_of, named
from embedded.store.influxql.result import ResultSeries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from embedded.store.catalogue import Bucket, Catalogue, Measurement, Series
    from embedded.store.influxql.binding import Matcher

_SHORT_DAYS = 180
"""InfluxDB keeps what it keeps for at most so long in shards of a day, and in shards of a week beyond."""

Row = list[str | int | bool]


def show(statement: ast.Show, catalogue: Catalogue, database: str, matches: Matcher) -> list[ResultSeries]:
    """The answer to a SHOW statement.

    Raises:
        StatementError: no database is named, or there is none of that name.
    """
    if statement.topic is ast.Topic.DATABASES:
        return [_series("databases", ["name"], [[name] for name in catalogue.buckets])]
    name = statement.database or database
    if statement.topic is ast.Topic.MEASUREMENTS and name not in {"", *catalogue.buckets}:
        return []  # of the other lists InfluxDB says that there is no such database
    if statement.topic is ast.Topic.RETENTION:
        return _retention(catalogue.buckets.get(name))
    bucket = named(catalogue, name)
    found = [one for part, there in _parts(statement, catalogue, bucket) for one in _chosen(part, there, matches)]
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


def _parts(statement: ast.Show, catalogue: Catalogue, bucket: Bucket) -> list[tuple[ast.Show, Bucket]]:
    """The statement by the buckets that it is about; tags are looked for in its own, wherever FROM says they are."""
    if statement.topic not in {ast.Topic.FIELD_KEYS, ast.Topic.SERIES} or not statement.sources:
        return [(statement, bucket)]
    places = [(bucket_of(source, catalogue, bucket.name), source) for source in statement.sources]
    return [
        (replace(statement, sources=tuple(source for there, source in places if there.name == name)), there)
        for name, there in {there.name: there for there, _ in places}.items()
    ]


def _retention(bucket: Bucket | None) -> list[ResultSeries]:
    """The one policy of a bucket; InfluxDB names the columns even where there is none."""
    columns = ["name", "duration", "shardGroupDuration", "replicaN", "default"]
    if bucket is None:
        return [_series("", columns, [])]
    shard_hours = 24 if bucket.keep_days <= _SHORT_DAYS else 168
    return [_series("", columns, [["autogen", f"{bucket.keep_days * 24}h0m0s", f"{shard_hours}h0m0s", 1, True]])]


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
    condition, times = split(statement.where, 0)
    if statement.topic is ast.Topic.MEASUREMENTS and times != TimeRange():
        raise StatementError("SHOW MEASUREMENTS doesn't support time in WHERE clause")
    found = []
    for name, measurement in sorted(bucket.measurements.items()):
        if not _named(statement, name, matches):
            continue
        series = list(measurement.series.values())
        if condition is not None and statement.topic is ast.Topic.MEASUREMENTS:
            series = series if _has(condition, series, matches) else []
        elif condition is not None:
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


def _has(expr: ast.Expr, series: list[Series], matches: Matcher) -> bool:
    """Whether a measurement is one that SHOW MEASUREMENTS WHERE lists.

    InfluxDB asks its tags' values, not its series: `=` that one of them is so, `!=` that none is; both sides of AND
    may be true of different series, and a measurement without the tag is never listed.
    """
    if isinstance(expr, ast.Paren):
        return _has(expr.inner, series, matches)
    if isinstance(expr, ast.Binary) and expr.op in {"and", "or"}:
        sides = _has(expr.left, series, matches), _has(expr.right, series, matches)
        return all(sides) if expr.op == "and" else any(sides)
    if not isinstance(expr, ast.Binary) or not isinstance(expr.left, ast.Ref):
        raise StatementError("invalid condition for SHOW MEASUREMENTS")
    values = {one.tags[expr.left.name] for one in series if expr.left.name in one.tags}
    if isinstance(expr.right, ast.Regex):
        pattern = expr.right.pattern
        return bool(values) and any(matches(value, pattern) for value in values) == (expr.op == "=~")
    if not isinstance(expr.right, ast.Text) or expr.op not in {"=", "!="}:
        raise StatementError("invalid tag comparison operator")
    return bool(values) and (expr.right.value in values) == (expr.op == "=")


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
