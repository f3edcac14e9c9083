"""Writes the sample files of the services pack: `.venv/bin/python -m tests.services.make_samples`.

`SAMPLES` is what stands in `city/domains/services/samples/`; a test holds the files against it.
"""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from city.domains.services.simulator import simulate
from city.event import Reason, encode
from city.instant import NS, nanoseconds, rfc3339
from city.lines import Line, Place, format_line
from city.partition import partition_of

if TYPE_CHECKING:
    from city.event import Event

FOLDER = Path(__file__).parents[2] / "city" / "domains" / "services" / "samples"
MONDAY_MORNING = nanoseconds("2026-11-23T02:30:00Z")
SECOND_MS = 1_000
PARTITIONS = 4


def ordinary() -> list[Event]:
    """Two dozen reports of counters and steps of applications of a Monday morning, as they are heard."""
    said = [
        event
        for event in simulate(2026, MONDAY_MORNING, MONDAY_MORNING + 120 * NS, events_per_s=10)
        if heard_after_s(event) < 3
    ]
    steps = [event for event in said if ".application." in kind(event)]
    reports = [event for event in said if ".counter." in kind(event)]
    first_of_each = {event.data.step: event for event in reversed(steps)}
    called = [event for event in reports if event.data.served][:4]
    chosen = {id(event): event for event in chain(first_of_each.values(), steps[:10], called, reports[:8])}
    return sorted(chosen.values(), key=heard)[:24]


def kind(event: Event) -> str:
    return str(event.__struct_config__.tag)


def disorder() -> list[Event]:
    """The same, worse: one 20 s old, one 3 minutes old, one said twice, one by a clock 3 s fast."""
    events = ordinary()[:12]
    events[3] = aged(events[3], 20)
    events[5] = aged(events[5], 180)
    events[9] = aged(events[9], -3)
    again = msgspec.structs.replace(events[1], recordedtime=events[7].recordedtime)
    return [*events[:8], again, *events[8:]]


def poison() -> list[tuple[Line, Reason, str]]:
    """Records nobody may count: each with the reason, and what is wrong with it in words."""
    step = next(event for event in ordinary() if ".application." in kind(event) and event.data.step == "submitted")
    report = next(event for event in ordinary() if ".counter." in kind(event) and event.data.served)
    of = Reason

    def edited(event: Event, old: str, new: str) -> Line:
        good = encode(event)
        changed = good.replace(old.encode(), new.encode(), 1)
        assert changed != good, old
        return Line(changed)

    waited = f'"waitingMinutes":{report.data.waitingMinutes}'
    home = partition_of(step.area.encode(), PARTITIONS)
    stamp_ms = heard(step) // 1_000_000

    def at(partition: int, key: str, timestamp_ms: int = stamp_ms) -> Line:
        place = Place(
            topic="city.services",
            partition=partition,
            partitions=PARTITIONS,
            offset=7,
            timestamp_ms=timestamp_ms,
            key=key,
        )
        return Line(encode(step), place)

    return [
        (Line(encode(step)[:-1]), of.NOT_JSON, "the text ends before its last bracket"),
        (edited(step, '"step":"submitted"', '"step":"lost"'), of.WRONG_FIELD, "a step no application takes"),
        (edited(step, '"step":"submitted",', ""), of.WRONG_FIELD, "an application without a step"),
        (edited(step, '"online":', '"online":1,"was":'), of.WRONG_FIELD, "a number for yes"),
        (edited(report, '"Open"', '"open"'), of.WRONG_FIELD, "a status that QueueMonitor has not"),
        (edited(report, waited, '"waitingMinutes":-1'), of.OUT_OF_BOUNDS, "a wait shorter than none"),
        (edited(report, waited, '"waitingMinutes":1441'), of.OUT_OF_BOUNDS, "a wait longer than a day"),
        (edited(step, '"submitted":true', '"satisfaction":6'), of.OUT_OF_BOUNDS, "six of five"),
        (edited(step, "application.v1", "application.v9"), of.UNKNOWN_TYPE, "a version nobody reads"),
        (edited(step, f'"area":"{step.area}"', '"area":"99999"'), of.UNKNOWN_AREA, "an area that Hanoi has not"),
        (Line(encode(aged(report, -60))), of.CLOCK_AHEAD, "a counter's clock a minute fast"),
        (at(home, "00001"), of.WRONG_KEY, "the key is another area"),
        (at((home + 1) % PARTITIONS, step.area), of.WRONG_PARTITION, "murmur2 puts this key elsewhere"),
        (at(home, step.area, stamp_ms - 60 * SECOND_MS), of.RECORDED_AHEAD, "heard a minute after it was written"),
    ]


def aged(event: Event, age_s: int) -> Event:
    """The event as if it had happened `age_s` before it was heard."""
    return msgspec.structs.replace(event, time=rfc3339(heard(event) - age_s * NS))


def heard(event: Event) -> int:
    return nanoseconds(event.recordedtime or event.time)


def heard_after_s(event: Event) -> float:
    return (heard(event) - nanoseconds(event.time)) / NS


def samples() -> dict[str, bytes]:
    """File name → content."""
    bad = poison()
    return {
        "ordinary.jsonl": b"".join(format_line(Line(encode(event))) for event in ordinary()),
        "disorder.jsonl": b"".join(format_line(Line(encode(event))) for event in disorder()),
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
