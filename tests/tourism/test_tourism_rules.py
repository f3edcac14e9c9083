"""Tourism's rule tests say everything about its rules: whatever is changed in one, a case of it fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from city.domains.tourism.pack import PACK
from dashboards.rule_lint import lint
from dashboards.rule_tests import cases, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from city.domain import AlertRule

CASES = cases(PACK)


def shifted(factor: float) -> Callable[[AlertRule], AlertRule]:
    """Another threshold, and a recovery that fits to it."""

    def change(rule: AlertRule) -> AlertRule:
        threshold = rule.threshold * factor
        inside = min if rule.fires == "above" else max
        return replace(rule, threshold=threshold, recovers_at=inside(rule.recovers_at or 0.0, threshold))

    return change


def recovering(rule: AlertRule) -> AlertRule:
    """A recovery that takes more than it says."""
    return replace(rule, recovers_at=(rule.recovers_at or 0.0) * (0.7 if rule.fires == "above" else 1.4))


MUTANTS: dict[str, Callable[[AlertRule], AlertRule]] = {
    "a lower threshold": shifted(0.9),
    "a higher threshold": shifted(1.12),
    "no recovery threshold": lambda rule: replace(rule, recovers_at=None),
    "a recovery further off": recovering,
    "no dwell": lambda rule: replace(rule, for_s=0),
    "the other side": lambda rule: replace(rule, fires="below" if rule.fires == "above" else "above", recovers_at=None),
    "another severity": lambda rule: replace(rule, severity="warning" if rule.severity != "warning" else "info"),
}


@pytest.mark.parametrize("mutant", MUTANTS)
@pytest.mark.parametrize("rule", PACK.rules, ids=lambda rule: rule.name)
def test_a_rule_that_is_changed_fails_one_of_its_cases(rule: AlertRule, mutant: str) -> None:
    changed = replace(PACK, rules=tuple(MUTANTS[mutant](one) if one is rule else one for one in PACK.rules))
    assert not all(run(case, changed).passed for case in CASES if case.rule == rule.name)


def test_every_rule_dwells_recovers_and_has_cases_of_both_kinds() -> None:
    assert len(PACK.rules) >= 5
    assert lint(PACK) == []
    for rule in PACK.rules:
        assert rule.for_s > 0
        assert rule.recovers_at is not None
