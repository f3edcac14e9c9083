"""A course whose past is known: only its end, which may still change, is asked again and joined to what is known.

The joined answer is the whole one's equal as long as nothing older than `OPEN_MS` changes. What comes later than that
is seen within a minute: in turn, each course is asked whole. What cannot be joined exactly is always asked whole.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from console.boards.span import duration_ms

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from console.boards.answers import Series
    from console.boards.questions import Asked, Instant

OPEN_MS: Final = 300_000
"""How far behind the newest value another may still come: windows last a minute, and events are half of one late."""
TURNS: Final = 6
TURN_MS: Final = 10_000
"""In one of so many turns a course is asked whole."""
MOST: Final = 100
"""Courses that are known; the one that was wanted longest ago goes first."""
COARSE_MS: Final = 30_000
"""Courses of longer time groups are asked whole: of so few windows that their two ends cost a store as much."""

_COURSE: Final = re.compile(
    r'SELECT .+ FROM .+ WHERE .*\$timeFilter GROUP BY (time\([^)]+\))(?:, "\w+")* fill\((?:null|none)\)'
)
_TIME: Final = re.compile(r"time\((\d+s|\$__interval)(?:, (-?\d+)s)?\)")
_GROUP: Final = re.compile(r"\btime\([^)]*\)")
_CALL: Final = re.compile(r"\b([a-z_]+)\(")
_JOINED: Final = frozenset({"sum", "mean", "min", "max", "first", "last", "time", "fill"})
"""Of the points of one time group alone; a count says 0 where there is none, and others look at groups before."""

_Row = list[Any]


@dataclass(frozen=True, slots=True)
class Course:
    """Time groups: their length, and where they begin."""

    step_ms: int
    offset_ms: int

    def begin(self, at_ms: int) -> int:
        """The begin of the group that holds a moment."""
        return at_ms - (at_ms - self.offset_ms) % self.step_ms


@dataclass(frozen=True, slots=True)
class _Known:
    course: Course
    instant: Instant
    moment: int
    series: Series


class Courses:
    """Answers of any question; of courses, made of what is known.

    Args:
        get: the answer to a text that a question became for a moment.
        most: courses that are known.
        coarse_ms: the longest time groups of those that are joined.
    """

    def __init__(
        self, get: Callable[[Asked, str, int], Awaitable[Series]], most: int = MOST, coarse_ms: int = COARSE_MS
    ) -> None:
        self._get = get
        self._most = most
        self._coarse_ms = coarse_ms
        self._known: dict[Asked, _Known] = {}

    async def answer(self, asked: Asked, moment: int) -> Series:
        """What the store says to a question at a moment.

        Raises:
            CityopsError: as the store says.
        """
        instant = asked.instant(moment)
        course = None if asked.every_ms else course_of(asked.text, instant.step_ms)
        if course is None or course.step_ms > self._coarse_ms:
            return await self._get(asked, instant.text(asked.text), moment)
        known = self._known.pop(asked, None)
        if known is not None:
            self._known[asked] = known
            if known.moment == moment:
                return known.series
        joined = None if known is None or _in_turn(asked, moment) else await self._joined(asked, course, instant, known)
        series = await self._get(asked, instant.text(asked.text), moment) if joined is None else joined
        self._known[asked] = _Known(course, instant, moment, series)
        while len(self._known) > self._most:
            del self._known[next(iter(self._known))]
        return series

    async def _joined(self, asked: Asked, course: Course, instant: Instant, known: _Known) -> Series | None:
        """The answer out of what is known and of its two ends; None where that would not be exact."""
        newest = max((row[0] for row in _told(known.series)), default=0)
        tail = course.begin(min(newest, known.instant.end_ms) - OPEN_MS)
        first = course.begin(instant.start_ms)
        # A group that the begin of the range cuts holds less than it was known to hold.
        kept = first if first == instant.start_ms else first + course.step_ms
        if known.course != course or known.instant.start_ms > kept or tail <= kept or known.moment > instant.now_ms:
            return None
        step = course.step_ms
        groups = [
            range(first, kept, step),
            range(kept, tail, step),
            range(tail, course.begin(instant.end_ms) + 1, step),
        ]
        texts = [instant.text(asked.text, before_ms=kept)] if first < kept else []
        texts.append(instant.text(asked.text, tail))
        *cut, end = await asyncio.gather(*(self._get(asked, text, instant.now_ms) for text in texts))
        parts = [cut[0] if cut else (), known.series, end]
        return _join([*zip(parts, groups, strict=True)], gaps=asked.text.endswith("fill(null)"))


def course_of(text: str, step_ms: int) -> Course | None:
    """The time groups of a question whose parts can be joined; None of any other."""
    found = _COURSE.fullmatch(text)
    groups = [_TIME.fullmatch(group) for group in _GROUP.findall(text)]
    if not found or not set(_CALL.findall(text)) <= _JOINED or "$__from" in text or "$__to" in text:
        return None
    lengths: list[tuple[int, int]] = []
    for group in groups:
        if group is None:
            return None
        lengths.append((duration_ms(group[1]) if group[1][0] != "$" else step_ms, int(group[2] or 0) * 1_000))
    step, offset = lengths[-1]
    # Groups within groups must lie wholly in them.
    if any(step % inner or (offset - begin) % inner for inner, begin in lengths):
        return None
    return Course(step, offset)


def _in_turn(asked: Asked, moment: int) -> bool:
    return (moment // TURN_MS + zlib.crc32(asked.text.encode())) % TURNS == 0


def _told(series: Series) -> Iterator[_Row]:
    """The newest row of each series that says something."""
    for one in series:
        found = next((row for row in reversed(one["values"]) if any(cell is not None for cell in row[1:])), None)
        if found is not None:
            yield found


def _key(one: dict[str, Any]) -> tuple[bytes, ...]:
    """By which a store orders the series of an answer: measurement, then the values of tags by name."""
    tags = one.get("tags", {})
    return (one["name"].encode(), *(tags[name].encode() for name in sorted(tags)))


def _join(parts: Sequence[tuple[Series, range]], *, gaps: bool) -> Series | None:
    """Series by series, the rows of each part within its groups; None where only the store knows what is left.

    Args:
        parts: what was answered, and the begins of the groups that are taken of it.
        gaps: whether a group without points has a row.
    """
    rows_of = [
        {_key(one): [row for row in one["values"] if groups.start <= row[0] < groups.stop] for one in series}
        for series, groups in parts
    ]
    heads = {_key(one): one for series, _ in parts for one in series}
    made: list[dict[str, Any]] = []
    for key in sorted(heads):
        head = heads[key]
        nulls = [None] * (len(head["columns"]) - 1)
        rows: list[_Row] = []
        for (_, groups), part in zip(parts, rows_of, strict=True):
            rows += part.get(key) or ([[at, *nulls] for at in groups] if gaps else [])
        if not any(cell is not None for row in rows for cell in row[1:]):
            return None
        made.append({**head, "values": rows})
    return tuple(made)
