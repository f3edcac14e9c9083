"""What a KPI's value means: on target, off target, alarm. It follows from the KPI's target and its rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from city.domain import AlertRule, Kpi


class Standing(StrEnum):
    """How a value stands."""

    GOOD = "good"
    ATTENTION = "attention"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Band:
    """Values from `start` (None: however small) up to the next band's start."""

    start: float | None
    standing: Standing


def bands(kpi: Kpi, rules: Iterable[AlertRule]) -> tuple[Band, ...]:
    """The bands of a KPI's values, ascending; none where neither a target nor a rule says anything.

    A value that is shown as the target is on target: its bound lies half a displayed step away. So it is where the rule
    fires as soon as the target is missed: none lost is on target, and no alarm.
    """
    fires = [(rule.fires, rule.threshold) for rule in rules if rule.kpi == kpi.name and not rule.unusual]
    if kpi.target is not None:
        high_is_good = kpi.target.good == "above"
    elif fires:
        high_is_good = fires[0][0] == "below"
    else:
        return ()
    alarms = [threshold for side, threshold in fires if (side == "below") == high_is_good]
    alarm = (max if high_is_good else min)(alarms, default=None)
    target = None
    if kpi.target is not None:
        half_step = 0.5 * 10**-kpi.decimals
        target = kpi.target.value - half_step if high_is_good else kpi.target.value + half_step
        # A rule that fires past the very target: what is shown as the target has not passed it.
        alarm = target if alarm == kpi.target.value else alarm
    return _rising(alarm, target) if high_is_good else _falling(target, alarm)


def _rising(alarm: float | None, target: float | None) -> tuple[Band, ...]:
    """Low is bad: alarm, attention, good."""
    if target is None or (alarm is not None and alarm >= target):
        return Band(None, Standing.ALARM), Band(alarm, Standing.GOOD)
    low = () if alarm is None else (Band(None, Standing.ALARM),)
    return *low, Band(alarm, Standing.ATTENTION), Band(target, Standing.GOOD)


def _falling(target: float | None, alarm: float | None) -> tuple[Band, ...]:
    """High is bad: good, attention, alarm."""
    if target is None or (alarm is not None and alarm <= target):
        return Band(None, Standing.GOOD), Band(alarm, Standing.ALARM)
    high = () if alarm is None else (Band(alarm, Standing.ALARM),)
    return Band(None, Standing.GOOD), Band(target, Standing.ATTENTION), *high
