"""Each rule of the protocol, taken out of the real code, must break a seeded schedule; with all, none breaks."""

from __future__ import annotations

import random
from typing import Final

import pytest

import city.gate
from stream_app.core import fold
from tests.core.mutants import MUTANTS
from tests.core.owner import Owner
from tests.core.schedules import random_run

_SCHEDULES: Final = 300
"""More than twice as many as the hardest mutant needs."""


def breaks(owner: type[Owner]) -> bool:
    """Whether an invariant fails in any of the schedules, which are the same for all."""
    for number in range(_SCHEDULES):
        try:
            random_run(random.Random(f"mutant-{number}"), owner)
        except AssertionError:
            return True
    return False


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_without_one_rule_some_schedule_breaks(mutant: type[Owner]) -> None:
    assert breaks(mutant)


def test_without_the_area_in_an_identity_some_schedule_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold, "hash", lambda identity: hash(identity[1:]), raising=False)
    assert breaks(Owner)


def test_without_the_bound_on_time_some_schedule_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city.gate, "AHEAD_NS", 1 << 60)
    assert breaks(Owner)


def test_with_every_rule_none_of_the_schedules_breaks() -> None:
    assert not breaks(Owner)
