"""The month that boards are asked about, and the asking; how long it takes is the bench's matter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bench import queries
from bench.month import month
from bench.queries import Answer, Question
from bench.store import Client
from city.catalogue import load
from dashboards.provisioned import FOLDER
from embedded.store import serve

if TYPE_CHECKING:
    from pathlib import Path

NOW_S = 1_795_305_600


@pytest.fixture(scope="module")
def asked() -> list[Question]:
    return queries.questions(path.read_text() for path in sorted((FOLDER / "boards" / "en").glob("*.json")))


def test_the_month_holds_every_measurement_that_boards_ask_of(asked: list[Question]) -> None:
    held = {(course.bucket, course.measurement) for course in month(load(), 1, NOW_S)}
    assert len(asked) > 600
    assert {(one.bucket, name) for one in asked for name in re.findall(r'FROM "([^"]+)"', one.query)} <= held


def test_a_store_takes_its_points_and_shows_them(asked: list[Question], tmp_path: Path) -> None:
    some = [one for one in asked if 'FROM "traffic_flow"' in one.query or 'FROM "traffic_flow_1h"' in one.query][::4]
    with serve(tmp_path / "store.duckdb", "token", clock_ns=lambda: NOW_S * 10**9) as url:
        client = Client(url, "token")
        for course in month(load(), 1, NOW_S):
            if course.measurement in {"traffic_flow", "traffic_flow_1h"}:
                client.write("\n".join(course.lines(NOW_S - 3_600, NOW_S)).encode(), course.bucket)
        answers = list(queries.ask_all(client, some, 1, NOW_S))
        found = [client.query(queries.filled(one, 1, NOW_S).replace("now()", f"{NOW_S}s"), one.bucket) for one in some]
        client.close()
    assert {answer.name for answer in answers} == {one.name for one in some}
    assert all(b'"values"' in answer for answer in found)


@pytest.mark.parametrize(("days", "grouping_s"), [(1, 60), (7, 600), (30, 1_800)])
def test_a_course_has_about_a_thousand_points(days: int, grouping_s: int) -> None:
    one = Question("", "city", 'SELECT $__interval_ms WHERE "a" =~ /^$area$/ AND $timeFilter GROUP BY $__interval', 20)
    begin_ms = (NOW_S - days * 86_400) * 1_000
    assert queries.filled(one, days, NOW_S) == (
        f'SELECT {grouping_s}000 WHERE "a" =~ /^.*$/ AND time >= {begin_ms}ms and time <= {NOW_S}000ms '
        f"GROUP BY {grouping_s}s"
    )


def test_a_row_tells_percentiles_and_names_the_slowest() -> None:
    answers = [Answer(f"panel {number}", 7, number / 1_000) for number in range(101)]
    assert list(queries.table({"embedded": answers}))[2:] == [
        "| embedded | 7 days | 101 | 50 ms | 95 ms | 100 ms | panel 100 |"
    ]
