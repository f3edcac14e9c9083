"""Stores for tests: in this process, with a clock that a test may set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from embedded.store import serve
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW_S = 1_795_305_600  # 2026-11-22T00:00:00Z


@dataclass
class Clock:
    """A clock that stands until it is set."""

    now_s: int = NOW_S

    def __call__(self) -> int:
        return self.now_s * 10**9


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(tmp_path: Path, clock: Clock) -> Iterator[Client]:
    with serve(tmp_path / "store.duckdb", "token", clock_ns=clock) as url:
        yield Client(url)
