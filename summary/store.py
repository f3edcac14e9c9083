"""The store as the job sees it: questions and lines."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from city.instant import nanoseconds
from runtime.ask import ask
from stream_app.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from runtime.connect import Store

SETTLED: Final = "city"
LIVE: Final = "city_live"
ROLLUP: Final = "city_rollup"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an answer: its series' tags, its time (ns), and its columns that have a value."""

    tags: dict[str, str]
    time: int
    values: dict[str, Any]


class Port(Protocol):
    """What the job needs of a store."""

    def rows(self, bucket: str, query: str) -> Iterator[Row]:
        """The rows of one statement's answer.

        Raises:
            CityopsError: the store does not answer, or refuses the question.
        """

    def write(self, bucket: str, lines: Sequence[str]) -> None:
        """Write lines in seconds; returns when they are durable.

        Raises:
            StoreAwayError: try again later.
            CityopsError: only a person can help.
        """


class StoreOverHttp:
    """A store behind HTTP: InfluxDB, or the embedded one.

    Args:
        store: where and with what token.
        refused_dir: where lines are kept that it refuses.
    """

    def __init__(self, store: Store, refused_dir: Path) -> None:
        self._store = store
        self._sink = Sink(store, refused_dir)

    def rows(self, bucket: str, query: str) -> Iterator[Row]:
        """See `Port`."""
        for result in ask(self._store, bucket, query):
            for series in result.get("series", ()):
                names = series["columns"][1:]
                for when, *values in series["values"]:
                    held = {name: value for name, value in zip(names, values, strict=True) if value is not None}
                    yield Row(series.get("tags", {}), nanoseconds(when), held)

    def write(self, bucket: str, lines: Sequence[str]) -> None:
        """See `Port`."""
        asyncio.run(self._sink.write(bucket, lines))

    def close(self) -> None:
        """Close the connections."""
        self._sink.close()
