"""An alert in the words of a page's language; what our own packs say of its rule comes before what came along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.numbers import target, told, unit

if TYPE_CHECKING:
    from console.alerts.firing import Firing
    from console.view import View


def alert_title(view: View, one: Firing) -> str:
    """What fires; that a rule cannot see is not what it watches for."""
    return view.say("alerts.blind", rule=view.of(one.title)) if one.fault else view.of(one.title)


def alert_value(view: View, one: Firing) -> str:
    """The value that made it fire, with its unit; empty where there is none."""
    if one.fault or not one.value:
        return ""
    kpi = view.desk.kpi_of(one.domain, one.rule)
    return f"{told(one.value, view.language)} {unit(kpi, view.language) if kpi else one.unit}".strip()


def alert_summary(view: View, one: Firing) -> str:
    """What it says, with the decimal sign of the language; rules are filled in with points."""
    return told(view.of(one.summary), view.language)


def alert_target(view: View, one: Firing) -> str:
    """What its KPI ought to be; in the words that came along where the rule is none of ours."""
    kpi = view.desk.kpi_of(one.domain, one.rule)
    return target(kpi, view.language) if kpi else one.target
