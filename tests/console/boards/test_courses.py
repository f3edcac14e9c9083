"""Of a course only the end is asked again; what is joined is what the store would have said to the whole question."""

from __future__ import annotations

import asyncio
import json
import random
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from console.boards.courses import OPEN_MS, Courses, course_of
from console.boards.document import Panel
from console.boards.interpolate import Chosen
from console.boards.library import library, provisioned
from console.boards.questions import Asked, questions
from console.boards.span import TimeRange
from embedded.store import answer
from embedded.store.line_protocol import parse
from embedded.store.service import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NOW_S: Final = 1_795_305_600
SPAN: Final = TimeRange("now-40m", "now-30s", "Asia/Ho_Chi_Minh")
STEP_S: Final = 10
ANY_MS: Final = 3_600_000


class Anything(dict[str, Chosen]):
    """All of every variable."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Chosen:
        return Chosen(("$__all",), (), ".*")


def live_courses() -> list[Asked]:
    """Each course of what is not yet rolled up, of every board, once."""
    shelf = library(provisioned())
    panels = [
        panel
        for uid, board in shelf.boards.items()
        if uid.endswith("-vi")
        for row in board.rows
        for panel in row.panels
        if isinstance(panel, Panel)
    ]
    asked = {one for panel in panels for one in questions(panel, shelf.sources, Anything(), SPAN).values()}
    found = [one for one in asked if not one.every_ms and course_of(one.text, one.instant(NOW_S * 1_000).step_ms)]
    return sorted({one.text: one for one in found}.values(), key=lambda one: one.text)


COURSES: Final = live_courses()
MADE: Final = tuple(
    Asked("city_live", text, SPAN, points, 0)
    for text, points in (
        ("SELECT sum(v) FROM m WHERE $timeFilter GROUP BY time($__interval) fill(null)", 100),
        ('SELECT sum(v) / sum(w) FROM m WHERE w > 0 AND $timeFilter GROUP BY time(70s), "kind" fill(null)', 100),
        (
            'SELECT mean(v), max(w) FROM m WHERE $timeFilter GROUP BY time(150s, -25200s), "kind", "area" fill(none)',
            100,
        ),
        ('SELECT last(v) - min(v) FROM m WHERE $timeFilter GROUP BY time(90s), "area" fill(null)', 100),
        ("SELECT first(v) FROM m WHERE kind = 'x' AND $timeFilter GROUP BY time(30s) fill(none)", 100),
    )
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "store.duckdb", clock_ns=lambda: NOW_S * 10**9)
    yield made
    made.close()


def read_by(asked: Sequence[Asked]) -> dict[str, tuple[set[str], set[str]]]:
    """What questions read: measurement → fields, tags."""
    read: dict[str, tuple[set[str], set[str]]] = {}
    for one in asked:
        fields, tags = read.setdefault(re.findall(r'FROM "?(\w+)"?', one.text)[-1], (set(), set()))
        tags |= {*re.findall(r'"?(\w+)"? (?:=~|=) ', one.text), *re.findall(r', "(\w+)"', one.text)}
        fields |= {*re.findall(r'\("?(\w+)"?\)', one.text), *re.findall(r'"?(\w+)"? > 0', one.text)}
    return read


def lines(asked: Sequence[Asked], begin_s: int, end_s: int, rng: random.Random) -> Iterator[str]:
    """Points of a few series with gaps: one has been silent for long, one begins late, and one is of each domain."""
    for measurement, (fields, tags) in read_by(asked).items():
        for series, name in enumerate(("x", "traffic", "tourism", "services")):
            own = "".join(f",{tag}={name}" for tag in sorted(tags))
            for at in range(begin_s, end_s, STEP_S):
                silent = (series == 0 and at > NOW_S - 2_400) or (series == 2 and at < NOW_S + 20)
                if not silent and rng.random() < 0.5:
                    held = ",".join(f"{field}={rng.randrange(8)}" for field in sorted(fields))
                    yield f"{measurement}{own} {held} {at}"


async def follow(store: Store, asked: Sequence[Asked]) -> None:
    """Compare what is joined with the whole answers over a moving now; most is not asked for again."""
    rng, joining, told = random.Random(5), {one: Told(store) for one in asked}, Told(store)
    write(store, lines(asked, NOW_S - 3_000, NOW_S, rng))
    for now_s in range(NOW_S, NOW_S + 7 * STEP_S, STEP_S):
        # What is late comes up to where nothing is open any more.
        write(store, lines(asked, now_s - OPEN_MS // 1_000 // 2, now_s, rng))
        for one, known in joining.items():
            whole = await told(one, one.at(now_s * 1_000), now_s)
            assert await known.courses.answer(one, now_s * 1_000) == whole, (one.text, now_s)
    assert sum(known.rows for known in joining.values()) < 0.6 * told.rows


class Told:
    """Asks the store, and counts the rows of its answers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.rows = 0
        self.courses = Courses(self, coarse_ms=ANY_MS)

    async def __call__(self, asked: Asked, text: str, _: int) -> tuple[dict[str, Any], ...]:
        (result,) = json.loads(answer.as_json([*self._store.query(text, asked.database).result()], 10**6))["results"]
        assert "error" not in result, (text, result)
        series = tuple(result.get("series", ()))
        self.rows += sum(len(each["values"]) for each in series)
        return series


