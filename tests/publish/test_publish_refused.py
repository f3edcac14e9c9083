"""Publishing that cannot be: every refusal is one line with the way out."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from city.errors import CityopsError, UnreachableError, UsageError
from cli import dashboards as command
from dashboards.publishing import Grafana
from tests.publish.asked import publish
from tests.publish.grafana_double import TOKEN, State, grafana_double

if TYPE_CHECKING:
    from pathlib import Path


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
    with pytest.raises(
        UnreachableError, match=r"TLS with https://.* fails: nobody speaks TLS there: check the port, and http"
    ):
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
