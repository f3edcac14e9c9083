"""Lines that are added to a file are shown as they are added."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cli._follow import followed

if TYPE_CHECKING:
    from pathlib import Path

DEADLINE_S = 20.0


def test_only_whole_lines_that_are_added_meanwhile_are_said(tmp_path: Path) -> None:
    path, said = tmp_path / "alerts.log", list[str]()
    path.write_text("before\n")
    with followed(path, said.append):
        with path.open("a") as file:
            file.write("một\nhai")
        _eventually(said, ["một"])
        with path.open("a") as file:
            file.write(" ba\n")
        _eventually(said, ["một", "hai ba"])
        path.write_text("anew\n")  # cut, as a log that has grown too long
        _eventually(said, ["một", "hai ba", "anew"])


def test_a_file_that_comes_later_is_said_from_its_start(tmp_path: Path) -> None:
    path, said = tmp_path / "alerts.log", list[str]()
    with followed(path, said.append):
        path.write_text("first\nsecond\n")
    assert said == ["first", "second"]


def _eventually(said: list[str], expected: list[str]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while said != expected:
        assert time.monotonic() < deadline, said
        time.sleep(0.02)
