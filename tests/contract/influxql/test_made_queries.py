"""Queries that hypothesis makes are answered, and refused, as a real InfluxDB does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.contract.influxql.compare import assert_same, refused
from tests.contract.influxql.strategy import grammatical, meaningful

if TYPE_CHECKING:
    from tests.store.web import Client

pytestmark = pytest.mark.live
# The stores are only read here, so that one of each may serve every example.
made = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(made, max_examples=120)
@given(query=meaningful())
def test_a_query_that_means_something_is_answered_alike(ours: Client, theirs: Client, query: str) -> None:
    wanted = theirs.query(query, db="city_live").json

    assert not refused(wanted), "the strategy made a query that InfluxDB refuses"
    assert_same(ours.query(query, db="city_live").json, wanted)


@settings(made, max_examples=40)
@given(query=grammatical())
def test_whatever_the_grammar_allows_is_answered_or_refused_alike(ours: Client, theirs: Client, query: str) -> None:
    # How long they keep is not the same in this test: see test_store_answers.py.
    assume(not re.search("retention|databases", query, re.IGNORECASE))
    assert_same(ours.query(query, db="city_live").json, theirs.query(query, db="city_live").json)
