"""What `./cityops catalogue --check` finds in the files of a pack, each fault made in a package of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from city import catalogue
from city.domains.traffic.simulator import simulate as good_simulate
from city.event import Event, encode
from city.instant import NS
from cli import _pack_check
from cli._pack_check import faults_of
from producers.simulators import Heard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from city.domain import Domain

PACKS = catalogue.load()
TRAFFIC = PACKS.domain("traffic")
START = 1_780_000_000 * NS
EVENTS = list(good_simulate(1, START, START + 5 * NS, events_per_s=5))
FILES = ("runbook.vi.md", "runbook.en.md", "alerts_test.yaml")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of a pack that is without fault, in place of traffic's own."""
    for name in FILES:
        (tmp_path / name).touch()
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "ordinary.jsonl").write_bytes(b"\n".join(map(encode, EVENTS)) + b"\n")
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pack_check, "_LISTENED_S", 5)


def faults() -> list[str]:
    return list(faults_of(TRAFFIC, PACKS.city))


def says(monkeypatch: pytest.MonkeyPatch, events: list[Event]) -> None:
    """Let the simulator say these events, a second apart."""

    def heard(*_: object, **__: object) -> Iterator[Heard]:
        return (Heard(START + at * NS, "city.traffic", event) for at, event in enumerate(events))

    monkeypatch.setattr(_pack_check, "together", heard)


@pytest.mark.parametrize("domain", PACKS.domains, ids=lambda domain: domain.name)
def test_the_packs_that_there_are_have_no_fault(domain: Domain) -> None:
    assert list(faults_of(domain, PACKS.city)) == []


@pytest.mark.usefixtures("folder")
def test_files_that_are_as_they_must_be_are_no_fault() -> None:
    assert faults() == []


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_rules_need_is_missed(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert faults() == [f"traffic: has alert rules and no {name}"]


def test_a_missing_sample_is_told(folder: Path) -> None:
    (folder / "samples" / "ordinary.jsonl").unlink()
    (fault,) = faults()
    assert fault.startswith("traffic: has no samples/ordinary.jsonl")


def test_each_line_of_the_sample_that_cannot_be_used_is_told_with_its_reason(folder: Path) -> None:
    lines = [encode(EVENTS[0]), b"{}", encode(EVENTS[1]).replace(b'"area":"', b'"area":"9')]
    (folder / "samples" / "ordinary.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    second, third = faults()
    assert second.startswith("traffic: samples/ordinary.jsonl:2: ")
    assert third.startswith("traffic: samples/ordinary.jsonl:3: unknown-area")


def test_a_sample_of_another_city_is_no_fault(folder: Path) -> None:
    lines = [encode(event).replace(b'"area":"', b'"area":"9') for event in EVENTS]
    (folder / "samples" / "ordinary.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    assert faults() == []


@pytest.mark.usefixtures("folder")
def test_a_pack_without_a_simulator_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pack_check, "find", lambda *_: ())
    assert faults() == ["traffic: has no simulator.py: nobody can see it run"]


@pytest.mark.usefixtures("folder")
def test_a_simulator_that_says_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, [])
    (fault,) = faults()
    assert "says nothing" in fault


@pytest.mark.usefixtures("folder")
def test_a_simulator_that_says_what_cannot_be_used_is_told_unless_it_is_a_few_faults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = [msgspec.structs.replace(event, area="X") for event in EVENTS]
    says(monkeypatch, [*EVENTS, *wrong])
    (fault,) = faults()
    assert "events that cannot be used: unknown-area" in fault
    says(monkeypatch, [*EVENTS, *wrong[:2]])
    assert faults() == []


@pytest.mark.usefixtures("folder")
def test_a_simulator_that_goes_back_in_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def heard(*_: object, **__: object) -> Iterator[Heard]:
        return (Heard(START - at * NS, "city.traffic", event) for at, event in enumerate(EVENTS))

    monkeypatch.setattr(_pack_check, "together", heard)
    (fault,) = faults()
    assert "goes back in time" in fault
