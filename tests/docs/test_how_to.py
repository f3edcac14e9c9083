"""The commands of the how-to pages, run in the order in which they stand."""

from __future__ import annotations

import gzip
import re
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from infra.native.influxdb import InfluxDB
from infra.native.kafka import Kafka
from runtime.settings import load
from tests.docs.snippets import Tree, blocks
from tests.docs.tree import ROOT
from tests.publish.grafana_double import TOKEN, State, grafana_double
from tests.servers import needs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUN_HERE = {
    "how-to/add-a-panel.md",
    "how-to/another-city.md",
    "how-to/change-a-threshold.md",
    "how-to/doctor.md",
    "how-to/existing-servers.md",
    "how-to/import.md",
    "how-to/notify.md",
    "how-to/replay.md",
    "how-to/use-your-own-grafana.md",
}
NOT_RUN = dict.fromkeys(
    (f"how-to/{name}.md" for name in ("compose", "scale-out", "back-up", "upgrade")),
    "it needs Docker; tests/infra/test_compose.py holds its words",
)
BLOCKS_NOT_RUN = {
    "./cityops replay day.jsonl.gz\n": "it takes as long as the day did; a faster one follows it on the page",
    "SSL_CERT_FILE=/etc/cityops/ca.pem ./cityops worker\n": "no TLS in our InfluxDB; tests/infra/test_tls.py has it",
}
EQUAL = re.compile(r"points=[1-9]\d* equal=[1-9]\d* missing=0 different=0 extra=0")


@pytest.fixture
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    made = Tree(tmp_path_factory.mktemp("how-to"))
    yield made
    made.stop_city()
    made.stop_parts()


def run_page(tree: Tree, page: str, instead: dict[str, str] | None = None) -> str:
    """Run a page's blocks with some words replaced; all that they printed."""
    printed = []
    for block in blocks(page):
        text = block.text.replace("cityops reset", "cityops reset --yes")  # a reader is asked, and says yes
        for words, others in (instead or {}).items():
            text = text.replace(words, others)
        printed.append(tree.run(replace(block, text=text)))
    return "\n".join(printed)


def test_every_page_with_commands_is_run_here() -> None:
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs" / "how-to").glob("*.md")}
    assert {page for page in pages if any(block.language == "sh" for block in blocks(page))} == RUN_HERE | set(NOT_RUN)


def test_a_block_that_is_not_run_has_its_reason() -> None:
    marked = {
        block.text
        for page in RUN_HERE
        for block in blocks(page)
        if block.language == "sh" and "not-run" in block.classes
    }
    assert marked == BLOCKS_NOT_RUN.keys()


@pytest.mark.live
def test_servers_that_exist_are_used(tree: Tree, tmp_path: Path) -> None:
    needs(Kafka)
    needs(InfluxDB)
    tree.environment["CITYOPS_SESSION_SECONDS"] = "60"  # on a machine that others keep busy
    with Kafka(tmp_path / "kafka") as kafka, InfluxDB(tmp_path / "influxdb") as influxdb:
        theirs = {
            "kafka-1.example.org:9092,kafka-2.example.org:9092": kafka.address,
            "https://influx.example.org:8086": influxdb.url,
            "/etc/cityops/influx-token": str(influxdb.token_file),
        }
        said = run_page(tree, "how-to/existing-servers.md", theirs)
        tree.stop_parts()
    assert f"Kafka at {kafka.address} answers" in said
    assert f"{influxdb.url}, version v2.7" in said
    assert re.search(r"traffic_flow,.*,[1-9]\d*$", said.strip()), said


def test_settings_for_a_guarded_kafka_are_settings() -> None:
    (guarded,) = (
        tomllib.loads(block.text)
        for block in blocks("how-to/existing-servers.md")
        if block.language == "toml" and not block.title
    )
    assert load(**guarded).broker_user == "cityops", "tests/infra/test_kafka_access.py speaks with one"


def test_a_log_is_recorded_made_worse_replayed_and_proven(tree: Tree) -> None:
    tree.start_city("./cityops up")
    # What was recorded just now can be said again, shifted, only after a minute: tests/producers does that.
    shorter = {
        "--for 5m": "--for 3s",
        "late=0.02:2m": "late=0.02:2s",
        "./cityops replay day.jsonl.gz --speed 60": "true",
    }
    said = run_page(tree, "how-to/replay.md", shorter)
    assert EQUAL.search(said), said


def test_a_data_set_is_imported_replayed_and_proven(tree: Tree) -> None:
    header = "773869,767541,767542"
    rows = (f"{60 + step % 7}.5,{55 - step % 5}.0,0" for step in range(24))
    week = "\n".join((header, *rows)) + "\n"
    (tree.folder / "metr_la_week_speed_mph.csv.gz").write_bytes(gzip.compress(week.encode()))
    said = run_page(tree, "how-to/import.md")
    assert EQUAL.search(said), said


def test_the_doctor_is_asked(tree: Tree) -> None:
    assert "python" in run_page(tree, "how-to/doctor.md").lower()


def test_another_city_is_a_table_and_a_line(tree: Tree) -> None:
    said = run_page(tree, "how-to/another-city.md")
    assert "S03\tĐồi Thông\tDoi Thong\tcommune\tVùng Đồi\tvung-doi" in said
    assert "without fault" in said
    assert set(re.findall(r'"area":"(\w+)"', said)) <= {"01", "S01", "S02", "S03"}
    assert '"area":"S0' in said


def test_boards_are_built_and_checked(tree: Tree) -> None:
    assert " files, " in run_page(tree, "how-to/add-a-panel.md", {"./cityops test tests/dashboards": "true"})


def test_a_grafana_that_exists_is_told_what_would_be_made(tree: Tree) -> None:
    (tree.folder / "token").write_text(TOKEN)
    (tree.folder / "store-token").write_text("s3cret")
    (tree.folder / "infra" / "secrets").mkdir(exist_ok=True)
    (tree.folder / "infra" / "secrets" / "alert-webhook-token").write_text("hook-s3cret")
    tree.environment |= {"CITYOPS_STORE_URL": "http://influxdb:8086", "CITYOPS_STORE_TOKEN_FILE": "store-token"}
    state = State()
    with grafana_double(state) as url:
        said = run_page(tree, "how-to/use-your-own-grafana.md", {"https://grafana.example.org": url})
    assert "create  board traffic-vi" in said
    assert "nothing was written" in said
    assert state.written == []


def test_a_threshold_is_changed_in_its_pack_and_everything_follows(tree: Tree) -> None:
    said = run_page(tree, "how-to/change-a-threshold.md")
    assert "rule tests passed" in said
    assert "alert rules without fault" in said
    assert "wrote alerting/rules.yaml" in said
    assert "wrote domains/traffic.md" in said
    rules = (tree.folder / "dashboards/provisioned/alerting/rules.yaml").read_text(encoding="utf-8")
    assert "- 65.0" in rules


def test_who_is_notified_is_set_and_checked(tree: Tree) -> None:
    said = run_page(tree, "how-to/notify.md")
    assert "alert_webhook_file" in said
    assert "alert rules without fault" in said
