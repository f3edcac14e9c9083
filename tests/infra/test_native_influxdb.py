from __future__ import annotations

import json
import stat
import time
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import psutil
import pytest

from city.errors import UnreachableError
from infra.native.influxdb import BUCKETS
from infra.native.influxdb.setup import set_up

if TYPE_CHECKING:
    from infra.native.influxdb import InfluxDB

pytestmark = pytest.mark.live


def _request(influxdb: InfluxDB, path: str, body: bytes | None = None, token: str = "") -> tuple[int, bytes]:
    connection = HTTPConnection(influxdb.address, timeout=60)
    try:
        connection.request("GET" if body is None else "POST", path, body, {"Authorization": f"Token {token}"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _ask(influxdb: InfluxDB, path: str) -> Any:
    status, text = _request(influxdb, path, token=influxdb.token)
    assert status == 200
    return json.loads(text)


def _write(influxdb: InfluxDB, bucket: str, measurement: str) -> None:
    line = f"{measurement} v=1i {int(time.time())}".encode()
    path = f"/api/v2/write?org=cityops&bucket={bucket}&precision=s"
    assert _request(influxdb, path, line, influxdb.token) == (204, b"")


def _count(influxdb: InfluxDB, bucket: str, measurement: str) -> int:
    question = f"SELECT count(v) FROM {measurement}"  # noqa: S608 - the tests' own names
    query = urlencode({"db": bucket, "q": question})
    series = _ask(influxdb, f"/query?{query}")["results"][0].get("series", [])
    return int(series[0]["values"][0][1]) if series else 0


def test_each_bucket_is_there_with_its_retention(influxdb: InfluxDB) -> None:
    found = {
        bucket["name"]: bucket["retentionRules"][0]["everySeconds"]
        for bucket in _ask(influxdb, "/api/v2/buckets?org=cityops")["buckets"]
        if bucket["type"] == "user"
    }
    assert found == dict(BUCKETS)


@pytest.mark.parametrize("bucket", BUCKETS)
def test_influxql_finds_each_bucket_by_its_name(influxdb: InfluxDB, bucket: str) -> None:
    _write(influxdb, bucket, "found")
    assert _count(influxdb, bucket, "found") == 1


def test_an_acknowledged_write_survives_a_crash(influxdb: InfluxDB) -> None:
    url = influxdb.url
    _write(influxdb, "city", "crash")
    influxdb.kill()
    influxdb.start()
    assert influxdb.url == url
    assert _count(influxdb, "city", "crash") == 1


def test_without_the_token_nobody_comes_in(influxdb: InfluxDB) -> None:
    assert _request(influxdb, "/api/v2/buckets")[0] == 401
    assert _request(influxdb, "/api/v2/buckets", token="another")[0] == 401
    assert _request(influxdb, "/api/v2/buckets", token=influxdb.token)[0] == 200


def test_the_token_is_its_owners_alone(influxdb: InfluxDB) -> None:
    assert stat.S_IMODE(influxdb.token_file.stat().st_mode) == 0o600
    assert len(influxdb.token) >= 32


def test_setting_up_again_changes_nothing_and_another_token_is_refused(influxdb: InfluxDB) -> None:
    set_up(influxdb.port, influxdb.token, influxdb.org, influxdb.buckets)
    with pytest.raises(UnreachableError, match=r"refused GET /api/v2/orgs.*: 401 unauthorized access"):
        set_up(influxdb.port, "another", influxdb.org, influxdb.buckets)


def test_it_listens_on_loopback_alone(influxdb: InfluxDB) -> None:
    connections = psutil.Process(influxdb.pid).net_connections("tcp")
    listening = [c.laddr for c in connections if c.status == psutil.CONN_LISTEN]
    assert [address.ip for address in listening] == ["127.0.0.1"]
