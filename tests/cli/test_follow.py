"""Lines that are added to a file are shown as they are added."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from cli._follow import followed
from cli._status import LiveView, PlainView

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


@pytest.mark.parametrize("view", [PlainView, LiveView])
def test_a_line_is_said_with_its_time_and_nothing_in_it_is_markup(
    view: type[PlainView | LiveView], capsys: pytest.CaptureFixture[str]
) -> None:
    with view() as made:
        made.say("▲ báo [red] traffic_area_slow: Tốc độ trung bình ở Hoàn Kiếm là 8.0 km/h (mục tiêu trên 20).")
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "báo" in line]
    assert re.search(r"\d\d:\d\d:\d\d  ▲ báo \[red\] traffic_area_slow: .* \(mục tiêu trên 20\)\.", line)
