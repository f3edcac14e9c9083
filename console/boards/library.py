"""The boards and data sources that Grafana is provisioned with, as they lie in its folder."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from city.errors import DataError
from console.boards.reading import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.boards.document import Board


class _Facts(Struct, frozen=True, rename={"database": "dbName", "interval": "timeInterval"}):
    database: str
    interval: str


class _Source(Struct, frozen=True, rename={"facts": "jsonData"}):
    uid: str
    facts: _Facts


class _Sources(Struct, frozen=True):
    datasources: tuple[_Source, ...]


@dataclass(frozen=True, slots=True)
class DataSource:
    """Where a question goes.

    Attributes:
        database: the bucket.
        interval: the least length of a time group (`10s`).
    """

    database: str
    interval: str


@dataclass(frozen=True, slots=True)
class Library:
    """All that is provisioned."""

    boards: Mapping[str, Board]
    sources: Mapping[str, DataSource]

    def other(self, uid: str, language: str) -> Board | None:
        """The same board in that language; none where there is no such board."""
        name, _, _ = uid.rpartition("-")
        return self.boards.get(f"{name}-{language}") if uid in self.boards else None


def provisioned() -> Path:
    """Grafana's folder in this project. The room is found, not imported: its builders are heavy."""
    room = importlib.util.find_spec("dashboards")
    assert room is not None
    assert room.submodule_search_locations is not None
    return Path(room.submodule_search_locations[0]) / "provisioned"


def library(folder: Path) -> Library:
    """What lies in Grafana's folder.

    Raises:
        DataError: a file is not what it should be.
    """
    boards = [_board(file) for file in sorted(folder.glob("boards/*/*.json"))]
    sources = msgspec.yaml.decode((folder / "datasources" / "influx.yaml").read_bytes(), type=_Sources)
    return Library(
        boards={board.uid: board for board in boards},
        sources={one.uid: DataSource(one.facts.database, one.facts.interval) for one in sources.datasources},
    )


def _board(file: Path) -> Board:
    try:
        return read(file.read_bytes())
    except DataError as error:
        raise DataError(f"{file}: {error}") from error
