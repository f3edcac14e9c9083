"""Bodies in line protocol are taken, refused and read back as a real InfluxDB does it."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embedded.store import serve
from tests.contract.conftest import NOW_S, empty
from tests.contract.influxql.compare import assert_same
from tests.contract.influxql.record import ANSWERS, stored
from tests.contract.line_strategy import T0, bodies
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.native.influxdb import InfluxDB

RECORDED = json.loads(ANSWERS.read_text(encoding="utf-8"))["writes"]
_numbers = itertools.count()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    path = tmp_path_factory.mktemp("bodies") / "store.duckdb"
    with serve(path, "token", clock_ns=lambda: NOW_S * 10**9) as url:
        yield Client(url)


@pytest.fixture(scope="module")
def theirs(influxdb: InfluxDB) -> Client:
    client = Client(influxdb.url, influxdb.token)
    empty(client, "city_rollup")
    return client


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: repr(recorded["body"])[:60])
def test_a_body_is_taken_or_refused_as_influxdb_did(ours: Client, recorded: dict[str, Any]) -> None:
    reply = ours.write(recorded["body"])

    assert reply.status == recorded["status"], reply.body
    assert_same(stored(ours, recorded["body"]), recorded["stored"])


@pytest.mark.live
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_made_body_is_taken_or_refused_alike(ours: Client, theirs: Client, data: st.DataObject) -> None:
    measurement = f"made{next(_numbers)}"  # of its own: types are for ever
    body = data.draw(bodies(measurement))
    mine, its = ours.write(body, bucket="city_rollup"), theirs.write(body, bucket="city_rollup")

    assert mine.status == its.status, (mine.body, its.body)
    # A line without a time has the clock's: only what it holds can be compared.
    query = f"SELECT * FROM {measurement} WHERE time >= {T0} AND time <= {T0 + 10**9}"  # noqa: S608 - InfluxQL
    assert_same(ours.query(query, db="city_rollup").json, theirs.query(query, db="city_rollup").json)


CONVERSATIONS: dict[str, list[tuple[str, str, int]]] = {
    "a later request writes over an earlier one": [
        ("m,a=1 v=1,w=2 1795132800", "s", 204),
        ("m,a=1 v=3 1795132800", "s", 204),
    ],
    "the same point twice in a body merges its fields": [
        ("m v=1 1795132800\nm w=2 1795132800\nm v=5 1795132800", "s", 204)
    ],
    "tags are the same in any order": [("m,a=1,b=2 v=1 1795132800\nm,b=2,a=1 v=2 1795132800", "s", 204)],
    "every precision means the same time": [
        ("m,p=s v=1 1795132800", "s", 204),
        ("m,p=ms v=1 1795132800000", "ms", 204),
        ("m,p=us v=1 1795132800000000", "us", 204),
        ("m,p=ns v=1 1795132800000000000", "ns", 204),
    ],
    "an unknown precision is refused": [("m v=1 1795132800", "minutes", 400)],
    "a field keeps the type of its first write": [
        ("m v=1 1795132800", "s", 204),
        ("m v=1i 1795132801", "s", 422),
        ('m v="1" 1795132802', "s", 422),
        ("m v=true 1795132803", "s", 422),
        ("m v=2 1795132804", "s", 204),
    ],
    "of a body with a conflict the rest is written": [
        ("m v=1i 1795132800", "s", 204),
        ("m v=2i 1795132801\nm v=3.5 1795132802\nm v=4i 1795132803\nn v=5.5 1795132804", "s", 422),
    ],
    "of a malformed body nothing is written": [("m v=1 1795132800\nm v= 1795132801\nm v=3 1795132802", "s", 400)],
    "a field called time is refused alone, and dropped beside others": [
        ("m time=1i 1795132800", "s", 422),
        ("m time=1i,v=2 1795132801", "s", 204),
    ],
    "types of one field in two measurements do not meet": [("m v=1 1795132800\nn v=1i 1795132800", "s", 204)],
    "an empty body is no fault": [("", "s", 204)],
}


@pytest.mark.parametrize("conversation", CONVERSATIONS)
def test_requests_that_follow_each_other(embedded: Client, conversation: str) -> None:
    said = _told(embedded, CONVERSATIONS[conversation])
    assert [status for status, _ in said] == [status for *_, status in CONVERSATIONS[conversation]]


@pytest.mark.live
@pytest.mark.parametrize("conversation", CONVERSATIONS)
def test_influxdb_says_and_keeps_the_same(embedded: Client, emptied: Client, conversation: str) -> None:
    for (status, kept), (its_status, its) in zip(
        _told(embedded, CONVERSATIONS[conversation]), _told(emptied, CONVERSATIONS[conversation]), strict=True
    ):
        assert status == its_status
        assert_same(kept, its)


def _told(client: Client, conversation: list[tuple[str, str, int]]) -> list[tuple[int, Any]]:
    """After each request its status, and everything there is."""
    return [
        (client.write(body, precision=precision).status, client.query("SELECT * FROM m; SELECT * FROM n").json)
        for body, precision, _ in conversation
    ]
