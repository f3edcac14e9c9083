from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _empty_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but those that the test gives."""
    for name in [name for name in os.environ if name.startswith("CITYOPS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
