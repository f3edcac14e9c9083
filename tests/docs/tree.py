"""A copy of the project's tree, for tests that change it."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("docs", *sorted(path.parent.name for path in ROOT.glob("*/__init__.py")))
FILES = (
    "LICENSE",
    "README.md",
    "cityops",
    "mkdocs.yml",
    "pyproject.toml",
    "requirements-dev.lock",
    "requirements.lock",
)


def copy_of_the_project(target: Path) -> Path:
    """Copy the rooms and the files beside them to a folder; no caches, no environment, no history."""
    unwanted = shutil.ignore_patterns("__pycache__", ".*", "secrets")
    for name in ROOMS:
        shutil.copytree(ROOT / name, target / name, ignore=unwanted)
    for name in FILES:
        shutil.copy2(ROOT / name, target / name)
    return target
