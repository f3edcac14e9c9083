"""Every board that Grafana is given is known whole; what is not known says so in its place."""

import json
from collections.abc import Callable, Iterator
from typing import Any, get_args

import msgspec
import pytest

from city.errors import DataError
from console.boards.document import Board, Panel, Strange
from console.boards.library import Library, provisioned
from console.boards.options import Options
from console.boards.reading import read
from console.boards.reducers import REDUCERS
from console.boards.units import refuse_unknown

Document = dict[str, Any]
DOCUMENTS = {file.name: json.loads(file.read_bytes()) for file in sorted(provisioned().glob("boards/vi/*.json"))}


def stat(**changed: Any) -> Document:
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"]},
        "orientation": "horizontal",
        "textMode": "value",
        "colorMode": "value",
        "graphMode": "none",
    }
    panel = {"id": 1, "type": "stat", "title": "x", "gridPos": {"x": 0, "y": 0, "w": 4, "h": 4}, "options": options}
    return panel | changed


def board(*panels: Document, variables: tuple[Document, ...] = ()) -> Board:
    document = {
        "uid": "a",
        "title": "b",
        "panels": list(panels),
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "Asia/Ho_Chi_Minh",
        "templating": {"list": list(variables)},
    }
    return read(json.dumps(document))


def question(query: str) -> Document:
    source = {"type": "influxdb", "uid": "influx-live"}
    return {"refId": "A", "datasource": source, "query": query, "rawQuery": True, "resultFormat": "table"}


def panels_of(document: Document) -> Iterator[Document]:
    for panel in document["panels"]:
        yield panel
        yield from panel.get("panels", ())


def all_panels() -> list[Document]:
    return [panel for document in DOCUMENTS.values() for panel in panels_of(document)]


def units(panel: Document) -> Iterator[str]:
    config = panel.get("fieldConfig", {"defaults": {}, "overrides": []})
    yield from filter(None, [config["defaults"].get("unit")])
    for override in config["overrides"]:
        yield from (one["value"] for one in override["properties"] if one["id"] == "unit")


def test_no_panel_of_any_provisioned_board_is_strange(shelf: Library) -> None:
    strange = [(uid, panel) for uid, one in shelf.boards.items() for panel in one.panels if isinstance(panel, Strange)]
    assert strange == []
    assert len(shelf.boards) == 2 * len(DOCUMENTS)


def test_every_kind_of_panel_on_the_boards_is_one_that_is_known_and_no_other_is() -> None:
    known = {msgspec.inspect.type_info(kind).tag for kind in get_args(Options)}  # type: ignore[attr-defined]  # a struct
    assert {panel["type"] for panel in all_panels()} - {"row"} == known


def test_every_transformation_on_the_boards_is_one_that_is_known() -> None:
    used = {one["id"] for panel in all_panels() for one in panel.get("transformations", ())}
    assert used == {"filterFieldsByName", "merge", "organize"}


def test_every_reducer_on_the_boards_is_one_that_is_known() -> None:
    options = (panel.get("options", {}).get("reduceOptions", {"calcs": []}) for panel in all_panels())
    assert {name for one in options for name in one["calcs"]} == set(REDUCERS)


def test_every_kind_of_variable_and_matcher_on_the_boards_is_one_that_is_known() -> None:
    variables = [one for document in DOCUMENTS.values() for one in document["templating"].get("list", ())]
    assert {one["type"] for one in variables} == {"query", "custom"}
    overrides = [one for panel in all_panels() for one in panel.get("fieldConfig", {}).get("overrides", ())]
    assert {one["matcher"]["id"] for one in overrides} == {"byName", "byFrameRefID"}


def test_every_unit_on_the_boards_is_one_that_is_known() -> None:
    used = {unit for panel in all_panels() for unit in units(panel)}
    for unit in used:
        refuse_unknown(unit)
    assert {"percent", "percentunit", "velocitykmh", "s", "short", "none", "dateTimeAsIso"} <= used


STRANGE: dict[str, tuple[Document, str]] = {
    "a kind of panel": (stat(type="piechart"), "piechart"),
    "a reducer": (stat(options=stat()["options"] | {"reduceOptions": {"calcs": ["stdDev"]}}), "stdDev"),
    "a transformation": (stat(transformations=[{"id": "joinByField", "options": {}}]), "joinByField"),
    "a unit": (stat(fieldConfig={"defaults": {"unit": "bytes"}, "overrides": []}), "bytes"),
    "a matcher": (
        stat(
            fieldConfig={"defaults": {}, "overrides": [{"matcher": {"id": "byType", "options": "x"}, "properties": []}]}
        ),
        "byType",
    ),
    "a property": (
        stat(
            fieldConfig={
                "defaults": {},
                "overrides": [
                    {"matcher": {"id": "byName", "options": "x"}, "properties": [{"id": "custom.width", "value": 3}]}
                ],
            }
        ),
        "width",
    ),
    "a step": (stat(targets=[{"refId": "B", "datasource": {"uid": "__expr__"}, "type": "sql"}]), "sql"),
    "a variable in quotes": (stat(targets=[question("SELECT x FROM y WHERE \"area\" = '$area'")]), "$area"),
    "a repeated panel": (stat(repeat="area"), "repeat"),
}


@pytest.mark.parametrize(("panel", "said"), STRANGE.values(), ids=STRANGE)
def test_what_is_not_known_stands_in_its_place_and_the_others_are_drawn(panel: Document, said: str) -> None:
    strange, known = board(panel, stat(id=2)).panels
    assert isinstance(strange, Strange)
    assert said in strange.why
    assert isinstance(known, Panel)


def test_panels_belong_to_the_row_above_them_and_those_of_a_closed_row_lie_in_it() -> None:
    place = {"x": 0, "y": 0, "w": 24, "h": 1}
    opened = {"id": 5, "type": "row", "title": "open", "gridPos": place, "collapsed": False, "panels": []}
    closed = {"id": 6, "type": "row", "title": "closed", "gridPos": place, "collapsed": True, "panels": [stat(id=3)]}
    rows = board(stat(), opened, stat(id=2), closed).rows
    assert [(row.title, row.collapsed, [panel.id for panel in row.panels]) for row in rows] == [
        ("", False, [1]),
        ("open", False, [2]),
        ("closed", True, [3]),
    ]


NOT_BOARDS: dict[str, Callable[[], object]] = {
    "no JSON": lambda: read("{"),
    "no dashboard": lambda: read("{}"),
    "a kind of variable": lambda: board(variables=({"type": "adhoc", "name": "x"},)),
}


@pytest.mark.parametrize("make", NOT_BOARDS.values(), ids=NOT_BOARDS)
def test_a_file_that_is_no_board_of_ours_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(DataError):
        make()
