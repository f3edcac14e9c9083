"""Publishing to a Grafana that exists already: what is made, what is kept, and how it is said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from city.errors import UsageError
from tests.publish.asked import ALERTS, publish, said, unpublish

if TYPE_CHECKING:
    from pathlib import Path

    from tests.publish.grafana_double import State


def test_an_empty_grafana_gets_everything_and_the_second_time_nothing(
    url: str, state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(url, tmp_path)
    first = said(capsys)
    assert set(state.sources) == {"influx-live", "influx-settled", "influx-rollup"}
    assert {"cityops-vi", "cityops-en", ALERTS} == set(state.folders)
    assert {"traffic-vi", "traffic-en", "cityops-published"} <= set(state.boards)
    assert state.boards["traffic-en"]["meta"]["folderUid"] == "cityops-en"
    assert {"cityops-maintenance", "cityops-night"} == set(state.mutes)
    assert set(state.templates) == {"cityops"}
    assert {"cityops-console", "cityops-email"} <= set(state.points)
    assert (ALERTS, "traffic") in state.groups
    assert first[-1].endswith(" to create, 0 to update, 0 to keep, 0 to remove")

    state.asked.clear()
    publish(url, tmp_path)
    assert [one for one in state.written if one != "POST /dashboards/db"] == []  # but for the list of what was made
    assert said(capsys)[-1].startswith("0 to create, 0 to update, ")


def test_a_dry_run_says_all_and_writes_nothing(
    url: str, state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(url, tmp_path, dry_run=True)
    assert state.written == []
    lines = said(capsys)
    assert "create  board traffic-vi" in lines
    assert lines[-1].endswith("nothing was written")


def test_the_policies_of_others_stay_and_ours_are_a_branch(url: str, state: State, tmp_path: Path) -> None:
    theirs = {"receiver": "grafana-default-email", "object_matchers": [["team", "=", "b"]]}
    state.policies["routes"] = [theirs]
    publish(url, tmp_path)
    assert state.policies["receiver"] == "grafana-default-email"
    ours, other = state.policies["routes"]
    (domain, one, any_), (folder, matches, path) = ours["object_matchers"]
    assert (domain, one, any_, folder, matches) == ("domain", "=~", ".+", "grafana_folder", "=~")
    # Grafana matches the whole label, which below another folder is the path.
    taken = ["Cảnh báo", "Hà Nội/Cảnh báo", "Sở A\\/B/Cảnh báo"]
    assert [name for name in [*taken, "Cảnh báo/Hà Nội", "Tin cảnh báo"] if re.fullmatch(path, name)] == taken
    assert ours["routes"][1]["group_wait"] == "5s"
    assert other == theirs
    unpublish(url, tmp_path)
    assert state.policies["routes"] == [theirs]


def test_a_contact_point_without_its_secret_is_left_out_and_one_with_it_is_not_read_back(
    url: str, state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(url, tmp_path)
    assert "cityops-telegram" not in state.points
    assert state.points["cityops-console"]["settings"]["authorization_credentials"] == "hook-s3cret"
    (tmp_path / "secrets" / "alert-webhook-token").write_text("another-s3cret")
    (tmp_path / "secrets" / "telegram-bot-token").write_text("1:bot-s3cret")
    publish(url, tmp_path)
    assert state.points["cityops-console"]["settings"]["authorization_credentials"] == "another-s3cret"
    assert state.points["cityops-telegram"]["settings"]["bottoken"] == "1:bot-s3cret"
    assert "s3cret" not in capsys.readouterr().out
    assert "s3cret" not in str(state.boards["cityops-published"])


def test_critical_alerts_go_where_the_environment_says(
    url: str, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALERT_ON_CALL", "cityops-email")
    publish(url, tmp_path)
    assert state.policies["routes"][0]["routes"][1]["receiver"] == "cityops-email"
    monkeypatch.setenv("ALERT_ON_CALL", "cityops-telegram")
    with pytest.raises(UsageError, match="'cityops-telegram', which is none of cityops-console, cityops-email"):
        publish(url, tmp_path)


def test_a_folder_of_ones_own_holds_ours(url: str, state: State, tmp_path: Path) -> None:
    publish(url, tmp_path, folder="Hà Nội")
    assert state.folders["cityops"]["title"] == "Hà Nội"
    assert {one.get("parentUid") for uid, one in state.folders.items() if uid != "cityops"} == {"cityops"}
    unpublish(url, tmp_path)
    assert state.folders == {}
