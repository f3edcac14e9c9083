"""Writes the sample files of the traffic pack: `.venv/bin/python -m tests.city.make_samples`.

`SAMPLES` is what stands in `city/domains/traffic/samples/`; a test holds the files against it.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from city.domains.traffic.simulator import simulate
from city.event import Reason, encode
from city.instant import NS, nanoseconds, rfc3339
from city.lines import Line, Place, format_line
from city.partition import partition_of

if TYPE_CHECKING:
    from city.domains.traffic.events import TrafficFlow

FOLDER = Path(__file__).parents[2] / "city" / "domains" / "traffic" / "samples"
MONDAY_RUSH = nanoseconds("2026-11-23T10:30:00Z")
SECOND_MS = 1_000
PARTITIONS = 4


def ordinary() -> list[TrafficFlow]:
    """Twenty-four reports of a Monday's rush hour, as they are heard."""
    reports = simulate(2026, MONDAY_RUSH, MONDAY_RUSH + 60 * NS, events_per_s=2)
    return [report for report in itertools.islice(reports, 24) if heard_after_s(report) < 3]


def disorder() -> list[TrafficFlow]:
    """The same reports, worse: one 20 s old, one 3 minutes old, one said twice, one by a clock 3 s fast."""
    reports = ordinary()[:12]
    reports[3] = aged(reports[3], 20)
    reports[5] = aged(reports[5], 180)
    reports[9] = aged(reports[9], -3)
    again = msgspec.structs.replace(reports[1], recordedtime=reports[7].recordedtime)
    return [*reports[:8], again, *reports[8:]]


def poison() -> list[tuple[Line, Reason, str]]:
    """Records nobody may count: each with the reason, and what is wrong with it in words."""
    report = ordinary()[0]
    good = encode(report)
    heard = nanoseconds(report.recordedtime or report.time)

    def at(partition: int, key: str, timestamp_ms: int = heard // 1_000_000) -> Place:
        return Place(
            topic="city.traffic",
            partition=partition,
            partitions=PARTITIONS,
            offset=7,
            timestamp_ms=timestamp_ms,
            key=key,
        )

    home = partition_of(report.area.encode(), PARTITIONS)
    of = Reason

    def edited(old: str, new: str) -> Line:
        changed = good.replace(old.encode(), new.encode(), 1)
        assert changed != good, old
        return Line(changed)

    def without(name: str) -> Line:
        event = json.loads(good)
        del event[name]
        return Line(json.dumps(event, separators=(",", ":")).encode())

    motorcycle = f'"vehicleType":"{report.data.vehicleType}"'
    intensity = f'"intensity":{report.data.intensity}'
    minute_before = heard // 1_000_000 - 60 * SECOND_MS
    return [
        (Line(b'{"specversion":"1.0","id":"1",'), of.NOT_JSON, "the text ends in the middle"),
        (Line(b"[" * 1_100), of.NOT_JSON, "nested deeper than anything means"),
        (Line(good.replace(b'"id":"', b'"id":"\xff', 1)), of.NOT_UTF8, "a byte that is no UTF-8"),
        (without("id"), of.WRONG_FIELD, "no id"),
        (without("area"), of.WRONG_FIELD, "no area"),
        (edited(intensity, f'"intensity":"{report.data.intensity}"'), of.WRONG_FIELD, "a number as text"),
        (edited(motorcycle, '"vehicleType":"elephant"'), of.WRONG_FIELD, "a class of vehicles nobody knows"),
        (edited(f'"time":"{report.time}"', f'"time":"{report.time[:-1]}"'), of.WRONG_FIELD, "a time without zone"),
        (edited('"source":"traffic/', '"source":"traffic /'), of.WRONG_FIELD, "a source that is no URI reference"),
        (edited(intensity, '"intensity":-1'), of.OUT_OF_BOUNDS, "fewer vehicles than none"),
        (edited(intensity, '"intensity":100001'), of.OUT_OF_BOUNDS, "more vehicles than a road carries"),
        (edited("vn.hanoi.traffic.flow.v1", "vn.hanoi.traffic.flow.v9"), of.UNKNOWN_TYPE, "a version nobody reads"),
        (edited(f'"area":"{report.area}"', '"area":"99999"'), of.UNKNOWN_AREA, "an area that Hanoi has not"),
        (Line(encode(aged(report, -60))), of.CLOCK_AHEAD, "a sensor's clock a minute fast"),
        (Line(good, at(home, "00001")), of.WRONG_KEY, "the key is another area"),
        (Line(good, at((home + 1) % PARTITIONS, report.area)), of.WRONG_PARTITION, "murmur2 puts this key elsewhere"),
        (Line(good, at(home, report.area, minute_before)), of.RECORDED_AHEAD, "heard a minute after it was written"),
    ]


def aged(report: TrafficFlow, age_s: int) -> TrafficFlow:
    """The report as if it had been observed `age_s` before it was heard."""
    heard = nanoseconds(report.recordedtime or report.time)
    return msgspec.structs.replace(report, time=rfc3339(heard - age_s * NS))


def heard_after_s(report: TrafficFlow) -> float:
    return (nanoseconds(report.recordedtime or report.time) - nanoseconds(report.time)) / NS


def samples() -> dict[str, bytes]:
    """File name → content."""
    bad = poison()
    return {
        "ordinary.jsonl": b"".join(format_line(Line(encode(report))) for report in ordinary()),
        "disorder.jsonl": b"".join(format_line(Line(encode(report))) for report in disorder()),
        "poison.jsonl": b"".join(format_line(line) for line, _, _ in bad),
        "poison.reasons.json": json.dumps(
            [{"line": at, "reason": str(reason), "why": why} for at, (_, reason, why) in enumerate(bad, 1)], indent=2
        ).encode()
        + b"\n",
    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, content in samples().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
