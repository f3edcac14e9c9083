"""The page of differences and what the tests allow are one list."""

from __future__ import annotations

from tests.contract.influxql.differences import EXCUSED, documented
from tests.contract.influxql.functions import FUNCTION_QUERIES


def test_every_difference_that_a_test_allows_is_told() -> None:
    assert set(EXCUSED.values()) <= set(documented())


def test_every_question_that_is_excused_is_asked() -> None:
    assert set(EXCUSED) <= set(FUNCTION_QUERIES)
