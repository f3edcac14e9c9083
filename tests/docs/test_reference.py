"""The reference pages are what the code says, and the tables that people wrote name all that the code has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from city import catalogue
from city.domains.traffic.events import TrafficFlow, TrafficFlowObserved
from city.event import Reason, encode, tick
from city.instant import NS, rfc3339
from city.lines import parse_line
from cli import _reference as reference
from cli._generated import Generated
from cli._reference.markdown import HEAD
from cli._reference.operations import PIPELINE, SOURCES
from cli._reference.records import REASONS
from cli.main import COMMANDS
from runtime.settings import Settings
from stream_app.core import PartitionFold
from stream_app.core.aggregate import readers
from stream_app.core.checkpoint import Start
from stream_app.operations import Roll, pipeline_lines

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from city.domain import Domain

PACKS = catalogue.load()
PAGES = reference.build(PACKS)


def test_no_page_has_drifted_from_the_code() -> None:
    made = Generated(reference.FOLDER, PAGES, reference.is_ours)
    assert made.drift() == [], "run: ./cityops docs build"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_section(name: str) -> None:
    assert f"\n## {name}\n" in PAGES["commands.md"]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_its_row_with_a_meaning(name: str) -> None:
    (row,) = [line for line in PAGES["settings.md"].splitlines() if line.startswith(f"| `{name}` |")]
    assert len(row.split(" | ")[4].rstrip(" |")) > 10


@pytest.mark.parametrize("domain", PACKS.domains, ids=lambda domain: domain.name)
def test_every_name_of_a_pack_stands_on_its_page(domain: Domain) -> None:
    page = PAGES[f"domains/{domain.name}.md"]
    names = [domain.topic, *(kpi.name for kpi in domain.kpis), *(rule.name for rule in domain.rules)]
    names += [name for series in domain.series for name in (series.name, *series.tag_names)]
    names += [name for series in domain.series for m in series.measures for name in m.fields if name not in m.bins]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_every_reason_of_rejection_has_its_meaning() -> None:
    assert set(REASONS) == set(Reason)
    assert all(f"| `{reason}` | {meaning} |" in PAGES["records.md"] for reason, meaning in REASONS.items())


# ------------------------------------------------------------------------------------------- operational series

NOW = 1_780_000_000 * NS


def fields_of(lines: Iterable[str]) -> dict[str, str]:
    """The fields of lines of the line protocol, each with its type in words."""
    fields = {}
    for line in lines:
        for field in line.split(" ")[1].split(","):
            name, _, value = field.partition("=")
            fields[name] = "integer" if value.endswith("i") else "float"
    return fields


def test_the_fields_of_sources_are_those_a_worker_writes() -> None:
    domain = PACKS.domain("traffic")
    roll = Roll(domain, PACKS.city, most=10_000)
    roll.own(range(4), 4, 0)
    site = domain.sites_in(PACKS.city)[0]
    reading = readers(domain)[TrafficFlow].read(TrafficFlowObserved())
    roll.hear({site.source: (TrafficFlow, site.area, NOW, reading)}, NOW)
    assert fields_of(roll.lines(NOW)) == {name: kind for name, (kind, _) in SOURCES.items()}


def test_the_fields_of_pipeline_are_those_a_worker_writes() -> None:
    domain = PACKS.domain("traffic")
    fold = PartitionFold(domain, PACKS.city, 0, Start(0, NOW, 0, 0, 4))
    fold.counts["rejected:not-json"] += 1
    lines = pipeline_lines(domain.name, 0, fold, {"lag": 0.0, "write_s": 0.0, "retries": 0.0, "worker_share": 1.0}, NOW)
    assert fields_of(lines) == {name: kind for name, (kind, _) in PIPELINE.items()}


# ------------------------------------------------------------------------------------------------------ schemas


def schema(name: str) -> jsonschema.Draft202012Validator:
    text = PAGES[f"events/{name}.schema.json"]
    jsonschema.Draft202012Validator.check_schema(json.loads(text))
    return jsonschema.Draft202012Validator(json.loads(text))


@pytest.mark.parametrize("domain", PACKS.domains, ids=lambda domain: domain.name)
def test_every_line_of_the_ordinary_sample_is_valid_by_its_schema(domain: Domain) -> None:
    file = reference.FOLDER.parents[1] / "city" / "domains" / domain.name / "samples" / "ordinary.jsonl"
    events = [json.loads(parse_line(line).value) for line in file.read_bytes().splitlines()]
    assert events
    for event in events:
        schema(event["type"]).validate(event)


def test_a_tick_is_valid_by_its_schema() -> None:
    schema("vn.hanoi.clock.v1").validate(json.loads(tick(NOW)))


@pytest.mark.parametrize(
    "wrong",
    [{"area": 5}, {"type": "vn.hanoi.traffic.flow.v9"}, {"data": {"intensity": -1}}, {"data": {"vehicleType": "ox"}}],
)
def test_a_schema_refuses_what_the_decoder_refuses(wrong: dict[str, object]) -> None:
    event = TrafficFlow(id="1", source="s", time=rfc3339(NOW), area="00070", data=TrafficFlowObserved(intensity=1))
    with pytest.raises(jsonschema.ValidationError):
        schema("vn.hanoi.traffic.flow.v1").validate(json.loads(encode(event)) | wrong)


# -------------------------------------------------------------------------------------------------------- files


def test_a_page_that_people_wrote_is_not_taken_for_a_made_one(tmp_path: Path) -> None:
    pages = {"a.md": f"{HEAD}# A\n", "by-hand.md": "# Mine\n", "events/e.schema.json": "{}\n", "e.json": "{}\n"}
    (tmp_path / "events").mkdir()
    for name, text in pages.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert [name for name in pages if reference.is_ours(tmp_path / name)] == ["a.md", "events/e.schema.json"]
