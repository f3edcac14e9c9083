"""Another city is another table: an invented one goes through catalogue, simulators, gate and truth, and nothing asks
for Hanoi on the way."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from city.catalogue import load
from city.event import UnusableError, encode
from city.gate import Gate
from city.geography import City, Climate, Unit, Zone
from city.instant import NS, nanoseconds
from city.lines import Line
from city.weather import Weather
from producers.simulators import Simulator, find, together
from stream_app.operations import Roll
from stream_app.truth import compute

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

HARBOUR = (
    Unit("S01", "Cửa Biển", "ward", 1.2, 43.36, 5.31),
    Unit("S02", "Chợ Cá", "ward", 0.8, 43.37, 5.32),
)
HILLS = (Unit("S03", "Đồi Thông", "commune", 9.5, 43.40, 5.36),)
RAINY = Climate((300.0,) * 12, (28.0,) * 12, (11.0,) * 12)
SMALL = City("small", "Nhỏ", "Europe/Paris", (Zone("Bến Cảng", HARBOUR), Zone("Vùng Đồi", HILLS)), RAINY)

CATALOGUE = load(SMALL)
SIMULATORS = find(CATALOGUE.domains, SMALL)
# A Wednesday, at the hour when the small city's offices and sights are open.
START = nanoseconds("2026-06-10T10:00:00+02:00")


def said(simulator: Simulator, seconds: int = 120) -> list[bytes]:
    heard = together([simulator], 7, START, START + seconds * NS, events_per_s=20)
    return [encode(event) for _, _, event in heard]


@pytest.mark.parametrize("name", CATALOGUE.by_name)
def test_known_sources_lie_in_the_citys_own_units(name: str) -> None:
    sites = CATALOGUE.domain(name).sites_in(SMALL)
    assert sites
    assert {site.area for site in sites} <= set(SMALL.zone_of)
    assert len({site.source for site in sites}) == len(sites)


@pytest.mark.parametrize("simulator", SIMULATORS, ids=lambda simulator: simulator.domain.name)
def test_every_event_is_about_the_city_and_every_point_carries_its_areas_and_zones(simulator: Simulator) -> None:
    lines = said(simulator)
    assert lines
    true = compute(map(Line, lines), simulator.domain, SMALL)
    assert sum(true.counts.values()) >= len(lines)
    assert not [name for name in true.counts if name.startswith("rejected:unknown")], true.counts
    places = {(dict(key.tags)["area"], dict(key.tags)["zone"]) for key in true.points}
    assert places
    assert places <= set(SMALL.zone_of.items())


@pytest.mark.parametrize("simulator", SIMULATORS, ids=lambda simulator: simulator.domain.name)
def test_its_events_mean_nothing_in_another_city(simulator: Simulator) -> None:
    gate = Gate(simulator.domain.events, load().city.zone_of)
    usable = [line for line in said(simulator, 30) if admitted(gate, line)]
    assert all(b'"area":"01"' in line for line in usable)


def admitted(gate: Gate, line: bytes) -> bool:
    try:
        gate.admit(line, None, (), None)
    except UnusableError:
        return False
    return True


@pytest.mark.parametrize("name", CATALOGUE.by_name)
def test_the_roll_of_sources_is_the_citys(name: str) -> None:
    domain = CATALOGUE.domain(name)
    roll = Roll(domain, SMALL, most=10_000)
    roll.own(range(4), 4, 0)
    lines = list(roll.lines(START))
    assert len(lines) == len(domain.sites_in(SMALL))
    zones = {tag for line in lines for tag in line.split(" ")[0].split(",") if tag.startswith("zone=")}
    assert zones <= {f"zone={zone}" for zone in SMALL.zone_of.values()}


def test_its_weather_is_that_of_its_climate() -> None:
    noons = [Weather(1, SMALL).at(START + day * 86_400 * NS) for day in range(200)]
    assert all(3 < sky.temperature_c < 19 for sky in noons)
    fair = City("fair", "Fair", "Europe/Paris", SMALL.zones)
    assert not any(Weather(1, fair).at(START + hour * 3_600 * NS).rain_mm_h for hour in range(1_000))


# ------------------------------------------------------------------------------------------ who may name Hanoi

MAY_NAME_HANOI = ("city/geography/",)
"""The table itself, and the one line that says which city is watched. A simulator may have it for its own default."""


def names_of(tree: ast.Module) -> Iterator[ast.Name]:
    """Uses of `HANOI` as a value, but for the default of a simulator's argument."""
    defaults = {
        id(default)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "simulate"
        for default in (*node.args.defaults, *node.args.kw_defaults)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "HANOI" and id(node) not in defaults:
            yield node


def test_nobody_else_names_hanoi() -> None:
    wrong = []
    rooms = ("city", "cli", "dashboards", "embedded", "infra", "producers", "runtime", "stream_app")
    for file in sorted(path for room in rooms for path in (ROOT / room).rglob("*.py")):
        place = file.relative_to(ROOT).as_posix()
        if not place.startswith(MAY_NAME_HANOI):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            wrong += [f"{place}:{name.lineno}" for name in names_of(tree)]
    assert not wrong
