"""The store beside the plainest model of it: a dictionary from (measurement, tags, time) to fields."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from embedded.store.errors import MalformedError
from embedded.store.line_protocol import MAX_TIME, MIN_TIME, parse, series_key
from embedded.store.service import Store
from tests.store.conftest import NOW_S, Clock

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NOW = NOW_S * 10**9
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "i": st.integers(-(2**63), 2**63 - 1),
    "f": st.floats(allow_nan=False, allow_infinity=False),
    "b": st.booleans(),
    "t": st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
}
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), min_size=1, max_size=6)
POINTS = st.tuples(
    st.sampled_from(["m", "n"]),
    st.fixed_dictionaries({}, optional={"a": st.sampled_from(["1", "2"]), "b": st.just("x y")}),
    st.integers(-3, 3).map(lambda minutes: NOW + minutes * 60 * 10**9),
    st.fixed_dictionaries({}, optional=FIELDS).filter(bool),
)


def escaped(text: str) -> str:
    return text.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")


def field(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{value}i" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def line(measurement: str, tags: dict[str, str], time: int, fields: dict[str, Any]) -> str:
    name = measurement.replace(",", "\\,").replace(" ", "\\ ")  # in a measurement "=" needs no escape
    key = name + "".join(f",{escaped(name)}={escaped(value)}" for name, value in tags.items())
    return f"{key} {','.join(f'{escaped(name)}={field(value)}' for name, value in fields.items())} {time}"


@given(NAMES, st.dictionaries(NAMES, NAMES, max_size=3), st.integers(MIN_TIME, MAX_TIME), st.fixed_dictionaries(FIELDS))
def test_a_line_says_what_was_put_into_it(
    measurement: str, tags: dict[str, str], time: int, fields: dict[str, Any]
) -> None:
    tags = {name: value for name, value in tags.items() if name not in {"time", "_field", "_measurement"}}
    measurement = "m" + measurement  # a line that begins with # or a blank is a comment, or begins later
    (point,) = parse(line(measurement, tags, time, fields).encode(), 1, NOW)
    key = series_key(point.series)

    assert (key.measurement, dict(key.tags), point.time) == (measurement, tags, time)
    assert dict(zip(point.names, point.values, strict=True)) == fields
    assert list(map(type, point.values)) == list(map(type, fields.values()))


@given(st.binary(max_size=60))
def test_any_bytes_are_points_or_a_refusal(body: bytes) -> None:
    try:
        points = parse(body, 1, NOW)
    except MalformedError:
        return  # the one way to refuse
    assert all(series_key(point.series).measurement for point in points)
    assert not any(isinstance(value, float) and not math.isfinite(value) for p in points for value in p.values)


@settings(max_examples=25, deadline=None)
@given(batches=st.lists(st.lists(POINTS, min_size=1, max_size=12), min_size=1, max_size=4))
def test_what_is_written_is_what_is_read(batches: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("model") / "store.duckdb"
    model: dict[Any, dict[str, Any]] = {}
    store = Store(path, clock_ns=lambda: NOW)
    try:
        for batch in batches:
            store.write("city", parse("\n".join(line(*point) for point in batch).encode(), 1, NOW)).result()
            for measurement, tags, time, fields in batch:
                model.setdefault((measurement, tuple(sorted(tags.items())), time), {}).update(fields)
    finally:
        store.close()

    store = Store(path, clock_ns=lambda: NOW)
    try:
        (answer,) = store.query("SELECT *::field FROM m, n GROUP BY *", "city").result()
    finally:
        store.close()

    assert not isinstance(answer, str)
    read = {}
    for series in answer:
        tags = tuple((name, value) for name, value in series.tags.items() if value)
        for time, *values in series.rows:
            fields = {n: v for n, v in zip(series.columns[1:], values, strict=True) if v is not None}
            read[series.name, tags, time] = fields
    assert read == model


def test_each_bucket_forgets_what_is_older_than_it_keeps(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.duckdb", clock_ns=Clock(NOW_S + 1_000 * 86_400))
    buckets = ("city_live", "city", "city_rollup")
    for bucket in buckets:
        store.write(bucket, parse(b"m x=1", 1, NOW)).result()

    left = {}
    for days in (6, 8, 91, 731):
        for bucket in buckets:
            store.write(bucket, parse(b"later x=1", 1, NOW + days * 86_400 * 10**9)).result()
        store.expire().result()
        left[days] = [b for b in buckets if store.query("SELECT x FROM m", b).result()[0]]
    store.close()

    assert left == {6: ["city_live", "city", "city_rollup"], 8: ["city", "city_rollup"], 91: ["city_rollup"], 731: []}


def test_a_point_from_the_future_empties_no_bucket(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.duckdb", clock_ns=Clock(NOW_S))
    store.write("city_live", parse(b"m x=1", 1, NOW)).result()
    store.write("city_live", parse(b"m x=2", 1, NOW + 10**18)).result()
    store.expire().result()
    (answer,) = store.query("SELECT count(x) FROM m", "city_live").result()
    store.close()

    assert not isinstance(answer, str)
    assert answer[0].rows == [(0, 2)]
