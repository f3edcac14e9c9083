"""The sample files are what their command makes, and mean what they say."""

import json

import pytest

from city import catalogue
from city.event import UnusableError
from city.gate import Gate
from city.instant import NS, nanoseconds
from city.lines import Line, parse_line
from tests.samples.making import Samples, every, files, folder

PACKS = catalogue.load()
EVERY = every()
GOOD = ("ordinary.jsonl", "disorder.jsonl")

of_every_pack = pytest.mark.parametrize("samples", EVERY, ids=lambda samples: samples.domain)


def lines(samples: Samples, name: str) -> list[Line]:
    return [parse_line(line) for line in (folder(samples) / name).read_bytes().splitlines()]


def judge(samples: Samples, line: Line) -> str:
    place = line.place
    where = (place.partition, place.partitions) if place else None
    gate = Gate(PACKS.domain(samples.domain).events, PACKS.city.zone_of, where)
    stamped = place.timestamp_ms * 1_000_000 if place else None
    try:
        gate.admit(line.value, line.key, line.headers, stamped)
    except UnusableError as error:
        return str(error.reason)
    return "usable"


def test_every_pack_with_samples_has_its_module() -> None:
    assert {samples.domain for samples in EVERY} == {
        domain.name for domain in PACKS.domains if (folder(EVERY[0]).parents[1] / domain.name / "samples").is_dir()
    }


@of_every_pack
def test_the_files_are_what_the_command_makes(samples: Samples) -> None:
    for name, content in files(samples).items():
        assert (folder(samples) / name).read_bytes() == content, "run: python -m tests.samples"


@of_every_pack
@pytest.mark.parametrize("name", GOOD)
def test_every_line_of_a_good_sample_is_usable_and_in_the_order_it_was_heard(samples: Samples, name: str) -> None:
    assert {judge(samples, line) for line in lines(samples, name)} == {"usable"}
    heard = [nanoseconds(json.loads(line.value)["recordedtime"]) for line in lines(samples, name)]
    assert heard == sorted(heard)


@of_every_pack
def test_the_ordinary_sample_holds_every_event_of_its_pack(samples: Samples) -> None:
    said = {json.loads(line.value)["type"] for line in lines(samples, "ordinary.jsonl")}
    assert said == {str(kind.__struct_config__.tag) for kind in PACKS.domain(samples.domain).events}


@of_every_pack
def test_the_disorder_sample_holds_one_of_each_kind(samples: Samples) -> None:
    events = [json.loads(line.value) for line in lines(samples, "disorder.jsonl")]
    ages = [(nanoseconds(event["recordedtime"]) - nanoseconds(event["time"])) // NS for event in events]
    identities = [(event["source"], event["id"], event["time"]) for event in events]
    assert [age for age in ages if age > 3] == [20, 180]
    assert [age for age in ages if age < 0] == [-3]
    assert len(identities) - len(set(identities)) == 1


@of_every_pack
def test_each_poison_line_is_rejected_for_the_reason_beside_it(samples: Samples) -> None:
    stated = json.loads((folder(samples) / "poison.reasons.json").read_text("utf-8"))
    assert [judge(samples, line) for line in lines(samples, "poison.jsonl")] == [entry["reason"] for entry in stated]


@of_every_pack
def test_samples_are_small(samples: Samples) -> None:
    assert all(content.count(b"\n") <= 30 for name, content in files(samples).items() if name.endswith(".jsonl"))


def test_the_sample_of_services_holds_steps_and_reports() -> None:
    (services,) = (samples for samples in EVERY if samples.domain == "services")
    events = [json.loads(line.value) for line in lines(services, "ordinary.jsonl")]
    steps = {event["data"].get("step") for event in events}
    assert {"submitted", "accepted", "supplement_asked", "completed", None} <= steps
    assert any("waitingMinutes" in event["data"] for event in events)
