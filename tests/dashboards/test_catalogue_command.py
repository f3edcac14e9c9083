"""`./cityops catalogue` prints what the packs say, a line each where no person sits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from city.errors import CityopsError, UsageError
from cli._sheets import formula
from cli.catalogue import catalogue

if TYPE_CHECKING:
    from city.domain import Domain


def test_it_prints_every_series_kpi_and_rule(capsys: pytest.CaptureFixture[str], traffic: Domain) -> None:
    catalogue()
    cells = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    first = {row[0] for row in cells}
    assert {series.name for series in traffic.series} <= first
    assert {kpi.name for kpi in traffic.kpis} <= first
    assert {rule.name for rule in traffic.rules} <= first
    (flow,) = (row for row in cells if row[0] == "traffic_flow")
    assert flow[2:5] == ["10 s", "30 s", "area zone vehicle_type"]
    (slow,) = (row for row in cells if row[0] == "traffic_area_slow")
    assert slow[3:5] == ["traffic_mean_speed < 12", "> 15"]


def test_formulas_are_written_as_people_write_them(traffic: Domain) -> None:
    written = {kpi.name: formula(kpi) for kpi in traffic.kpis}
    assert written["traffic_mean_speed"] == "Σ speed_wsum / Σ speed_weight_sum"
    assert written["traffic_occupancy"] == "100 × Σ occupancy_sum / Σ occupancy_count"
    assert written["traffic_vehicles_per_minute"] == "Σ intensity_sum in 60 s"
    assert written["traffic_silent_sensors"] == "Σ silent of one round (10 s)"


def test_check_says_how_many_domains_are_without_fault(capsys: pytest.CaptureFixture[str]) -> None:
    catalogue("traffic", check=True)
    assert capsys.readouterr().out == "1 domain without fault\n"


def test_an_unknown_domain_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no domain 'trafic'; there are: .*traffic"):
        catalogue("trafic")


def test_a_units_code_is_found_by_its_name_however_it_is_typed(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("cua nam", "Cửa Nam", "00082"):
        catalogue(areas=name)
        assert capsys.readouterr().out.splitlines()[2:] == ["00082\tCửa Nam\tCua Nam\tward\tHoàn Kiếm\thoan-kiem"]


def test_a_unit_that_there_is_not_is_said_to_be_missing() -> None:
    with pytest.raises(CityopsError, match="has no unit with 'Atlantis'"):
        catalogue(areas="Atlantis")
    with pytest.raises(UsageError, match="--areas is about the city"):
        catalogue("traffic", areas="Atlantis")
