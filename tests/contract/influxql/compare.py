"""Whether two answers to a query say the same."""

from __future__ import annotations

import itertools
import math
from typing import Any

Answer = dict[str, Any]


def refused(answer: Answer) -> bool:
    """Whether any of it is a refusal: of the request, or of one of its statements."""
    return "results" not in answer or any("error" in result for result in answer["results"])


def assert_same(ours: Answer, theirs: Answer) -> None:
    """The same statements refused; of the others the same series, tags, columns, times and values."""
    assert refused(ours) == refused(theirs), (ours, theirs)
    if refused(theirs):
        return
    assert len(ours["results"]) == len(theirs["results"])
    for mine, its in zip(ours["results"], theirs["results"], strict=True):
        assert mine["statement_id"] == its["statement_id"]
        assert_same_series(mine.get("series", []), its.get("series", []))


def assert_same_series(ours: list[Any], theirs: list[Any]) -> None:
    assert [_head(series) for series in ours] == [_head(series) for series in theirs]
    for mine, its in zip(ours, theirs, strict=True):
        rows, expected = _in_order(mine.get("values", [])), _in_order(its.get("values", []))
        assert len(rows) == len(expected), (mine, its)
        for row, wanted in zip(rows, expected, strict=True):
            assert all(map(_same, row, wanted)), (row, wanted, mine, its)


def _head(series: dict[str, Any]) -> Any:
    return series.get("name"), series.get("tags"), series["columns"]


def _in_order(rows: list[list[Any]]) -> list[list[Any]]:
    """Rows in their order, those of one time by value: InfluxDB's order of those depends on its number of cores."""
    alike = itertools.groupby(rows, key=lambda row: row[0])
    return [row for _, found in alike for row in sorted(found, key=lambda row: [_text(value) for value in row])]


def _text(value: object) -> str:
    return str(float(value)) if isinstance(value, int) else str(value)


def _same(a: object, b: object) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float) and not isinstance(a, bool):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return a == b
