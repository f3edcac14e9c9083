from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from embedded.store import serve
from runtime.connect import Store
from summary.store import StoreOverHttp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW_NS = 1_795_200_000 * 10**9


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreOverHttp]:
    with serve(tmp_path / "store.duckdb", "token", clock_ns=lambda: NOW_NS) as url:
        opened = StoreOverHttp(Store(url, "cityops", "token"), tmp_path / "refused")
        yield opened
        opened.close()
