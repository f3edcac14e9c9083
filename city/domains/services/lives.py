"""The lives of all applications: which steps fall into a piece of time, found without remembering any.

The n-th application of a plan and a day lies at `x = (n + chance) / N` of that day's course, and every step at a
place that follows from `x`, or from a shuffled `x` (n times a number coprime with N). Both can be inverted: a piece of
time is a range of places, and that a range of n on each day from which a step can fall into it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from city.calendar import MINUTES, moment
from city.domains.services.office import midnight
from city.domains.services.plans import PLANS
from city.domains.services.scenarios import OUTAGE_S
from city.draw import Draw
from city.instant import NS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from city.domains.services.events import Step
    from city.domains.services.office import Course, Practice
    from city.domains.services.plans import Plan, Planned
    from city.domains.services.scenarios import Events
    from city.draw import Uniforms
    from city.geography import City

_MINUTE_NS: Final = 60 * NS
_MS: Final = 1_000_000
_GOLDEN: Final = 0.618_033_988_75
_MOST_A_DAY: Final = 1_000_000
_MARGIN_NS: Final = 2 * _MS  # instants are cut to their millisecond
_PUT_OFF: Final = OUTAGE_S * NS


class Life(NamedTuple):
    """One application: its plan, the day it belongs to, its number among those of plan and day, and its chance."""

    plan: Plan
    day: date
    number: int
    of: int
    chance: Uniforms


class Happening(NamedTuple):
    """A step of a life, and when it is heard (ns, whole milliseconds)."""

    at: int
    planned: Planned
    life: Life

    @property
    def step(self) -> Step:
        """Which step."""
        return self.planned.step


@dataclass(frozen=True)
class Lives:
    """Every application of a city.

    Attributes:
        seed, city, practice, events: what they follow from.
        scale: how many of them there are, beside Hanoi's.
    """

    seed: int
    city: City
    practice: Practice
    events: Events
    scale: float

    # ---------------------------------------------------------------------------------------------- which

    def happenings(self, start: int, end: int) -> list[Happening]:
        """All steps in `[start, end)`, by their instants."""
        found = {
            (plan.name, planned.step, happening.life.day, happening.life.number): happening
            for plan in PLANS
            for planned in plan.steps
            for put_off in self._delays(plan, planned)
            for happening in self._of(plan, planned, start - put_off, end - put_off)
            if start <= happening.at < end
        }
        return sorted(found.values(), key=lambda one: (one.at, one.life.plan.name, one.life.number))

    def _delays(self, plan: Plan, planned: Planned) -> tuple[int, ...]:
        """How much later than planned a step may be: what a portal refuses is tried again when it is up."""
        return (0, _PUT_OFF) if self.events.outage and plan.online and planned.days is None else (0,)

    def _of(self, plan: Plan, planned: Planned, start: int, end: int) -> Iterator[Happening]:
        """The steps that one line of one plan places near `[start, end)`."""
        ahead = planned.minutes * _MINUTE_NS + _MARGIN_NS
        first = moment(self.city, start - ahead).day
        last = moment(self.city, end).day
        for behind in range((last - first).days + 1):
            day = first + timedelta(days=behind)
            zero = midnight(self.city, day) + planned.minutes * _MINUTE_NS
            begin, until = (start - _MARGIN_NS - zero) / _MINUTE_NS, (end + _MARGIN_NS - zero) / _MINUTE_NS
            course = self._course(planned)
            low, high = course.share(begin), course.share(until)
            if begin < MINUTES and until > 0 and low < high:
                for origin in self._origins(plan, planned, day):
                    for life in self._between(plan, planned, origin, low, high):
                        yield Happening(self.instant(life, planned), planned, life)

    def _between(self, plan: Plan, planned: Planned, day: date, low: float, high: float) -> Iterator[Life]:
        """The lives of a plan and a day whose step lies between two positions; a few beside them come along."""
        count = self._count(plan, day)
        low, high = planned.places(low, high)
        for place in range(max(0, int(low * count) - 1), min(count, int(high * count) + 2)):
            number = place if planned.order == "kept" else place * _shuffle(count)[1] % count
            yield self._life(plan, day, number, count)

    def _origins(self, plan: Plan, planned: Planned, day: date) -> tuple[date, ...]:
        """The days whose applications may have that step on a day."""
        if planned.days is None:
            return (day,)
        accepted = self.practice.before(day, planned.days)
        if accepted is None:
            return ()
        return self.practice.gathered(accepted) if plan.online else (accepted,)

    def _count(self, plan: Plan, day: date) -> int:
        whole = self.practice.online(day) if plan.online else self.practice.walk_ins(day)
        chance = _draw(self.seed, "many", plan.name).at(day.toordinal())[0]
        return int(whole * plan.share * self.scale + chance)

    def _life(self, plan: Plan, day: date, number: int, count: int) -> Life:
        chance = _draw(self.seed, "application", plan.name).at(day.toordinal() * _MOST_A_DAY + number)
        return Life(plan, day, number, count, chance)

    # ---------------------------------------------------------------------------------------------- when

    def instant(self, life: Life, planned: Planned) -> int:
        """When a step of a life is heard (ns, whole milliseconds)."""
        number = life.number if planned.order == "kept" else life.number * _shuffle(life.of)[0] % life.of
        position = planned.position((number + life.chance[0]) / life.of)
        minute = self._course(planned).minute(position)
        sent = midnight(self.city, self._day(life, planned)) + int(minute * 60_000) * _MS
        put_off = _PUT_OFF if planned.days is None and self._refused(life, sent) else 0
        return sent + put_off + planned.minutes * _MINUTE_NS

    def _refused(self, life: Life, sent: int) -> bool:
        """Whether the portal was down when an application was sent, and nobody went to a counter instead."""
        return life.plan.online and self.events.down(sent) and not self.walks_in(life, sent)

    def walks_in(self, life: Life, sent: int) -> bool:
        """Whether an applicant who meets a portal that is down goes to a counter at once."""
        now = moment(self.city, sent)
        opened = self.practice.works(now.day) and self.practice.office.busy(now.minute) > 0
        return opened and life.chance[7] < 1 / 3 and not life.plan.automatic

    def _day(self, life: Life, planned: Planned) -> date:
        if planned.days is None:
            return life.day
        accepted = self.practice.after(life.day, 1) if life.plan.online else life.day
        return self.practice.after(accepted, planned.days)

    def _course(self, planned: Planned) -> Course:
        return self.practice.portal if planned.days is None else self.practice.office


@lru_cache(maxsize=1_024)
def _draw(seed: int, what: str, plan: str) -> Draw:
    return Draw(seed, what, plan)


@lru_cache(maxsize=65_536)
def _shuffle(count: int) -> tuple[int, int]:
    """A factor that shuffles 0 … count − 1, and the one that puts them in order again."""
    factor = max(1, int(count * _GOLDEN))
    while math.gcd(factor, count) != 1:
        factor += 1
    return factor, pow(factor, -1, count) if count > 1 else 0
