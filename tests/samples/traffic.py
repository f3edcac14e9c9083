"""Traffic's samples: reports of a Monday's rush hour."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from city.domains.traffic.simulator import simulate
from city.event import Reason, encode
from city.instant import NS, nanoseconds
from city.lines import Line
from tests.samples.making import Bad, aged, edited, heard_after_s, misplaced, unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from city.event import Event

MONDAY_RUSH: Final = nanoseconds("2026-11-23T10:30:00Z")


def ordinary() -> Sequence[Event]:
    """Twenty-four reports, as they are heard."""
    reports = simulate(2026, MONDAY_RUSH, MONDAY_RUSH + 60 * NS, events_per_s=2)
    return [report for report in itertools.islice(reports, 24) if heard_after_s(report) < 3]


def poison(said: Sequence[Event]) -> Sequence[Bad]:
    """Records nobody may count."""
    report = said[0]
    of = Reason
    vehicle, intensity = f'"vehicleType":"{report.data.vehicleType}"', f'"intensity":{report.data.intensity}'
    own = [
        (edited(report, intensity, intensity.replace(":", ':"') + '"'), of.WRONG_FIELD, "a number as text"),
        (edited(report, vehicle, '"vehicleType":"elephant"'), of.WRONG_FIELD, "a class of vehicles nobody knows"),
        (
            edited(report, f'"time":"{report.time}"', f'"time":"{report.time[:-1]}"'),
            of.WRONG_FIELD,
            "a time without zone",
        ),
        (
            edited(report, '"source":"traffic/', '"source":"traffic /'),
            of.WRONG_FIELD,
            "a source that is no URI reference",
        ),
        (edited(report, intensity, '"intensity":-1'), of.OUT_OF_BOUNDS, "fewer vehicles than none"),
        (edited(report, intensity, '"intensity":100001'), of.OUT_OF_BOUNDS, "more vehicles than a road carries"),
        (edited(report, "flow.v1", "flow.v9"), of.UNKNOWN_TYPE, "a version nobody reads"),
        (
            edited(report, f'"area":"{report.area}"', '"area":"99999"'),
            of.UNKNOWN_AREA,
            "an area that Hanoi has not",
        ),
        (Line(encode(aged(report, -60))), of.CLOCK_AHEAD, "a sensor's clock a minute fast"),
    ]
    return [*unreadable(report), *(Bad(*one) for one in own), *misplaced(report)]
