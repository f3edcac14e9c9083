"""What `/api/v2/write` answers, and what is then stored."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import pytest
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException

from tests.store.conftest import NOW_S

if TYPE_CHECKING:
    from tests.store.conftest import Clock
    from tests.store.web import Client

EVERYTHING = "SELECT * FROM m"


def test_a_point_written_again_keeps_its_other_fields_and_takes_the_new_value(client: Client) -> None:
    assert client.write(f"m,area=a x=1,y=2 {NOW_S}", precision="s").status == 204
    assert client.write(f"m,area=a y=3,z=4 {NOW_S}", precision="s").status == 204

    assert client.query(EVERYTHING, epoch="s").rows == [[NOW_S, "a", 1, 3, 4]]


def test_within_one_body_the_later_line_wins(client: Client) -> None:
    client.write(f"m x=1,y=1 {NOW_S}\nm x=2 {NOW_S}\nm x=3 {NOW_S}", precision="s")

    assert client.query(EVERYTHING, epoch="s").rows == [[NOW_S, 3, 1]]


@pytest.mark.parametrize(
    ("precision", "time"),
    [("ns", NOW_S * 10**9), ("us", NOW_S * 10**6), ("ms", NOW_S * 1000), ("s", NOW_S), ("", NOW_S * 10**9)],
)
def test_a_time_is_read_in_the_precision_that_is_named(client: Client, precision: str, time: int) -> None:
    client.write(f"m x=1 {time}", precision=precision)

    assert client.query(EVERYTHING, epoch="s").rows == [[NOW_S, 1]]


def test_a_line_without_time_gets_the_stores(client: Client, clock: Clock) -> None:
    clock.now_s = NOW_S + 77
    client.write("m x=1")

    assert client.query(EVERYTHING, epoch="s").rows == [[NOW_S + 77, 1]]


def test_a_malformed_line_is_named_and_nothing_is_written(client: Client) -> None:
    reply = client.write(f"m x=1 {NOW_S}\nm x=oops {NOW_S}\nm x=2 {NOW_S + 1}", precision="s")

    assert reply.status == 400
    assert reply.json["code"] == "invalid"
    assert "m x=oops" in reply.json["message"]
    assert client.query(EVERYTHING).rows == []


def test_a_field_of_another_type_is_refused_by_name_and_the_rest_is_written(client: Client) -> None:
    client.write(f"m x=1 {NOW_S}", precision="s")
    reply = client.write(f"m x=2i {NOW_S + 1}\nm x=3 {NOW_S + 2}", precision="s")

    assert reply.status == 422
    assert reply.json["message"].endswith("already exists as type float dropped=1")
    assert '"x" on measurement "m"' in reply.json["message"]
    assert client.query(EVERYTHING, epoch="s").rows == [[NOW_S, 1], [NOW_S + 2, 3]]


def test_one_clients_conflict_does_not_touch_anothers_points(client: Client) -> None:
    client.write("m x=1i 1", bucket="city_rollup", precision="s")
    assert client.write(f"m x=1.5 {NOW_S}", precision="s").status == 204, "another bucket has types of its own"


@pytest.mark.parametrize("encode", [gzip.compress, lambda body: gzip.compress(body[:10]) + gzip.compress(body[10:])])
def test_a_gzip_body_is_unpacked(client: Client, encode: object) -> None:
    assert callable(encode)
    reply = client.write(encode(f"m x=1 {NOW_S}".encode()), precision="s", Content_Encoding="gzip")

    assert reply.status == 204
    assert client.query(EVERYTHING, epoch="s").rows == [[NOW_S, 1]]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (gzip.compress(b"m x=1")[:-6], 400),
        (b"no gzip at all", 400),
        (zlib.compress(b"m x=1"), 400),
        (gzip.compress(b"#" * 30_000_000), 413),
        (gzip.compress(b"m x=1\n") + b"rubbish", 400),
    ],
    ids=["truncated", "not gzip", "zlib", "a bomb", "rubbish behind it"],
)
def test_a_bad_gzip_body_is_refused_whole(client: Client, body: bytes, status: int) -> None:
    assert client.write(body, Content_Encoding="gzip").status == status
    assert client.query(EVERYTHING).rows == []


def test_a_body_above_the_bound_is_too_large(client: Client) -> None:
    assert client.write(b"#" * 10_000_001).status == 413


def test_an_encoding_nobody_asked_for_is_refused(client: Client) -> None:
    assert client.write(b"m x=1", Content_Encoding="br").status == 400


def test_text_that_is_no_utf8_is_refused_at_its_byte(client: Client) -> None:
    reply = client.write(b"m x=1\nm,area=\xff x=1")

    assert reply.status == 400
    assert "byte 13" in reply.json["message"]


@pytest.mark.parametrize("token", ["", "wrong", "Token"])
@pytest.mark.parametrize("path", ["/api/v2/write?bucket=city", "/query?q=SHOW+DATABASES", "/api/v2/delete?bucket=city"])
def test_without_the_token_nothing_is_done(client: Client, token: str, path: str) -> None:
    stranger = type(client)(client.url, token)

    assert stranger.ask("POST", path, b"m x=1").status == 401
    assert client.query("SHOW MEASUREMENTS").rows == []


@pytest.mark.parametrize("bucket", ["nowhere", "", "city; DROP TABLE p1"])
def test_an_unknown_bucket_is_not_found(client: Client, bucket: str) -> None:
    assert client.write("m x=1", bucket=bucket).status == 404


def test_an_unknown_precision_is_refused(client: Client) -> None:
    assert client.write("m x=1", precision="fortnight").status == 400


def test_names_and_values_are_never_sql(client: Client) -> None:
    evil = "x'); DROP TABLE p1; --"
    line = evil.replace(" ", "\\ ")
    client.write(f'{line},{line}={line} {line}="{evil}" {NOW_S}', precision="s")

    quoted, text = evil.replace('"', '\\"'), evil.replace("'", "\\'")
    query = f'SELECT "{quoted}" FROM "{quoted}" WHERE "{quoted}"::tag = \'{text}\''  # noqa: S608 - the attempt itself
    reply = client.query(query)
    assert [row[1] for row in reply.rows] == [evil]
    assert client.query("SHOW MEASUREMENTS").rows == [[evil]]


def test_integers_are_whole_to_the_last_bit(client: Client) -> None:
    values = [2**63 - 1, -(2**63), 2**53 + 1]
    client.write("\n".join(f"m x={value}i {NOW_S + i}" for i, value in enumerate(values)), precision="s")
    client.write(f"u x={2**64 - 1}u {NOW_S}", precision="s")

    assert [row[1] for row in client.query("SELECT x FROM m").rows] == values
    assert client.query("SELECT x FROM u").rows[0][1] == 2**64 - 1


def test_a_point_of_long_ago_is_taken_so_that_a_recorded_year_can_be_replayed(client: Client) -> None:
    decade = 10 * 365 * 86_400

    assert client.write(f"m x=1 {NOW_S - decade}", bucket="city_live", precision="s").status == 204
    assert client.query("SELECT x FROM m", db="city_live", epoch="s").rows == [[NOW_S - decade, 1]]


def test_1x_clients_write_too(client: Client) -> None:
    stranger = type(client)(client.url, "")

    assert (
        stranger.ask(
            "POST", f"/write?db=city&precision=s&u=any&p={client.token}", b"m x=1 " + str(NOW_S).encode()
        ).status
        == 204
    )
    assert client.query(EVERYTHING, epoch="s").rows == [[NOW_S, 1]]


@pytest.mark.parametrize("packed", [False, True])
def test_the_official_client_writes_and_is_refused_as_it_expects(client: Client, *, packed: bool) -> None:
    with InfluxDBClient(client.url, token=client.token, org="cityops", enable_gzip=packed) as official:
        assert official.ping()
        writer = official.write_api(write_options=SYNCHRONOUS)
        writer.write("city", record=["m x=1", "m y=2"], write_precision=WritePrecision.S)
        with pytest.raises(ApiException) as refused:
            writer.write("city", record="m x=oops")

    assert refused.value.status == 400
    assert client.query(EVERYTHING, epoch="s").rows == [[NOW_S, 1, 2]]
