"""What a real InfluxDB answered to every question (record.py) is what the embedded store answers, on any machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.influxql.compare import assert_same, refused
from tests.contract.influxql.differences import EXCUSED
from tests.contract.influxql.functions import FUNCTION_QUERIES
from tests.contract.influxql.questions import QUERIES
from tests.contract.influxql.record import ANSWERS

if TYPE_CHECKING:
    from tests.store.web import Client

RECORDED = json.loads(ANSWERS.read_text(encoding="utf-8"))["queries"]
each = pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded["query"])


def test_every_question_is_recorded() -> None:
    assert [recorded["query"] for recorded in RECORDED] == [*QUERIES, *FUNCTION_QUERIES]


@each
def test_the_answer_is_influxdbs(ours: Client, recorded: dict[str, Any]) -> None:
    reply = ours.query(recorded["query"])

    assert reply.status in {200, 400}, reply.body
    if recorded["status"] != 200:
        assert reply.status == 400
        assert set(reply.json) == {"error"}
    if recorded["query"] in EXCUSED:
        assert not refused(reply.json)
    else:
        assert_same(reply.json, recorded["answer"])


@pytest.mark.live
@each
def test_influxdb_still_answers_as_recorded(theirs: Client, recorded: dict[str, Any]) -> None:
    reply = theirs.query(recorded["query"])

    assert reply.status == recorded["status"]
    if recorded["query"] not in EXCUSED:
        assert_same(reply.json, recorded["answer"])
