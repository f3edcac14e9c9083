"""Publishing to a Grafana that exists already: what is made, what is kept, what is refused, and how it is said."""

from __future__ import annotations

import copy
import socket
from typing import TYPE_CHECKING, Any

import pytest

from city import catalogue
from city.errors import CityopsError, UnreachableError, UsageError
from cli import dashboards as command
from dashboards import provisioned
from dashboards.publishing import Grafana
from tests.publish.grafana_double import TOKEN, State, grafana_double

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALERTS = "cityops-alerts"


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
def url(state: State) -> Iterator[str]:
    with grafana_double(state) as found:
        yield found


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """What is provisioned, built once; of the boards, two."""
    built = provisioned.build(catalogue.load())
    return {path: text for path, text in built.items() if "boards/" not in path or path.endswith("/traffic.json")}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]) -> None:
    """A folder of its own, a store to name, and the secrets of all contact points but Telegram's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(provisioned, "build", lambda _: files)
    monkeypatch.setenv("CITYOPS_STORE_URL", "http://influxdb:8086")
    monkeypatch.setenv("CITYOPS_STORE_TOKEN_FILE", str(tmp_path / "store-token"))
    (tmp_path / "store-token").write_text("store-s3cret")
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "alert-webhook-token").write_text("hook-s3cret")


def publish(url: str, tmp_path: Path, **options: object) -> None:
    command.publish(url, tmp_path / "token", secrets=tmp_path / "secrets", **options)  # type: ignore[arg-type] # by name


def unpublish(url: str, tmp_path: Path, **options: object) -> None:
    command.unpublish(url, tmp_path / "token", **options)  # type: ignore[arg-type] # by name


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


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
    assert ours["object_matchers"] == [["grafana_folder", "=", "Cảnh báo"]]
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


# ----------------------------------------------------------------------------------- what people made or changed


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


# ------------------------------------------------------------------------------------------------- what goes wrong


def test_a_change_meanwhile_is_a_version_conflict(
    url: str, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(url, tmp_path)
    (tmp_path / "store-token").write_text("another")  # every data source is wanted anew
    sent = Grafana.put

    def meanwhile(self: Grafana, path: str, body: object) -> object:
        if path.startswith("/datasources"):
            state.sources["influx-live"]["version"] += 1
        return sent(self, path, body)

    monkeypatch.setattr(Grafana, "put", meanwhile)
    with pytest.raises(CityopsError, match=r"clashes with what is at .* \(409: Datasource has already been updated"):
        publish(url, tmp_path)


WAYS_OUT = [
    (401, b'{"message": "Invalid API key"}', "does not know the token .401.: make one for a service account"),
    (403, b'{"message": "no"}', r"the token may not .*\(403: no\): give its service account the role Admin"),
    (404, b'{"message": "Not found"}', "404: Not found.*check its path prefix"),
    (409, b'{"message": "exists"}', "clashes with what is at .*409: exists"),
    (412, b'{"message": "changed"}', "412: changed.: run this again"),
    (429, b"{}", "asked too much .429.: try again in a minute"),
    (500, b'{"message": "locked"}', "fails at .*500: locked.: see its log"),
    (503, b"", "fails at .*503"),
    (400, b'{"message": "bad"}', "refuses .*400: bad"),
]


@pytest.mark.parametrize(("status", "body", "words"), WAYS_OUT, ids=[str(status) for status, _, _ in WAYS_OUT])
def test_every_refusal_is_one_line_with_the_way_out(  # noqa: PLR0917 - fixtures
    status: int, body: bytes, words: str, url: str, state: State, tmp_path: Path
) -> None:
    state.broken = [("POST /datasources", status, "application/json", body)]
    with pytest.raises(CityopsError, match=words) as found:
        publish(url, tmp_path)
    assert "\n" not in str(found.value)
    assert TOKEN not in str(found.value)


@pytest.mark.parametrize("status", [200, 401, 502])
def test_a_page_instead_of_json_is_said_to_be_one(status: int, url: str, state: State, tmp_path: Path) -> None:
    state.broken = [("GET /health", status, "text/html; charset=utf-8", b"<html>sign in</html>")]
    with pytest.raises(CityopsError, match=f"answers {status} with a page.*a login page in front of it"):
        publish(url, tmp_path)


def test_a_token_of_nobody_is_told_before_anything_is_written(url: str, state: State, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("glsa_other")
    with pytest.raises(CityopsError, match="does not know the token"):
        publish(url, tmp_path)
    assert state.written == []


def test_a_token_that_may_not_read_is_told_what_it_lacks(url: str, state: State, tmp_path: Path) -> None:
    state.denied = ["GET /v1/provisioning"]
    with pytest.raises(CityopsError, match=r"may not GET /v1/provisioning.*the roles to write data sources"):
        publish(url, tmp_path)
    assert state.written == []


@pytest.mark.parametrize(("version", "words"), [("9.5.2", "is 9.5.2; the alert rules need 12.0"), ("", "is it one")])
def test_an_old_grafana_or_another_server_is_refused(
    version: str, words: str, url: str, state: State, tmp_path: Path
) -> None:
    state.version = version
    with pytest.raises(CityopsError, match=words):
        publish(url, tmp_path)


def test_nobody_listening_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(UnreachableError, match=r"no Grafana answers at .*: check address and port"):
            publish(f"http://127.0.0.1:{unused.getsockname()[1]}", tmp_path)


def test_https_where_there_is_none_is_said_to_be_about_tls(url: str, tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match=r"TLS with https://.* fails: .*check http or https"):
        publish(url.replace("http://", "https://"), tmp_path)


@pytest.mark.parametrize("address", ["grafana:3000", "ftp://grafana", "http://", "http://me:pw@grafana", ""])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="is no address of a Grafana"):
        Grafana(address, TOKEN)


@pytest.mark.parametrize(
    ("content", "words"), [(None, "No such file"), ("", "holds no token"), ("a b", "holds no token")]
)
def test_a_token_file_without_a_token_is_said_so(content: str | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=f"the token file .*{words}"):
        command.unpublish("http://127.0.0.1:1", path)


def test_a_path_prefix_is_kept(state: State, tmp_path: Path) -> None:
    with grafana_double(state) as url, pytest.raises(CityopsError, match=r"is it one|has no /health|404"):
        publish(f"{url}/grafana", tmp_path)
    assert state.asked == ["GET /grafana/api/health"]
