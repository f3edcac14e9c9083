"""The gate: each reason has its case, and beside it the record that is only just good."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.domains.traffic.events import TrafficFlow
from city.event import AHEAD_NS, MAX_EVENT_BYTES, Event, Headers, Reason, Tick, UnusableError, encode, tick
from city.gate import Gate
from city.geography import HANOI
from city.instant import NS, nanoseconds, rfc3339
from city.partition import partition_of

HEARD = nanoseconds("2026-11-23T10:30:00Z")
AREA = "00070"
PARTITIONS = 4
HOME = partition_of(AREA.encode(), PARTITIONS)
LOG = Gate((TrafficFlow,), HANOI.zone_of, (HOME, PARTITIONS))
FILE = Gate((TrafficFlow,), HANOI.zone_of)

SAID: dict[str, Any] = {
    "specversion": "1.0",
    "type": "vn.hanoi.traffic.flow.v1",
    "source": "traffic/00070/001",
    "id": "1",
    "time": rfc3339(HEARD - NS),
    "recordedtime": rfc3339(HEARD),
    "area": AREA,
    "data": {"intensity": 3, "averageVehicleSpeed": 21.5},
}


def body(*, without: str = "", data: dict[str, Any] | None = None, **changed: object) -> bytes:
    event = SAID | changed | {"data": SAID["data"] | (data or {})}
    event.pop(without, None)
    return json.dumps(event).encode()


def admit(value: bytes | None, key: bytes | None = AREA.encode(), headers: Headers = (), stamped: int = HEARD) -> Event:
    event: Event = LOG.admit(value, key, headers, stamped)[0]
    return event


def refused(value: bytes | None, key: bytes | None = AREA.encode(), headers: Headers = (), stamped: int = HEARD) -> str:
    with pytest.raises(UnusableError) as caught:
        LOG.admit(value, key, headers, stamped)
    assert caught.value.detail
    return caught.value.reason


def test_a_good_record_gives_its_event_its_time_and_when_it_was_heard() -> None:
    event, time, heard = LOG.admit(body(), AREA.encode(), (), HEARD)
    assert isinstance(event, TrafficFlow)
    assert (event.area, event.data.intensity, time, heard) == (AREA, 3, HEARD - NS, HEARD)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, Reason.NOT_JSON),
        (b"", Reason.NOT_JSON),
        (b"hello", Reason.NOT_JSON),
        (body()[:-1], Reason.NOT_JSON),
        (body() + b"x", Reason.NOT_JSON),
        (b'{"id": NaN}', Reason.NOT_JSON),
        (b"[" * 5_000, Reason.NOT_JSON),
        (b"[" * 30_000 + b"]" * 30_000, Reason.NOT_JSON),
        (body().replace(b"traffic/", b"traffic\xff"), Reason.NOT_UTF8),
        (b"\xff" * 2_000, Reason.NOT_UTF8),
        (b"[]", Reason.WRONG_FIELD),
        (b"null", Reason.WRONG_FIELD),
        *((body(without=name), Reason.WRONG_FIELD) for name in ("type", "source", "id", "time", "area", "data")),
        (body(specversion="0.3"), Reason.WRONG_FIELD),
        (body(id=""), Reason.WRONG_FIELD),
        (body(id=1), Reason.WRONG_FIELD),
        (body(id="x" * 129), Reason.WRONG_FIELD),
        (body(source=""), Reason.WRONG_FIELD),
        (body(source="a b"), Reason.WRONG_FIELD),
        (body(source="a\nb"), Reason.WRONG_FIELD),
        (body(source="a,b=c"), Reason.WRONG_FIELD),
        (body(source="phường"), Reason.WRONG_FIELD),
        (body(time="2026-11-23T10:29:59"), Reason.WRONG_FIELD),
        (body(recordedtime="soon"), Reason.WRONG_FIELD),
        (body(data={"intensity": "3"}), Reason.WRONG_FIELD),
        (body(data={"intensity": 1.5}), Reason.WRONG_FIELD),
        (body(data={"vehicleType": "elephant"}), Reason.WRONG_FIELD),
        (body(data={"refRoadSegment": "x" * 129}), Reason.WRONG_FIELD),
        (body(data={"intensity": -1}), Reason.OUT_OF_BOUNDS),
        (body(data={"intensity": 10_001}), Reason.OUT_OF_BOUNDS),
        (body(data={"intensity": 10**30}), Reason.OUT_OF_BOUNDS),
        (body(data={"averageVehicleSpeed": 250.1}), Reason.OUT_OF_BOUNDS),
        (body(data={"occupancy": 1.01}), Reason.OUT_OF_BOUNDS),
        (body().replace(b"21.5", b"1e999"), Reason.OUT_OF_BOUNDS),
        (body(type="vn.hanoi.traffic.flow.v2"), Reason.UNKNOWN_TYPE),
        (body(type="vn.hanoi.parking.v1"), Reason.UNKNOWN_TYPE),
        (body(area="99999"), Reason.UNKNOWN_AREA),
        (body(area=""), Reason.UNKNOWN_AREA),
        (body(time=rfc3339(HEARD + AHEAD_NS + 1)), Reason.CLOCK_AHEAD),
        (b" " * (MAX_EVENT_BYTES + 1 - len(body())) + body(), Reason.TOO_LARGE),
        (b"\xff" * (MAX_EVENT_BYTES + 1), Reason.TOO_LARGE),
    ],
)
def test_a_bad_value_is_refused_for_its_reason(value: bytes | None, reason: Reason) -> None:
    assert refused(value) == reason


@pytest.mark.parametrize(
    "value",
    [
        b" " * (MAX_EVENT_BYTES - len(body())) + body(),
        body(id="x" * 128),
        body(source="mailto:a@b.vn?x&y%20#z"),
        body(time=rfc3339(HEARD + AHEAD_NS)),
        body(time="2026-11-23T17:29:59.5+07:00"),
        body(data={"intensity": 0, "averageVehicleSpeed": 0, "occupancy": 0}),
        body(data={"intensity": 10_000, "averageVehicleSpeed": 250, "occupancy": 1}),
        body(data={"intensity": None}),
        body(data={"somethingNew": [1, {"a": 2}]}),
        body(traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        body(data={"note": "[" * 300}).replace(b"[", b"", 60),
    ],
)
def test_a_value_that_is_only_just_good_is_admitted(value: bytes) -> None:
    assert isinstance(admit(value), TrafficFlow)


def test_a_key_must_be_the_events_area() -> None:
    assert refused(body(), key=None) == Reason.WRONG_KEY
    assert refused(body(), key=b"") == Reason.WRONG_KEY
    assert refused(body(), key=b"00004") == Reason.WRONG_KEY
    assert refused(body(), key=b"\xff") == Reason.WRONG_KEY
    assert admit(body(), key=AREA.encode())


def test_a_record_must_lie_where_murmur2_puts_its_area() -> None:
    for partition in range(PARTITIONS):
        gate = Gate((TrafficFlow,), HANOI.zone_of, (partition, PARTITIONS))
        if partition == HOME:
            assert gate.admit(body(), AREA.encode(), (), HEARD)
        else:
            with pytest.raises(UnusableError, match="wrong-partition"):
                gate.admit(body(), AREA.encode(), (), HEARD)


def test_a_record_cannot_be_heard_long_after_it_was_written() -> None:
    assert refused(body(), stamped=HEARD - AHEAD_NS - 1) == Reason.RECORDED_AHEAD
    assert refused(tick(HEARD), key=None, stamped=HEARD - AHEAD_NS - 1) == Reason.RECORDED_AHEAD
    assert admit(body(), stamped=HEARD - AHEAD_NS)


def test_without_recordedtime_the_records_own_stamp_is_when_it_was_heard() -> None:
    assert LOG.admit(body(without="recordedtime"), AREA.encode(), (), HEARD + 7)[2] == HEARD + 7


def test_a_file_has_no_partitions_no_keys_and_no_stamps() -> None:
    assert FILE.admit(body(), None, (), None)[1:] == (HEARD - NS, HEARD)
    assert FILE.admit(body(without="recordedtime"), None, (), None)[1:] == (HEARD - NS, HEARD - NS)
    with pytest.raises(UnusableError, match="unknown-area"):
        FILE.admit(body(area="99999"), None, (), None)


def test_a_tick_needs_no_area_and_no_key() -> None:
    for begin in (False, True):
        event, _, heard = LOG.admit(tick(HEARD, begin=begin), None, (), HEARD)
        assert isinstance(event, Tick)
        assert (event.begin, heard) == (begin, HEARD)


# ------------------------------------------------------------------------------------------------ binary mode

BINARY: Headers = (
    *((f"ce_{name}", str(value).encode()) for name, value in SAID.items() if name != "data"),
    ("content-type", b"application/json"),
)


def test_binary_mode_says_the_same() -> None:
    assert admit(json.dumps(SAID["data"]).encode(), headers=BINARY) == admit(body())


@pytest.mark.parametrize(
    ("value", "headers", "reason"),
    [
        (b"{", BINARY, Reason.NOT_JSON),
        (None, BINARY, Reason.WRONG_FIELD),
        (b"{}", (*BINARY[:-2], ("ce_area", b"\xff")), Reason.NOT_UTF8),
        (b"{}", tuple(header for header in BINARY if header[0] != "ce_id"), Reason.WRONG_FIELD),
        (b'{},"id":"2"', BINARY, Reason.NOT_JSON),
        (b"{} {}", BINARY, Reason.NOT_JSON),
        (b'{"refRoadSegment":"\xff"}', BINARY, Reason.NOT_UTF8),
        (b"[" * 30_000, BINARY, Reason.NOT_JSON),
    ],
)
def test_a_bad_binary_record_is_refused_for_its_reason(value: bytes | None, headers: Headers, reason: Reason) -> None:
    assert refused(value, headers=headers) == reason


# ------------------------------------------------------------------------------------------------ anything at all

junk = st.one_of(
    st.binary(max_size=200),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*SAID, "x"]), inner, max_size=8),
        max_leaves=20,
    ).map(lambda value: json.dumps(value).encode()),
    st.builds(
        lambda at, cut, by: body()[:at] + by + body()[at + cut :],
        st.integers(0, len(body())),
        st.integers(0, 20),
        st.binary(max_size=4),
    ),
)
headers = st.lists(
    st.tuples(
        st.sampled_from(["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "x"]), st.binary(max_size=9)
    ),
    max_size=6,
).map(tuple)


@given(junk, st.none() | st.binary(max_size=6) | st.just(AREA.encode()), headers, st.none() | st.integers(0, 2**62))
def test_no_record_does_worse_than_being_refused_and_every_gate_says_the_same(
    value: bytes, key: bytes | None, headers: Headers, stamped: int | None
) -> None:
    verdicts = []
    for gate in (LOG, Gate((TrafficFlow,), HANOI.zone_of, (HOME, PARTITIONS))):
        try:
            verdicts.append(str(gate.admit(value, key, headers, stamped)))
        except UnusableError as error:
            verdicts.append(str(error.reason))
    assert verdicts[0] == verdicts[1]


def test_every_reason_has_a_case_here() -> None:
    table = test_a_bad_value_is_refused_for_its_reason.pytestmark[0].args[1]  # type: ignore[attr-defined]  # pytest's own
    elsewhere = {Reason.WRONG_KEY, Reason.WRONG_PARTITION, Reason.RECORDED_AHEAD}
    assert {reason for _, reason in table} | elsewhere == set(Reason)


def test_what_we_encode_we_admit() -> None:
    event = admit(body())
    assert admit(encode(event)) == event


def test_a_header_without_a_value_is_a_wrong_field_and_no_crash() -> None:
    headers: Any = [("ce_specversion", None), ("ce_id", b"1"), ("ce_type", b"x"), ("ce_source", b"y")]
    with pytest.raises(UnusableError) as refused:
        Gate((TrafficFlow,), HANOI.zone_of).admit(b"{}", b"00070", headers, 0)
    assert refused.value.reason is Reason.WRONG_FIELD
