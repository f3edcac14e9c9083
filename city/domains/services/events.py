"""What an office says: the steps of an application, and how its counters do.

Applications: Open311's names for what a GeoReport v2 service request has as well (https://wiki.open311.org/GeoReport_v2),
names of the same kind for the rest. What a KPI counts under a condition is an attribute of its own, a yes or no that
only the step states which decides it; so every KPI is a ratio of sums.

Counters: QueueMonitor of the FIWARE Smart Data Models, with what was served and how long it had waited beside it.
https://github.com/smart-data-models/dataModel.QueueManagement/tree/master/QueueMonitor
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from city.event import Event

Step = Literal["submitted", "accepted", "supplement_asked", "completed", "returned", "overdue"]
STEPS: Final[tuple[Step, ...]] = ("submitted", "accepted", "supplement_asked", "completed", "returned", "overdue")

ProcedureGroup = Literal["certification", "civil_status", "land", "construction", "business", "social"]
PROCEDURE_GROUPS: Final[tuple[ProcedureGroup, ...]] = (
    "certification",
    "civil_status",
    "land",
    "construction",
    "business",
    "social",
)

Channel = Literal["city_portal", "national_portal", "one_stop"]
CHANNELS: Final[tuple[Channel, ...]] = ("city_portal", "national_portal", "one_stop")

OnlineLevel = Literal["full", "partial"]
"""Whether a procedure can be gone through without ever coming (toàn trình) or only in part (một phần)."""

Name = Annotated[str, Meta(max_length=128)]
Hours = Annotated[float, Meta(ge=0, le=100_000)]
Rating = Annotated[int, Meta(ge=1, le=5)]


class ApplicationStep(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One step in the life of one application.

    Attributes:
        submitted, online, full_online, paid_online: stated when it is submitted; the last where a fee is due.
        supplement: stated when papers have been looked through: False accepted, True asked for more.
        on_time: stated once, when it is known: True with a result by the due time, False when that has passed.
        overdue_change: what the step does to the number of overdue applications, stated where on_time is or was.
        processing_hours, returned, electronic_result: stated when it ends; hours by the clock since acceptance.
        satisfaction, satisfied: stated when the applicant has answered; 4 and 5 are satisfied.
    """

    service_request_id: Name
    step: Step
    service_code: Name | None = None
    procedure_group: ProcedureGroup | None = None
    online_level: OnlineLevel | None = None
    channel: Channel | None = None
    requested_datetime: Name | None = None
    expected_datetime: Name | None = None
    submitted: bool | None = None
    online: bool | None = None
    full_online: bool | None = None
    paid_online: bool | None = None
    supplement: bool | None = None
    on_time: bool | None = None
    overdue_change: Annotated[int, Meta(ge=-1, le=1)] | None = None
    processing_hours: Hours | None = None
    returned: bool | None = None
    electronic_result: bool | None = None
    satisfaction: Rating | None = None
    satisfied: bool | None = None


class Application(Event, frozen=True, tag="vn.hanoi.services.application.v1"):
    """A step of an application; `source` is the office that has it in hand."""

    data: ApplicationStep


class QueueMonitor(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """How a counter does. A closed one states its status alone.

    Attributes:
        ticketServed: the number being served.
        ticketsToServe: numbers drawn and still waiting.
        served: tickets called since the last report (not in the model).
        waitingMinutes: how long those had waited, on average; stated where there were any (not in the model).
    """

    serviceStatus: Literal["Open", "Closed", "Suspended"]  # noqa: N815 - the model's own names
    ticketServed: Annotated[int, Meta(ge=0, le=100_000)] | None = None  # noqa: N815
    ticketsToServe: Annotated[int, Meta(ge=0, le=10_000)] | None = None  # noqa: N815
    served: Annotated[int, Meta(ge=0, le=1_000)] | None = None
    waitingMinutes: Annotated[float, Meta(ge=0, le=1_440)] | None = None  # noqa: N815
    officeName: Name | None = None  # noqa: N815


class Counter(Event, frozen=True, tag="vn.hanoi.services.counter.v1"):
    """A one-stop counter's report; `source` is the counter."""

    data: QueueMonitor
