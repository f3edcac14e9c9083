"""Who writes InfluxQL is decided (docs/decisions/0012), so another file that does is a decision too."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("city", "cli", "console", "dashboards", "producers", "runtime", "stream_app", "summary")
DECIDED: Final = {
    "city/boards/questions.py",
    "city/influxql.py",
    "cli/truth.py",
    "cli/up.py",
    "stream_app/operations.py",
    "summary/rollup.py",
}
READING: Final = {"console/boards/courses.py", "dashboards/field_lint.py"}
"""Take questions apart that others have written, and write none."""


def texts(path: Path) -> Iterator[str]:
    """The string literals of a file, those of f-strings up to their first value."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_other_file_writes_a_question() -> None:
    writing = {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if any(text.startswith("SELECT ") for text in texts(path))
    }
    assert writing == DECIDED | READING
