"""Which series a question reads is found once; what is remembered never makes an answer another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from embedded.store.batch import Batch
from embedded.store.database import Database
from embedded.store.influxql import grouping
from embedded.store.influxql.engine import Engine
from embedded.store.influxql.grouping import Grouping, Groupings
from embedded.store.influxql.parser import parse as statements
from embedded.store.line_protocol import parse
from tests.store.conftest import NOW_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from embedded.store.influxql.result import ResultSeries

WRITTEN: Final = (
    f"m,area=a,kind=x v=1 {NOW_S}\nm,area=b,kind=x v=2 {NOW_S}",
    f"m,area=c,kind=y v=4 {NOW_S}",  # a series that was not there
    f'm,area=a v=8,kind="x" {NOW_S}',  # a field called as a tag
    f"m,area=d,kind=x v=16,w=1 {NOW_S}\nn,area=a,kind=x v=32 {NOW_S}",
)
QUESTIONS: Final = (
    "SELECT sum(v) FROM m",
    "SELECT sum(v) FROM m WHERE kind = 'x'",
    "SELECT sum(v) FROM m WHERE kind::tag =~ /^x$/ GROUP BY area",
    "SELECT sum(v) FROM m WHERE v > 1 AND area != 'b' GROUP BY area, kind",
    "SELECT sum(v), sum(w) FROM m WHERE w > 0",
    "SELECT last(v), area FROM m WHERE area =~ /a|b|d/",
    "SELECT sum(v) FROM m GROUP BY area SLIMIT 1 SOFFSET 1",
    "SELECT v FROM m GROUP BY * ORDER BY time DESC",
    "SELECT mean(s) FROM (SELECT sum(v) AS s FROM m WHERE area != 'a' GROUP BY area)",
    "SELECT sum(v) FROM /m|n/ WHERE kind = 'x'",
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "store.duckdb")
    yield made
    made.close()


def write(database: Database, lines: str) -> None:
    batch = Batch(database.catalogue)
    batch.add("city", parse(lines.encode(), 10**9, NOW_S * 10**9))
    database.write(batch)


def answer(database: Database, question: str, groupings: Groupings) -> list[ResultSeries]:
    (statement,) = statements(question)
    return Engine(database.catalogue, database.reader(), groupings).run(statement, "city", NOW_S * 10**9)


@pytest.mark.parametrize("question", QUESTIONS)
def test_new_series_fields_and_measurements_are_seen(database: Database, question: str) -> None:
    remembering = Groupings()
    for lines in WRITTEN:
        write(database, lines)
        expected = answer(database, question, Groupings(0))
        assert [answer(database, question, remembering) for _ in range(2)] == [expected] * 2


def test_a_measurement_that_was_deleted_and_is_back_is_another(database: Database) -> None:
    remembering = Groupings()
    write(database, WRITTEN[0])
    assert answer(database, QUESTIONS[1], remembering)
    database.delete("city", database.catalogue.buckets["city"].measurements["m"], 0, 2**62)
    write(database, f"m,area=z,kind=z v=1 {NOW_S}\nm,area=z,kind=x v=5 {NOW_S}")
    (series,) = answer(database, QUESTIONS[1], remembering)
    assert series.rows[0][1] == 5


def test_the_same_question_of_another_time_looks_at_the_series_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    group = grouping.group

    def watched(*arguments: Any) -> Grouping:
        looked.append(arguments[1].name)
        return group(*arguments)

    monkeypatch.setattr(grouping, "group", watched)
    write(database, WRITTEN[0])
    remembering = Groupings()
    for ago_s in range(3):
        answer(database, QUESTIONS[1] + " AND time > now() - …s".replace("…", str(ago_s + 1)), remembering)
    assert looked == ["m"]


def test_memory_is_bounded_and_what_was_asked_for_last_stays(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(database, WRITTEN[0])
    remembering = Groupings(10)
    kept, other = "SELECT sum(v) FROM m WHERE kind = 'kept'", "SELECT sum(v) FROM m WHERE kind = '…' OR area = 'a'"
    for number in range(100):
        answer(database, other.replace("…", str(number)), remembering)
        answer(database, kept, remembering)
    monkeypatch.setattr(grouping, "group", lambda *_: pytest.fail("it was forgotten"))
    answer(database, kept, remembering)
    with pytest.raises(pytest.fail.Exception):
        answer(database, other.replace("…", "0"), remembering)