def write(store: Store, made: Iterator[str]) -> None:
    store.write("city_live", parse("\n".join(made).encode(), 10**9, NOW_S * 10**9)).result()


@pytest.mark.parametrize("asked", [COURSES, MADE], ids=["boards", "made"])
def test_what_is_joined_is_the_whole_answer(store: Store, asked: Sequence[Asked]) -> None:
    assert len(asked) >= 5
    asyncio.run(follow(store, asked))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT sum(v) FROM m WHERE $timeFilter",
        "SELECT v FROM m WHERE $timeFilter",
        "SELECT sum(v) FROM m WHERE time > now() - 1h GROUP BY time(10s) fill(null)",
        "SELECT count(v) FROM m WHERE $timeFilter GROUP BY time(10s) fill(null)",
        "SELECT sum(v) FROM m WHERE $timeFilter GROUP BY time(10s) fill(previous)",
        "SELECT sum(v) FROM m WHERE $timeFilter GROUP BY time(10s) fill(linear)",
        "SELECT sum(v) FROM m WHERE $timeFilter GROUP BY time(10s) fill(null) LIMIT 3",
        "SELECT sum(v) FROM m WHERE $timeFilter GROUP BY time(10s) fill(null) ORDER BY time DESC",
        "SELECT sum(v) FROM m WHERE $timeFilter GROUP BY time(10s) fill(null) tz('Asia/Ho_Chi_Minh')",
        "SELECT difference(sum(v)) FROM m WHERE $timeFilter GROUP BY time(10s) fill(null)",
        "SELECT percentile(v, 90) FROM m WHERE $timeFilter GROUP BY time(10s) fill(null)",
        "SELECT sum(v) * $__from FROM m WHERE $timeFilter GROUP BY time(10s) fill(null)",
        "SELECT sum(sum) FROM (SELECT sum(v) FROM m GROUP BY time(9s)) WHERE $timeFilter GROUP BY time(1m) fill(null)",
    ],
)
def test_what_cannot_be_joined_exactly_is_asked_whole(text: str) -> None:
    assert course_of(text, 10_000) is None


def test_what_comes_late_is_seen_within_a_minute(store: Store) -> None:
    async def test() -> None:
        one, told = MADE[0], Told(store)
        write(store, iter([f"m v=1 {at}" for at in range(NOW_S - 1_500, NOW_S, 10)]))
        await told.courses.answer(one, NOW_S * 1_000)
        write(store, iter([f"m v=100 {NOW_S - 1_200}"]))
        for turn in range(1, 7):
            joined = await told.courses.answer(one, (NOW_S + 10 * turn) * 1_000)
        assert joined == await told(one, one.at((NOW_S + 60) * 1_000), 0)

    asyncio.run(test())


def test_what_is_known_is_bounded_and_is_not_asked_twice(store: Store) -> None:
    async def test() -> None:
        told = Told(store)
        told.courses = Courses(told, most=2, coarse_ms=ANY_MS)
        write(store, iter([f"m v=1 {at}" for at in range(NOW_S - 1_500, NOW_S, 10)]))
        rows = []
        for one in (MADE[0], MADE[0], MADE[1], MADE[3], MADE[0]):
            await told.courses.answer(one, NOW_S * 1_000)
            rows.append(told.rows)
        assert rows[0] == rows[1] < rows[4]
        assert rows[4] - rows[3] == rows[0]

    asyncio.run(test())
