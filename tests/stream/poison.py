"""Records that may not be counted: one for every reason."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from city.event import Reason
from city.instant import NS, rfc3339
from city.partition import partition_of
from tests.stream.brokers import PARTITIONS


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that may not be counted, and where it goes."""

    reason: Reason
    value: bytes | None
    key: bytes | None
    partition: int
    timestamp_ms: int


def poisons(good: bytes, heard: int) -> list[Poison]:
    """One record for every reason, each made from a good event by one change."""
    event = msgspec.json.decode(good)
    area = event["area"].encode()
    here = partition_of(area, PARTITIONS)
    stamped = heard // 1_000_000
    cases: list[tuple[Reason, dict[str, object]]] = [
        (Reason.WRONG_FIELD, {"time": "yesterday"}),
        (Reason.UNKNOWN_TYPE, {"type": "vn.hanoi.nothing.v1"}),
        (Reason.UNKNOWN_AREA, {"area": "99999"}),
        (Reason.OUT_OF_BOUNDS, {"data": {"occupancy": 1.5}}),
        (Reason.CLOCK_AHEAD, {"time": rfc3339(heard + 6 * NS)}),
        (Reason.RECORDED_AHEAD, {"recordedtime": rfc3339(heard + 6 * NS)}),
    ]
    stamps = {"time": rfc3339(heard), "recordedtime": rfc3339(heard)}
    return [
        *(
            Poison(reason, msgspec.json.encode(event | stamps | change), area, here, stamped)
            for reason, change in cases
        ),
        Poison(Reason.NOT_UTF8, good.replace(b"vn.hanoi", b"\xff\xfe"), area, here, stamped),
        Poison(Reason.NOT_JSON, b"", area, here, stamped),
        Poison(Reason.NOT_JSON, None, area, here, stamped),
        Poison(Reason.NOT_JSON, b"[" * 5_000, area, here, stamped),
        Poison(Reason.TOO_LARGE, b"x" * 70_000, area, here, stamped),
        Poison(Reason.WRONG_KEY, good, None, here, stamped),
        Poison(Reason.WRONG_PARTITION, good, area, (here + 1) % PARTITIONS, stamped),
    ]
