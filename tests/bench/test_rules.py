"""The bench of rules runs, at a tiny size; what it measures here means nothing."""

from __future__ import annotations

import re

from tests.bench.test_programs import ended


def test_rounds_of_rules_are_told_a_row_each_and_share_their_questions() -> None:
    ran = ended("bench.rules", "--rules", "160", "--areas", "2", "--rounds", "2")
    assert ran.returncode == 0, ran.stderr
    rows = [line for line in ran.stdout.splitlines() if re.match(r"\| \d", line)]
    assert len(rows) == 2
    told = re.search(r"160 rules over 2 areas, (\d+) questions a round, (\d+) alerts", ran.stdout)
    assert told
    assert 0 < int(told[1]) < 160  # a value and a freshness would be two for each, were none shared
    assert int(told[2]) > 0
