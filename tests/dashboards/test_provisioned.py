"""The committed files are what the packs say, and `dashboards build` keeps them so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from city.errors import CityopsError
from cli import dashboards as command
from cli._generated import Generated
from dashboards import provisioned
from dashboards.names import DATA_SOURCES

if TYPE_CHECKING:
    from pathlib import Path

    from city.catalogue import Catalogue


def test_the_committed_files_are_what_the_packs_say(packs: Catalogue) -> None:
    assert Generated(provisioned.FOLDER, provisioned.build(packs), provisioned.is_ours).drift() == []


def test_building_twice_gives_the_same_bytes(packs: Catalogue) -> None:
    assert provisioned.build(packs) == provisioned.build(packs)


def test_check_fails_naming_the_stale_files_and_writes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(provisioned, "FOLDER", tmp_path)
    with pytest.raises(CityopsError, match=r"alerting/rules\.yaml") as failed:
        command.build(check=True)
    assert "dashboards build" in str(failed.value)
    assert list(tmp_path.iterdir()) == []


def test_every_domain_has_a_board_in_both_languages(packs: Catalogue) -> None:
    boards = {path for path in provisioned.build(packs) if path.endswith(".json")}
    assert boards >= {f"boards/{language}/{domain.name}.json" for language in ("vi", "en") for domain in packs.domains}
    assert boards >= {f"boards/{language}/{name}.json" for language in ("vi", "en") for name in ("city", "area")}


def test_the_token_comes_from_a_file_and_stands_in_none(packs: Catalogue) -> None:
    sources: list[dict[str, Any]] = yaml.safe_load(provisioned.build(packs)["datasources/influx.yaml"])["datasources"]
    assert [source["uid"] for source in sources] == list(DATA_SOURCES)
    for source in sources:
        assert source["secureJsonData"] == {"httpHeaderValue1": "Token $__file{/run/secrets/influx-token}"}
        assert source["jsonData"]["httpHeaderName1"] == "Authorization"
        assert source["jsonData"]["dbName"] == DATA_SOURCES[source["uid"]]
        assert source["jsonData"]["httpMode"] == "POST"
    assert [source["uid"] for source in sources if source["isDefault"]] == ["influx-live"]


def test_providers_point_where_the_boards_are_mounted(packs: Catalogue) -> None:
    providers = yaml.safe_load(provisioned.build(packs)["providers.yaml"])["providers"]
    assert [provider["options"]["path"] for provider in providers] == [
        "/etc/grafana/provisioning/boards/vi",
        "/etc/grafana/provisioning/boards/en",
    ]
    assert not any(provider["allowUiUpdates"] for provider in providers)
