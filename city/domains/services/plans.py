"""The ways an application may go, and how often each is gone: from submission to its end.

A plan places each step of its applications on a working day and within that day's course. All of a plan's applications
of one day are spread over the course in order, so a step's applications at any instant are found without knowing any
other: nothing need be remembered, however long an application takes.

Days promised are of the order of Hanoi's published procedures; shares are assumed, so that 19 of 20 are on time (Hue's
portal stated 92 to 93 % for its levels 1 to 3) and one in five goes online all the way (provinces had 17 % in October
2025, the city asks 20 %).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.domains.services.events import ProcedureGroup, Step

Order = Literal["kept", "shuffled"]


@dataclass(frozen=True, slots=True)
class Planned:
    """Where a step falls.

    Attributes:
        step: which.
        days: working days after acceptance; None: on the day it is submitted, by the portal's course.
        pace, slow: an application at `x` of its day (0 to 1) has the step at `pace · x + slow · (1 − x)` of this one.
        order: `shuffled` puts another `x` in place of its own, as chance has it.
        minutes: and so many minutes later.
    """

    step: Step
    days: int | None = 0
    pace: float = 1.0
    slow: float = 0.0
    order: Order = "kept"
    minutes: int = 0

    def position(self, x: float) -> float:
        """Where on the day's course, 0 to 1, from the application's own place `x`. Never decreases with `x`."""
        return self.pace * x + self.slow * (1 - x)

    def places(self, begin: float, end: float) -> tuple[float, float]:
        """The places whose positions lie in `[begin, end)`."""
        rise = self.pace - self.slow
        return (begin - self.slow) / rise, (end - self.slow) / rise


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to go.

    Attributes:
        name: unique; chance is drawn by it.
        share: of the applications of its channel.
        steps: in their order.
        due: when a result is owed.
        fee: share that owe one. `full`: share that need not come at all.
        late: whether it is overdue before it ends.
        automatic: a machine decides, at any hour.
    """

    name: str
    group: ProcedureGroup
    online: bool
    share: float
    steps: tuple[Planned, ...]
    due: Planned
    fee: float
    full: float
    late: bool = False
    automatic: bool = False
    by_step: dict[Step, Planned] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_step", {planned.step: planned for planned in self.steps})

    @property
    def ending(self) -> Planned:
        """Its last step."""
        return self.steps[-1]


@dataclass(frozen=True, slots=True)
class Procedures:
    """A group of procedures: shares of walk-ins and of online applications, working days promised, fees, levels."""

    group: ProcedureGroup
    walk_ins: float
    online: float
    days: int
    fee: float
    full: float


PROCEDURES: Final = (
    Procedures("certification", 0.46, 0.12, 0, 0.95, 0.25),
    Procedures("civil_status", 0.20, 0.30, 2, 0.40, 0.25),
    Procedures("land", 0.12, 0.12, 10, 0.90, 0.02),
    Procedures("construction", 0.03, 0.05, 15, 0.80, 0.05),
    Procedures("business", 0.07, 0.21, 3, 0.60, 0.25),
    Procedures("social", 0.12, 0.20, 5, 0.00, 0.15),
)

_AUTOMATIC: Final = 0.15  # of the online ones: decided by a machine, with a result within the hour
_LATE, _RETURNED, _SUPPLEMENTED, _ON_THE_DAY = 0.06, 0.05, 0.08, 0.30
_LOOKED_THROUGH_MIN: Final = 8
"""Minutes from the counter, or from the clerk's first look at an online one, to acceptance."""


def _plans() -> Iterator[Plan]:
    for procedures in PROCEDURES:
        yield from _by_hand(procedures, online=False)
        yield from _by_hand(procedures, online=True)
        for minutes in (3, 12, 50):
            yield _by_machine(procedures, minutes)


def _by_hand(of: Procedures, *, online: bool) -> Iterator[Plan]:
    share = of.online * (1 - _AUTOMATIC) if online else of.walk_ins
    came = Planned("submitted", None, order="shuffled") if online else Planned("submitted")
    accepted = Planned("accepted", minutes=_LOOKED_THROUGH_MIN)
    due = Planned("overdue", of.days, minutes=_LOOKED_THROUGH_MIN)
    half = max(1, of.days // 2)
    soon = Planned("completed", half, order="shuffled")
    on_the_day = Planned("completed", of.days, pace=0.9)
    back = Planned("returned", half, order="shuffled")
    asked = Planned("supplement_asked", slow=0.3, minutes=10)
    if of.days == 0:  # while one waits, or at the end of the day
        due = Planned("overdue", slow=0.6, minutes=20)
        soon, on_the_day = Planned("completed", slow=0.12, minutes=12), Planned("completed", slow=0.5, minutes=15)
        back = Planned("returned", slow=0.1, minutes=12)
        asked = Planned("supplement_asked", slow=0.05, minutes=10)
    late = Planned("completed", of.days + 2, order="shuffled")
    ways: tuple[tuple[str, float, tuple[Planned, ...]], ...] = (
        ("soon", 1 - _LATE - _RETURNED - _SUPPLEMENTED - _ON_THE_DAY, (soon,)),
        ("on-the-day", _ON_THE_DAY, (on_the_day,)),
        ("supplemented", _SUPPLEMENTED, (asked, on_the_day)),
        ("returned", _RETURNED, (back,)),
        ("late", _LATE, (due, late)),
    )
    for name, part, rest in ways:
        yield Plan(
            name=f"{of.group}/{'online' if online else 'counter'}/{name}",
            group=of.group,
            online=online,
            share=share * part,
            steps=(came, accepted, *rest),
            due=due,
            fee=of.fee,
            full=of.full,
            late=name == "late",
        )


def _by_machine(of: Procedures, minutes: int) -> Plan:
    return Plan(
        name=f"{of.group}/automatic/{minutes}",
        group=of.group,
        online=True,
        share=of.online * _AUTOMATIC / 3,
        steps=(
            Planned("submitted", None, order="shuffled"),
            Planned("accepted", None, order="shuffled", minutes=1),
            Planned("completed", None, order="shuffled", minutes=1 + minutes),
        ),
        due=Planned("overdue", None, order="shuffled", minutes=24 * 60),
        fee=of.fee,
        full=1.0,
        automatic=True,
    )


PLANS: Final = tuple(_plans())
