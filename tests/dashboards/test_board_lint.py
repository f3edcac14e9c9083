"""The linter finds what is wrong with a board, and nothing in ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from city.errors import CityopsError
from cli import dashboards as command
from dashboards import board_lint, provisioned
from dashboards.names import panel_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from city.catalogue import Catalogue

Board = dict[str, Any]
BOARD = "boards/vi/traffic.json"


def test_our_boards_have_no_fault(built: dict[str, str], packs: Catalogue) -> None:
    assert list(board_lint.faults(built, packs)) == []


def speed(board: Board, name: str = "course_traffic_mean_speed") -> dict[str, Any]:
    return next(panel for panel in board["panels"] if panel["id"] == panel_id(name))


def defaults(board: Board) -> dict[str, Any]:
    found: dict[str, Any] = speed(board)["fieldConfig"]["defaults"]
    return found


def ask(board: Board, query: str) -> None:
    speed(board)["targets"][0]["query"] = query


def rename_override(board: Board, name: str, panel: str = "course_traffic_mean_speed") -> None:
    speed(board, panel)["fieldConfig"]["overrides"][0]["matcher"]["options"] = name


BREAKS: dict[str, Callable[[Board], Any]] = {
    "have no unit": lambda board: defaults(board).pop("unit"),
    "without data it says nothing": lambda board: defaults(board).pop("noValue"),
    "a panel has a description": lambda board: speed(board).pop("description"),
    "a panel has a title": lambda board: speed(board).update(title=" "),
    "by colour alone": lambda board: defaults(board)["custom"].pop("thresholdsStyle"),
    "leaves the grid": lambda board: speed(board)["gridPos"].update(w=25),
    "lies on": lambda board: speed(board)["gridPos"].update(board["panels"][1]["gridPos"]),
    "two panels have one id": lambda board: speed(board).update(id=panel_id("runbook")),
    "are called": lambda board: speed(board).update(title=speed(board, "course_traffic_occupancy")["title"]),
    "named by the uid": lambda board: speed(board).update(datasource="influx-live"),
    "not {'type': 'influxdb', 'uid': 'influx'}": lambda board: speed(board)["targets"][0]["datasource"].update(
        uid="influx"
    ),
    "names a bucket": lambda board: ask(board, 'SELECT "count" FROM "city"."autogen"."traffic_flow" WHERE $timeFilter'),
    "which it does not hold": lambda board: ask(board, 'SELECT sum("count") FROM "traffic_flow_1d" WHERE $timeFilter'),
    "'speed_median', which traffic_flow does not have": lambda board: ask(
        board, 'SELECT sum("speed_median") FROM "traffic_flow" WHERE $timeFilter'
    ),
    "needs D, which is not asked": lambda board: speed(board, "now_traffic_mean_speed")["targets"].pop(3),
    "leads nowhere": lambda board: board["links"][1].update(url="/d/nowhere"),
    "in both languages": lambda board: board.update(title="Traffic"),
    "described in one language": lambda board: speed(board).update(
        description="Weighted by vehicles; an observation that counts none weighs as one vehicle."
    ),
    "an override is of the field 'Tuần truớc', which no question": lambda board: rename_override(board, "Tuần truớc"),
    "an override is of the field 'tram', which no question": lambda board: rename_override(
        board, "tram", "course_traffic_mean_speed_vehicle_type"
    ),
    "an override is of the field 'speed_p5', which no question": lambda board: rename_override(
        board, "speed_p5", "quantiles_traffic_flow_speed_places"
    ),
    "the step organize is of the field 'commune'": lambda board: speed(board, "sources")["transformations"][-1][
        "options"
    ]["indexByName"].update(commune=9),
    "the step filterFieldsByName is of the field 'Tíme'": lambda board: speed(board, "sources")["transformations"][0][
        "options"
    ]["exclude"].update(names=["Tíme"]),
    "it is sorted by 'Im lặng'": lambda board: speed(board, "sources")["options"]["sortBy"][0].update(
        displayName="Im lặng"
    ),
    "is of the step F, which is not there or not shown": lambda board: speed(board, "now_traffic_mean_speed")[
        "targets"
    ][-1].update(hide=True),
    "a board has a title": lambda board: board.pop("description"),
    "is not NFC": lambda board: board.update(title="Giao tho\u0302ng"),
}


@pytest.mark.parametrize("fault", BREAKS)
def test_it_finds(fault: str, built: dict[str, str], packs: Catalogue) -> None:
    board = json.loads(built[BOARD])
    BREAKS[fault](board)
    found = list(board_lint.faults({**built, BOARD: json.dumps(board)}, packs))
    assert any(fault in one for one in found), found
    assert all(one.startswith("vi/traffic: ") for one in found)


def test_a_board_in_one_language_is_half_a_board(built: dict[str, str], packs: Catalogue) -> None:
    half = {path: text for path, text in built.items() if path != "boards/en/area.json"}
    assert "vi/area: it is missing in the other language" in list(board_lint.faults(half, packs))


def test_the_command_says_how_many_boards_it_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    command.check()
    assert "no fault" in capsys.readouterr().out


def test_the_command_fails_with_every_fault(
    monkeypatch: pytest.MonkeyPatch, built: dict[str, str], packs: Catalogue
) -> None:
    board = json.loads(built[BOARD])
    del board["description"]
    monkeypatch.setattr(provisioned, "build", lambda _: {**built, BOARD: json.dumps(board)})
    with pytest.raises(CityopsError, match="vi/traffic: a board has a title and a description"):
        command.check()
    assert packs
