"""The tutorials, done as a reader does them: every file written, every command run, in a copy of the project."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from tests.docs.snippets import Tree, blocks
from tests.docs.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = "tutorials/your-first-domain.md"


@pytest.fixture
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    made = Tree(tmp_path_factory.mktemp("tutorial"))
    yield made
    made.stop_city()


def test_your_first_domain_is_built_and_runs(tree: Tree) -> None:
    printed = [tree.run(block) for block in blocks(PAGE)]
    said = "\n".join(printed)
    assert "city/domains/parking/simulator.py" in said
    assert "parking_free_share\tShare of places free" in said
    assert "1 domain without fault" in said
    assert " parking_places,area=" in said
    assert "boards/vi/parking.json" in said
    assert "domains/parking.md" in said
    free = [float(line.split()[-1]) for line in printed[-1].splitlines() if re.search(r"\d$", line)]
    assert free, "a line for each zone that has spoken"
    assert all(0 <= share <= 100 for share in free)


def test_what_the_tutorial_writes_is_of_the_projects_quality(tree: Tree) -> None:
    for block in blocks(PAGE):
        if block.title or "new-domain" in block.text:
            tree.run(block)
    for command in ("ruff check --no-cache", "ruff format --check --no-cache", "mypy --cache-dir /dev/null -p"):
        what = "city.domains.parking" if command.startswith("mypy") else "city/domains/parking"
        done = tree.sh(f"{sys.executable} -m {command} {what}")
        assert done.returncode == 0, done.stdout


def test_the_tutorial_takes_no_longer_than_it_says() -> None:
    """Less than half an hour: its sections' minutes, counted together."""
    page = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
    minutes = [int(found) for found in re.findall(r"^## .*\((\d+) minutes\)$", page, re.MULTILINE)]
    assert len(minutes) == 6
    assert sum(minutes) < 30


def test_the_first_city_is_started_asked_and_proven(tree: Tree) -> None:
    printed = [tree.run(block) for block in blocks("tutorials/first-city.md")]
    said = "\n".join(printed)
    assert "traffic_flow" in said
    assert "hoan-kiem" in said
    assert re.search(r"points=[1-9]\d* equal=[1-9]\d* missing=0 different=0 extra=0", said)
