"""An alert speaks the language of the page, whatever language it was posted in."""

from __future__ import annotations

import pytest

from city import catalogue
from city.domain import Text
from city.language import Language
from console.alerts.firing import Firing
from console.alerts.words import alert_target, alert_title, alert_value
from console.desk import Desk
from console.view import View
from runtime.settings import load

PACKS = catalogue.load()
WAITING = next(kpi for kpi in PACKS.domain("services").kpis if kpi.name == "services_waiting_minutes")
RULE = next(rule for rule in PACKS.domain("services").rules if rule.kpi == WAITING.name)


def firing(rule: str, *, fault: bool = False) -> Firing:
    title = Text("Chờ lâu", "Long waits")
    return Firing(
        *("1", rule, title, title, "warning", "services", "", "", 0, "21.5", "phút", "≤ 15 phút", ""), fault=fault
    )


def view(language: Language) -> View:
    return View(Desk(load(), PACKS, None, None), language, "/alerts", {}, {})  # type: ignore[arg-type]  # asks nobody


@pytest.mark.parametrize(
    ("language", "value", "target"), [(Language.VI, "21,5 phút", "≤ 15 phút"), (Language.EN, "21.5 min", "≤ 15 min")]
)
def test_units_are_those_of_the_page(language: Language, value: str, target: str) -> None:
    one = firing(RULE.name)
    assert (alert_value(view(language), one), alert_target(view(language), one)) == (value, target)


def test_of_a_rule_that_is_none_of_ours_the_words_that_came_along_are_said() -> None:
    one = firing("somebody's own")
    assert (alert_value(view(Language.EN), one), alert_target(view(Language.EN), one)) == ("21.5 phút", "≤ 15 phút")


def test_a_rule_that_cannot_see_has_no_value_and_says_so() -> None:
    one = firing(RULE.name, fault=True)
    assert alert_value(view(Language.EN), one) == ""
    assert alert_title(view(Language.EN), one) != "Long waits"
