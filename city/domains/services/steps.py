"""What is said of a step of an application: its attributes, each where it is decided. Shares are assumed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from city.domains.services.events import STEPS, ApplicationStep
from city.domains.services.plans import PLANS
from city.draw import Draw
from city.instant import NS, rfc3339

if TYPE_CHECKING:
    from city.domains.services.counters import Counters
    from city.domains.services.events import Channel
    from city.domains.services.lives import Happening, Life, Lives
    from city.draw import Uniforms

_BY_CITY_PORTAL: Final = 0.35
_PAID_ONLINE: Final = {True: 0.85, False: 0.25}  # those that came online, those that did not
_ELECTRONIC: Final = {True: 0.95, False: 0.80}
_RATED: Final = 0.35
_PLEASED: Final = (0.02, 0.06, 0.17, 0.46)  # up to which chance the mark is 1, 2, 3, 4; beyond it 5
_DISPLEASED: Final = (0.18, 0.45, 0.72, 0.92)
_PLAN_NUMBER: Final = {plan.name: number for number, plan in enumerate(PLANS)}
_STEP_NUMBER: Final = {step: number for number, step in enumerate(STEPS)}
_HOUR_NS: Final = 3_600 * NS
_MOST_A_DAY: Final = 1_000_000


class Teller:
    """Turns happenings into what is said of them."""

    def __init__(self, seed: int, lives: Lives, counters: Counters) -> None:
        self._seed = seed
        self._lives = lives
        self._counters = counters

    def chance(self, happening: Happening) -> Uniforms:
        """The chance of one step: how it is heard, and the mark that it is given."""
        life = happening.life
        number = (life.day.toordinal() * _MOST_A_DAY + life.number) * len(STEPS) + _STEP_NUMBER[happening.step]
        return _draw(self._seed, life.plan.name).at(number)

    def tell(self, happening: Happening, area: str, chance: Uniforms) -> ApplicationStep:
        """The attributes of a step in an area."""
        life, step = happening.life, happening.step
        plan = life.plan
        sent = self._lives.instant(life, plan.by_step["submitted"])
        online = plan.online and not (self._lives.events.down(sent) and self._lives.walks_in(life, sent))
        full = online and life.chance[6] < plan.full
        due = self._lives.instant(life, plan.due)
        more: dict[str, Any] = {}
        if step == "submitted":
            more = {"submitted": True, "online": online, "full_online": full}
            if life.chance[3] < plan.fee:
                more["paid_online"] = life.chance[3] < plan.fee * _PAID_ONLINE[online]
        elif step in {"accepted", "supplement_asked"}:
            more = {"supplement": step == "supplement_asked"}
        elif step == "overdue":
            more = {"on_time": False, "overdue_change": 1}
        else:
            displeased = plan.late or step == "returned" or (not online and self._counters.crowded(area, happening.at))
            more = self._end(happening, online=online, displeased=displeased, chance=chance)
        return ApplicationStep(
            service_request_id=_request_id(life),
            step=step,
            procedure_group=plan.group,
            online_level="full" if plan.automatic or life.chance[6] < plan.full else "partial",
            channel=("city_portal" if life.chance[2] < _BY_CITY_PORTAL else "national_portal")
            if online
            else "one_stop",
            requested_datetime=rfc3339(sent),
            expected_datetime=None if step == "submitted" else rfc3339(due),
            **more,
        )

    def _end(self, happening: Happening, *, online: bool, displeased: bool, chance: Uniforms) -> dict[str, Any]:
        plan = happening.life.plan
        accepted = self._lives.instant(happening.life, plan.by_step["accepted"])
        returned = happening.step == "returned"
        said: dict[str, Any] = {
            "processing_hours": int((happening.at - accepted) / _HOUR_NS * 100 + 0.5) / 100,
            "returned": returned,
            "overdue_change": -1 if plan.late else 0,
        }
        if not plan.late:
            said["on_time"] = True
        if not returned:
            said["electronic_result"] = happening.life.chance[4] < _ELECTRONIC[online]
        if chance[2] < _RATED and not plan.automatic:  # nobody is asked how a machine was
            mark = 1 + sum(chance[3] > bound for bound in (_DISPLEASED if displeased else _PLEASED))
            said |= {"satisfaction": mark, "satisfied": mark >= 4}
        return said


def _portal(life: Life) -> Channel:
    return "city_portal" if life.chance[2] < _BY_CITY_PORTAL else "national_portal"


def _request_id(life: Life) -> str:
    """`H26-261123-07-00042`: Hanoi's code, the day, the plan's number, the application's."""
    return f"H26-{life.day:%y%m%d}-{_PLAN_NUMBER[life.plan.name]:02d}-{life.number:05d}"


@lru_cache(maxsize=1_024)
def _draw(seed: int, plan: str) -> Draw:
    return Draw(seed, "step", plan)
