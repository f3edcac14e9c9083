"""Where the outside data sets lie, for tests marked `dataset`."""

import os
from pathlib import Path

import pytest


def dataset(*parts: str) -> Path:
    """A file of the data sets named by CITYOPS_DATASETS; skips the test where there are none.

    A set variable that leads nowhere is a failure: it was meant to be tested.
    """
    folder = os.environ.get("CITYOPS_DATASETS")
    if not folder:
        pytest.skip("CITYOPS_DATASETS names no data sets")
    path = Path(folder, *parts)
    assert path.is_file(), f"CITYOPS_DATASETS has no {path}"
    return path
