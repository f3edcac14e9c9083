"""Publishing where people work too: what they made or changed stays, and what was ours is removed."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import pytest

from city.errors import CityopsError
from dashboards import provisioned
from tests.publish.asked import ALERTS, publish, said, unpublish

if TYPE_CHECKING:
    from pathlib import Path

    from tests.publish.grafana_double import State


def _change_board(state: State) -> None:
    state.boards["traffic-vi"]["dashboard"]["panels"].pop()


def _change_rule(state: State) -> None:
    state.groups[ALERTS, "traffic"]["rules"][0]["for"] = "10m"


def _change_point(state: State) -> None:
    state.points["cityops-email"]["settings"]["addresses"] = "me@example.org"


def _change_policy(state: State) -> None:
    state.policies["routes"][0]["routes"][1]["group_wait"] = "1h"


def _change_mute(state: State) -> None:
    state.mutes["cityops-night"]["time_intervals"].pop()


def _change_template(state: State) -> None:
    state.templates["cityops"]["template"] += '{{ define "x" }}{{ end }}'


def _change_source(state: State) -> None:
    state.sources["influx-live"]["url"] = "http://other:8086"


def _change_folder(state: State) -> None:
    state.folders[ALERTS]["title"] = "Renamed"


CHANGES = [
    (_change_board, "board traffic-vi"),
    (_change_rule, "rule group traffic"),
    (_change_point, "contact point cityops-email"),
    (_change_policy, "policy Cảnh báo"),
    (_change_mute, "mute timing cityops-night"),
    (_change_template, "templates cityops"),
    (_change_source, "data source influx-live"),
    (_change_folder, f"folder {ALERTS}"),
]


@pytest.mark.parametrize(("change", "key"), CHANGES, ids=[key for _, key in CHANGES])
def test_what_people_changed_is_not_overwritten_unless_told(  # noqa: PLR0917 - fixtures
    change: object, key: str, url: str, state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(change)
    publish(url, tmp_path)
    before = copy.deepcopy(state.holds())
    change(state)
    changed = state.holds()
    state.asked.clear()
    with pytest.raises(CityopsError, match=f"nothing was written.*\n  - {key}: people have changed it"):
        publish(url, tmp_path)
    assert (state.written, state.holds()) == ([], changed)
    capsys.readouterr()

    publish(url, tmp_path, dry_run=True)
    shown = said(capsys)
    assert any(line.startswith(f"refuse  {key}") for line in shown)
    assert any(line.startswith("    -") for line in shown)

    publish(url, tmp_path, force=True)
    _same_but_versions(state, before)


def test_a_difference_within_a_table_of_places_is_shown_alone(
    url: str, state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(url, tmp_path)
    said(capsys)
    notes = state.groups[ALERTS, "traffic"]["rules"][0]["annotations"]
    assert "00070=phường Hoàn Kiếm;" in notes["summary"]
    notes["summary"] = notes["summary"].replace("phường Hoàn Kiếm", "Hồ Gươm").replace("trên 20", "trên 25")
    publish(url, tmp_path, dry_run=True)
    shown = [line.split('"')[1] for line in said(capsys) if re.match(r"    [-+] ", line)]
    assert shown == [
        "00070=Hồ Gươm;",
        "00070=phường Hoàn Kiếm;",
        " km/h (mục tiêu trên 25).",
        " km/h (mục tiêu trên 20).",
    ]


def _same_but_versions(state: State, before: dict[str, Any]) -> None:
    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {name: plain(part) for name, part in value.items() if name not in {"version", "id"}}
        return [plain(part) for part in value] if isinstance(value, list) else value

    now = state.holds()
    for holds in (now, before):
        holds["boards"].pop("cityops-published")
    assert plain(now) == plain(before)


def test_what_people_made_under_a_name_of_ours_is_not_overwritten(url: str, state: State, tmp_path: Path) -> None:
    state.templates["cityops"] = {"name": "cityops", "template": '{{ define "mine" }}{{ end }}', "version": "1"}
    with pytest.raises(CityopsError, match="templates cityops: it is there, and not of our making"):
        publish(url, tmp_path)
    assert state.written == []


def test_a_board_that_is_no_longer_wanted_is_removed(
    url: str, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]
) -> None:
    publish(url, tmp_path)
    fewer = {path: text for path, text in files.items() if path != "boards/en/traffic.json"}
    monkeypatch.setattr(provisioned, "build", lambda _: fewer)
    publish(url, tmp_path)
    assert "traffic-en" not in state.boards
    assert "traffic-vi" in state.boards


def test_unpublish_removes_what_was_made_and_nothing_else(url: str, state: State, tmp_path: Path) -> None:
    before = state.holds()
    publish(url, tmp_path)
    unpublish(url, tmp_path)
    after = state.holds()
    after["policies"].pop("provenance")
    after["policies"].pop("routes")
    assert after == before


def test_unpublish_leaves_a_folder_in_which_people_put_something(url: str, state: State, tmp_path: Path) -> None:
    publish(url, tmp_path)
    theirs = {"dashboard": {"uid": "theirs", "version": 1}, "meta": {"folderUid": "cityops-vi"}}
    state.boards["theirs"] = theirs
    unpublish(url, tmp_path)
    assert state.boards == {"theirs": theirs}
    assert set(state.folders) == {"cityops-vi"}


def test_unpublish_refuses_what_people_changed_unless_told(url: str, state: State, tmp_path: Path) -> None:
    publish(url, tmp_path)
    _change_board(state)
    state.asked.clear()
    with pytest.raises(CityopsError, match="board traffic-vi"):
        unpublish(url, tmp_path)
    assert state.written == []
    unpublish(url, tmp_path, force=True)
    assert state.boards == {}


def test_unpublish_where_nothing_was_published_says_so(
    url: str, state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unpublish(url, tmp_path)
    assert said(capsys)[-1] == f"nothing was published to {url}"
    assert state.written == []


def test_a_publish_that_failed_half_way_is_gone_on_with(url: str, state: State, tmp_path: Path) -> None:
    state.broken = [("PUT /v1/provisioning/folder", 500, "application/json", b'{"message": "database is locked"}')]
    with pytest.raises(CityopsError, match=r"fails at PUT .*500: database is locked.*see its log"):
        publish(url, tmp_path)
    assert "traffic-vi" in state.boards
    state.broken = []
    publish(url, tmp_path)
    assert (ALERTS, "traffic") in state.groups
    unpublish(url, tmp_path)
    assert (state.boards, state.groups, state.folders) == ({}, {}, {})


def test_a_list_of_what_was_made_that_people_spoilt_is_said_so(url: str, state: State, tmp_path: Path) -> None:
    publish(url, tmp_path)
    state.boards["cityops-published"]["dashboard"]["panels"][0]["options"]["content"] = "hello"
    with pytest.raises(CityopsError, match="cannot be read: restore an earlier version of that board"):
        publish(url, tmp_path)
