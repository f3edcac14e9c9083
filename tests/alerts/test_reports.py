"""What a person sees of rule tests: a failing one says what should have fired, what did, and how it went."""

from __future__ import annotations

import pytest

from city import catalogue, operations
from city.catalogue import Catalogue
from city.errors import CityopsError, DataError
from city.geography import HANOI
from cli import alerts as command
from dashboards import rule_tests
from dashboards.rule_tests import Case, Firing, Given, run

TRAFFIC = catalogue.load().domain("traffic")
AREA = {"area": "00070"}


def test_a_failing_case_reads_well() -> None:
    case = Case(
        name="crawling fires at once",
        rule="traffic_area_slow",
        given=(Given(AREA, "8 x4"),),
        fires=(Firing(AREA, "0s"),),
    )
    result = run(case, TRAFFIC)
    assert not result.passed
    assert str(result).splitlines() == [
        "FAIL traffic_area_slow: crawling fires at once",
        "       should fire: area=00070 from 0s until the end",
        (
            "       but fired:   alertname=Giao thông chậm · Slow traffic area=00070 domain=traffic "
            "grafana_folder=Cảnh báo rule=traffic_area_slow scope=area severity=warning from 2m until the end"
        ),
        "       it went:",
        "             0s  area=00070: new → Pending at 8",
        "             2m  area=00070: Pending → Alerting at 8",
    ]


def test_what_fires_unasked_fails_a_case_that_says_nothing_does() -> None:
    result = run(Case("quiet", "traffic_area_slow", (Given(AREA, "8 x4"),), ()), TRAFFIC)
    assert not result.passed
    assert not result.missing
    assert len(result.unexpected) == 1


def test_the_command_prints_the_failures_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = Case("wrong", "traffic_area_slow", (Given(AREA, "8 x4"),), ())
    monkeypatch.setattr(rule_tests, "cases", lambda book: (wrong,) if book is TRAFFIC else ())
    monkeypatch.setattr(catalogue, "load", lambda: Catalogue(HANOI, (TRAFFIC,)))
    with pytest.raises(CityopsError, match="1 of 1 rule tests failed"):
        command.run_tests()
    assert "FAIL traffic_area_slow: wrong" in capsys.readouterr().out


def test_the_commands_say_how_many_passed(capsys: pytest.CaptureFixture[str]) -> None:
    command.run_tests(["traffic"])
    command.check(["traffic"])
    tested, checked = capsys.readouterr().out.splitlines()
    assert tested.endswith("rule tests passed")
    count = len(TRAFFIC.rules) + len(operations.watch(TRAFFIC).rules)
    assert checked == f"{count} alert rules without fault"


def test_an_unknown_domain_is_named() -> None:
    with pytest.raises(CityopsError, match="no domain 'trafic'"):
        command.run_tests(["trafic"])


def test_a_case_of_an_unknown_rule_is_named() -> None:
    with pytest.raises(DataError, match="'nothing', which is no rule"):
        run(Case("lost", "nothing", (Given(AREA, "1"),), ()), TRAFFIC)


@pytest.mark.parametrize("sequence", ["", "8 x", "fast", "8 x2 9", "8 x-1", "1e3"])
def test_values_over_time_have_one_way_of_writing(sequence: str) -> None:
    with pytest.raises(ValueError, match="no values over time"):
        run(Case("odd", "traffic_area_slow", (Given(AREA, sequence),), ()), TRAFFIC)
