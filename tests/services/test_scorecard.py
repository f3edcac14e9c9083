"""The scorecard of Decision 766/QĐ-TTg: five groups of a hundred points; each indicator a KPI, or a reason why not."""

from dataclasses import replace

import pytest

from city.catalogue import faults_of
from city.domain import Ratio
from city.domains.services.pack import PACK
from city.domains.services.scorecard import SCORECARD
from city.geography import HANOI
from cli.catalogue import catalogue


def test_the_groups_are_the_decisions_and_make_a_hundred_points() -> None:
    points = {one.group.en: one.points for one in SCORECARD}
    assert points == {
        "Openness": 18,
        "Progress and results": 20,
        "Digitisation": 22,
        "Online provision": 22,
        "Satisfaction": 18,
    }
    assert sum(points.values()) == 100


def test_what_is_measured_is_a_ratio_with_numerator_and_denominator() -> None:
    kpis = {kpi.name: kpi for kpi in PACK.kpis}
    measured = [one for one in SCORECARD if one.kpi]
    assert len(measured) >= 5
    assert all(isinstance(kpis[one.kpi].formula, Ratio) for one in measured)
    assert {one.group.en for one in measured} == {one.group.en for one in SCORECARD} - {"Openness"}


def test_every_indicator_is_told_in_both_languages() -> None:
    for one in SCORECARD:
        for text in (one.group, one.title, one.numerator, one.denominator, *filter(None, [one.why_not])):
            assert text.vi
            assert text.en
            assert text.vi != text.en


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"kpi": "services_nothing"}, "is measured by 'services_nothing', which is no ratio among the pack's KPIs"),
        ({"kpi": ""}, "needs either a KPI or a reason"),
        ({"why_not": SCORECARD[0].why_not}, "needs either a KPI or a reason"),
    ],
)
def test_a_criterion_that_is_neither_measured_nor_explained_is_a_fault(changed: dict[str, object], fault: str) -> None:
    measured = next(one for one in SCORECARD if one.kpi)
    pack = replace(PACK, scorecard=(replace(measured, **changed),))  # type: ignore[arg-type]  # each case names a field and a value of its type
    assert [found for found in faults_of((pack,), HANOI) if fault in found]
    assert not faults_of((PACK,), HANOI)


def test_the_catalogue_shows_what_is_measured_and_what_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    catalogue("services")
    rows = {row[0]: row for row in (line.split("\t") for line in capsys.readouterr().out.splitlines())}
    assert rows["Applications on time"][-1] == "services_on_time_rate"
    assert rows["Papers digitised"][-1].startswith("not measured (the events do not speak of")
