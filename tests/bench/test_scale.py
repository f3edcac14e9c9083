from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench import scale
from bench.scale import Case, Cost

if TYPE_CHECKING:
    from pathlib import Path


def test_a_case_is_counted_whole_and_its_cells_are_open() -> None:
    cost = scale.measure(Case(areas=40, sensors=50, events_per_s=20, partitions=3, lateness_s=1))
    assert cost.us > 0
    assert cost.cells > 20, "what the last second changed, at least"
    assert cost.lines > 1, "an event changes two windows, and each window is written once more when it closes"


def test_growth_is_the_exponent_between_the_ends() -> None:
    assert scale.growth([(1, 5.0), (10, 5.0)]) == 0
    assert scale.growth([(1, 1.0), (3, 99.0), (100, 100.0)]) == pytest.approx(1)


def test_the_table_and_the_plot_tell_each_case(tmp_path: Path) -> None:
    sweep = next(one for one in scale.sweeps(1_000) if one.grows == "partitions")
    costs = [Cost(10.0 + number, 1.5, 2_000, 5_000_000) for number in range(len(sweep.cases))]
    rows = list(scale.table(sweep, costs))
    assert rows[2] == "| 1 | 10.0 | 1.50 | 2,000 | 5 MB |"
    assert "64 times as many: 1.40 times the cost (exponent 0.08)." in rows
    scale.plot(tmp_path / "scale.svg", [(sweep, costs)])
    assert "partitions (exponent 0.08)" in (tmp_path / "scale.svg").read_text()
