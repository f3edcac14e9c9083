"""The part of a running city that watches the rules: from the store's points to a line, a post and a file."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import yaml

from city import rules
from city.errors import DataError, UsageError
from city.rules import AlertingFile, Group
from dashboards import provisioned
from embedded.alerting import __main__ as part
from embedded.store import serve
from runtime.part import read_json, run_file
from runtime.settings import Settings, load
from tests.alerts.test_deviation import _now
from tests.alerts.test_notice import SLOW
from tests.alerts.test_watch import server as server  # noqa: PLC0414 - a fixture
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.alerts.test_watch import _Server

DEADLINE_S = 30.0
AT_ONCE = msgspec.structs.replace(SLOW, for_="0s", keepFiringFor="0s")


def eventually(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.05)


def settings_for(tmp_path: Path, **more: Any) -> Settings:
    (tmp_path / "token").write_text("token")
    return load(data_dir=tmp_path / "data", store_token_file=tmp_path / "token", **more)


def rules_file(tmp_path: Path) -> Path:
    group = Group(orgId=1, name="g", folder="Cảnh báo", interval="10s", rules=(AT_ONCE,))
    path = tmp_path / "rules.yaml"
    text = yaml.safe_dump(rules.encode(AlertingFile(apiVersion=1, groups=(group,))), allow_unicode=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_what_the_store_says_becomes_a_line_a_post_and_a_file(
    tmp_path: Path, server: _Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part, "WARM_UP_S", 0)
    monkeypatch.setattr(part, "EVERY_S", 1)
    with serve(tmp_path / "store.duckdb", "token") as url:
        assert Client(url).write(_now(int(time.time())), bucket="city_live", precision="s").status == 204
        settings = settings_for(
            tmp_path, store_url=url, alert_rules=rules_file(tmp_path), alert_webhook=f"{server.url}/hook"
        )
        stop = threading.Event()
        thread = threading.Thread(target=part.watch_forever, args=(settings, stop))
        thread.start()
        state = settings.data_dir / "rules-state.json"
        try:
            eventually(lambda: server.took and state.exists(), "a post, and what is known of it kept")
        finally:
            stop.set()
            thread.join(DEADLINE_S)
    ((path, _, body),) = server.took
    assert path == "/hook"
    assert [alert["labels"]["area"] for alert in body["alerts"]] == ["00070"]
    assert body["alerts"][0]["annotations"]["value"] == "10.0"
    lines = (settings.data_dir / "logs" / "alerts.log").read_text(encoding="utf-8").splitlines()
    assert lines == [
        "▲ báo warning  traffic_area_slow: Tốc độ trung bình ở phường Hoàn Kiếm là 10.0 km/h (mục tiêu trên 20)."
    ]
    kept = json.loads(state.read_text(encoding="utf-8"))
    assert [alert["labels"]["area"] for alert in kept["rules"]["traffic_area_slow"]["alerts"]] == ["00070"]
    firing = json.loads((settings.data_dir / "firing.json").read_text(encoding="utf-8"))
    assert [alert["labels"]["area"] for alert in firing["alerts"]] == ["00070"], "what the console shows"
    announced = read_json(run_file(settings.data_dir, "alerting"))
    assert announced is not None
    assert announced["rules"] == 1


def test_without_a_file_of_ones_own_the_rules_are_those_that_grafana_is_given(tmp_path: Path) -> None:
    assert part.compiled_rules() == provisioned.FOLDER / "alerting" / "rules.yaml"
    made = part.watch(settings_for(tmp_path, store_url="http://127.0.0.1:1"), print)
    committed = rules.decode(part.compiled_rules().read_text(encoding="utf-8"))
    assert set(made.rules) == {rule.uid for group in committed.groups for rule in group.rules}


def test_rules_that_are_not_there_or_are_none_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"the alert rules .*none\.yaml: No such file"):
        part.watch(settings_for(tmp_path, store_url="http://127.0.0.1:1", alert_rules=tmp_path / "none.yaml"), print)
    broken = tmp_path / "broken.yaml"
    broken.write_text("apiVersion: 2\ngroups: []\n")
    with pytest.raises(DataError, match="no alerting file of Grafana's"):
        part.watch(settings_for(tmp_path, store_url="http://127.0.0.1:1", alert_rules=broken), print)
