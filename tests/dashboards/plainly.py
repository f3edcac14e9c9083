"""What a question could have found, looked up in the plainest way: each point of its measurement, one by one."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.dashboards.asking import series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.store.web import Client

Point = dict[str, Any]
"""A point's tags and fields by name, and its `time` in seconds."""

_INNERMOST: Final = re.compile(
    r'SELECT (?P<columns>(?:(?!SELECT).)*) FROM "(?P<of>\w+)" WHERE (?P<where>.*?)(?= GROUP BY|\)|$)'
)
_TIME: Final = re.compile(r"time (?P<how>>=|<=|<) (?P<at>\d+)(?P<unit>m?s)(?: (?P<sign>[-+]) (?P<by>\d+)s)?")
_OTHER: Final = re.compile(
    r"\"(?P<name>\w+)\" (?P<how>=~|>=|=|>) (?:'(?P<text>[^']*)'|/\^(?P<any>.*)\$/|(?P<number>\d+))"
)
_HOW: Final[dict[str, Callable[[Any, Any], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}


@dataclass(frozen=True)
class Asked:
    """The innermost part of a question: of which measurement, of what each column is made, and where."""

    measurement: str
    columns: tuple[frozenset[str], ...]
    where: tuple[str, ...]

    def finds(self, points: Iterable[Point]) -> bool:
        """Whether there is a point in its range that has all that one of its columns is made of."""
        inside = (point for point in points if all(_holds(one, point) for one in self.where))
        return any(fields <= point.keys() for point in inside for fields in self.columns)


def asked(query: str) -> Asked:
    """What a filled-in question asks; its times are seconds or milliseconds, as Grafana and rules send them."""
    found = _INNERMOST.search(query)
    assert found, query
    columns = tuple(
        frozenset(re.findall(r'"(\w+)"', made.partition(" AS ")[0])) for made in found["columns"].split(", ")
    )
    return Asked(found["of"], columns, tuple(re.split(r" and | AND ", found["where"])))


def _holds(condition: str, point: Point) -> bool:
    when = _TIME.fullmatch(condition)
    if when:
        at = int(when["at"]) / (1_000 if when["unit"] == "ms" else 1)
        at += int(f"{when['sign'] or ''}{when['by'] or 0}")
        return _HOW[when["how"]](point["time"], at)
    other = _OTHER.fullmatch(condition)
    assert other, condition
    if other["any"]:
        return re.fullmatch(other["any"], str(point.get(other["name"], ""))) is not None
    if other["name"] not in point:
        return False
    held = point[other["name"]]
    return _HOW[other["how"]](held, other["text"] if other["text"] is not None else float(other["number"]))


def every_point(store: Client, measurement: str, bucket: str) -> list[Point]:
    """All points of a measurement, as they lie in the store."""
    return [
        line["tags"] | {name: value for name, value in zip(line["columns"], row, strict=True) if value is not None}
        for line in series(store, f'SELECT * FROM "{measurement}" GROUP BY *', bucket)  # noqa: S608 - a name of ours
        for row in line["values"]
    ]
