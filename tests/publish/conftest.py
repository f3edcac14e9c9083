from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from city import catalogue
from dashboards import provisioned
from tests.publish.grafana_double import TOKEN, State, grafana_double

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
def url(state: State) -> Iterator[str]:
    with grafana_double(state) as found:
        yield found


@pytest.fixture(scope="session")
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
