from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from city.errors import ConfigurationError
from city.geography import HANOI
from console.map.boundaries import boundaries
from console.map.cells import MARGIN_KM, ground
from console.map.plane import Plane, area_km2, clipped, grown, hull
from console.map.scale import COLOURS, Scale

if TYPE_CHECKING:
    from pathlib import Path

    from console.map.plane import Point

GROUND = ground(HANOI)


def inside(point: Point, ring: tuple[Point, ...]) -> bool:
    """Whether a point lies in a ring (even-odd rule)."""
    x, y = point
    crossings = 0
    for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossings += 1
    return crossings % 2 == 1


def test_every_area_has_a_cell_about_its_own_point() -> None:
    assert {cell.unit.code for cell in GROUND.cells} == HANOI.units.keys()
    for cell in GROUND.cells:
        assert [inside(cell.point, ring) for ring in cell.rings] == [True], cell.unit.name
        assert sum(inside(other.point, cell.rings[0]) for other in GROUND.cells) == 1, cell.unit.name


def test_the_cells_fill_the_ground_without_gap_or_overlap() -> None:
    whole = area_km2(grown(hull(cell.point for cell in GROUND.cells), MARGIN_KM))
    assert sum(area_km2(cell.rings[0]) for cell in GROUND.cells) == pytest.approx(whole)


def test_a_place_lies_in_the_cell_whose_point_is_nearest() -> None:
    left, top, width, height = GROUND.box
    for step in range(200):
        place = (left + (step * 37 % 200) / 200 * width, top + step / 200 * height)
        homes = [cell for cell in GROUND.cells if inside(place, cell.rings[0])]
        if homes:
            nearest = min(GROUND.cells, key=lambda cell: math.dist(cell.point, place))
            assert math.dist(homes[0].point, place) == pytest.approx(math.dist(nearest.point, place))


def test_a_kilometre_is_a_kilometre() -> None:
    plane = Plane(21.0, 105.8)
    assert plane.point(21.0, 105.8) == (0, 0)
    assert math.hypot(*plane.point(21.00899, 105.8)) == pytest.approx(1.0, rel=1e-3)
    assert plane.point(21.0, 105.9)[0] > 0 > plane.point(21.1, 105.8)[1], "east is right, north is up"


def test_clipping_keeps_the_nearer_half() -> None:
    square = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))
    assert area_km2(clipped(square, (0.0, 1.0), (2.0, 1.0))) == pytest.approx(2.0)
    assert clipped(square, (1.0, 1.0), (9.0, 1.0)) == square
    assert clipped(square, (9.0, 1.0), (1.0, 1.0)) == ()


def geojson(**properties: Any) -> dict[str, Any]:
    ring = [[105.8, 21.0], [105.9, 21.0], [105.9, 21.1], [105.8, 21.0]]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def written(tmp_path: Path, *features: Any) -> Path:
    path = tmp_path / "units.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


@pytest.mark.parametrize("properties", [{"code": "00070"}, {"name": "Hoàn Kiếm"}, {"name": "hoan kiem"}])
def test_a_real_outline_takes_the_place_of_its_areas_cell(tmp_path: Path, properties: dict[str, str]) -> None:
    found = boundaries(written(tmp_path, geojson(**properties), geojson(name="Atlantis")), HANOI)
    assert found.keys() == {"00070"}
    drawn = {cell.unit.code: cell for cell in ground(HANOI, found).cells}
    assert drawn["00070"].rings == found["00070"]
    assert drawn["00004"].rings == {cell.unit.code: cell for cell in GROUND.cells}["00004"].rings


def feature(geometry: str) -> str:
    return f'{{"features": [{{"properties": {{"code": "00070"}}, "geometry": {geometry}}}]}}'


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", '{"features": [1]}', '{"features": []}', feature("null")),
        feature('{"type": "Point", "coordinates": [1, 2]}'),
        feature('{"type": "Polygon", "coordinates": [[[NaN, 1]]]}'),
        feature('{"type": "Polygon", "coordinates": [["<script>"]]}'),
    ],
)
def test_a_file_that_holds_no_outlines_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "no.geojson"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=r"^map_boundaries = .*no\.geojson: [^\n]+$"):
        boundaries(path, HANOI)


def test_a_scale_has_a_colour_for_every_value_between_its_ends() -> None:
    scale = Scale(10, 20, 0)
    assert [scale.colour(value) for value in (10, 12.1, 15, 17, 20)] == [*COLOURS]
    assert scale.colour(None) == ""
    assert Scale(5, 5, 0).colour(5) == COLOURS[0]
