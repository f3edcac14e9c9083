"""Services' samples: counters and applications of a Monday morning."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from city.domains.services.events import Application, Counter
from city.domains.services.simulator import simulate
from city.event import Reason, encode
from city.instant import NS, nanoseconds
from city.lines import Line
from tests.samples.making import Bad, aged, edited, heard, heard_after_s, misplaced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from city.event import Event

MONDAY_MORNING: Final = nanoseconds("2026-11-23T02:30:00Z")


def ordinary() -> Sequence[Event]:
    """Two dozen reports of counters and steps of applications, as they are heard."""
    said = [
        event
        for event in simulate(2026, MONDAY_MORNING, MONDAY_MORNING + 400 * NS, events_per_s=10)
        if heard_after_s(event) < 3
    ]
    steps = [event for event in said if isinstance(event, Application)]
    reports = [event for event in said if isinstance(event, Counter)]
    first_of_each = {event.data.step: event for event in reversed(steps)}
    called = [event for event in reports if event.data.served][:4]
    chosen = {id(event): event for event in chain(first_of_each.values(), steps[:10], called, reports[:8])}
    return sorted(chosen.values(), key=heard)[:24]


def poison(said: Sequence[Event]) -> Sequence[Bad]:
    """Records nobody may count."""
    step = next(event for event in said if isinstance(event, Application) and event.data.step == "submitted")
    report = next(event for event in said if isinstance(event, Counter) and event.data.served)
    of = Reason
    waited = f'"waitingMinutes":{report.data.waitingMinutes}'
    own = [
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
    ]
    return [*(Bad(*one) for one in own), *misplaced(step)]
