"""A store that takes requests and has no say in when: two buckets, a refused store, and what was sent aside."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from city.instant import NS
from stream_app.truth import Key, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.core.ledger import Fields

Home = Literal["settled", "live", "side"]
Mark = tuple[int, str, str, int]
"""A side record for ever: which log, kind, series or reason, offset."""


@lru_cache(maxsize=100_000)
def read_line(line: str) -> tuple[Key, Mapping[str, Value]]:
    """A line as the point it is; nothing in this domain needs escaping."""
    series, fields, second = line.split(" ")
    name, *tags = series.split(",")
    pairs = tuple(sorted((tag, value) for tag, _, value in (text.partition("=") for text in tags)))
    values: dict[str, Value] = {}
    for text in fields.split(","):
        field_name, _, value = text.partition("=")
        values[field_name] = int(value[:-1]) if value.endswith("i") else float(value)
    return Key(name, pairs, int(second) * NS), values


@dataclass(eq=False)
class Request:
    """One request of a flush: it lands when it likes, or never."""

    home: Home
    lines: tuple[str, ...] = ()
    marks: frozenset[Mark] = frozenset()
    landed: bool = False


@dataclass
class Store:
    """Two buckets, and a refused store beside them that counts as written."""

    settled: dict[Key, Fields] = field(default_factory=dict)
    refused: dict[Key, Fields] = field(default_factory=dict)
    live: dict[Key, Fields] = field(default_factory=dict)
    side: set[Mark] = field(default_factory=set)
    picky: bool = False

    def final(self, key: Key) -> Fields | None:
        """The settled point, wherever it had to go."""
        return self.settled.get(key, self.refused.get(key))

    def refuses(self, key: Key) -> bool:
        """Some points it never takes."""
        return self.picky and key.start // NS % 3 == 0
