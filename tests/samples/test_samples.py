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
MADE = every()
ORDINARY, DISORDER, POISON = "ordinary.jsonl", "disorder.jsonl", "poison.jsonl"


def having(name: str) -> list[str]:
    """The domains with that sample: whoever has a folder of samples is held to what its files say they are."""
    return [domain.name for domain in PACKS.domains if (folder(domain.name) / name).is_file()]


def lines(domain: str, name: str) -> list[Line]:
    return [parse_line(line) for line in (folder(domain) / name).read_bytes().splitlines()]


def judge(domain: str, line: Line) -> str:
    place = line.place
    where = (place.partition, place.partitions) if place else None
    gate = Gate(PACKS.domain(domain).events, PACKS.city.zone_of, where)
    stamped = place.timestamp_ms * 1_000_000 if place else None
    try:
        gate.admit(line.value, line.key, line.headers, stamped)
    except UnusableError as error:
        return str(error.reason)
    return "usable"


@pytest.mark.parametrize("samples", MADE, ids=lambda samples: samples.domain)
def test_the_files_are_what_the_command_makes(samples: Samples) -> None:
    for name, content in files(samples).items():
        assert (folder(samples.domain) / name).read_bytes() == content, "run: python -m tests.samples"


@pytest.mark.parametrize(
    ("domain", "name"), [(domain, name) for name in (ORDINARY, DISORDER) for domain in having(name)]
)
def test_every_line_of_a_good_sample_is_usable_and_in_the_order_it_was_heard(domain: str, name: str) -> None:
    assert {judge(domain, line) for line in lines(domain, name)} == {"usable"}
    heard = [nanoseconds(json.loads(line.value)["recordedtime"]) for line in lines(domain, name)]
    assert heard == sorted(heard)


@pytest.mark.parametrize("domain", having(ORDINARY))
def test_the_ordinary_sample_holds_every_event_of_its_pack(domain: str) -> None:
    said = {json.loads(line.value)["type"] for line in lines(domain, ORDINARY)}
    assert said == {str(kind.__struct_config__.tag) for kind in PACKS.domain(domain).events}


@pytest.mark.parametrize("domain", having(DISORDER))
def test_the_disorder_sample_holds_one_of_each_kind(domain: str) -> None:
    events = [json.loads(line.value) for line in lines(domain, DISORDER)]
    ages = [(nanoseconds(event["recordedtime"]) - nanoseconds(event["time"])) // NS for event in events]
    identities = [(event["source"], event["id"], event["time"]) for event in events]
    assert [age for age in ages if age > 3] == [20, 180]
    assert [age for age in ages if age < 0] == [-3]
    assert len(identities) - len(set(identities)) == 1


@pytest.mark.parametrize("domain", having(POISON))
def test_each_poison_line_is_rejected_for_the_reason_beside_it(domain: str) -> None:
    stated = json.loads((folder(domain) / "poison.reasons.json").read_text("utf-8"))
    assert [judge(domain, line) for line in lines(domain, POISON)] == [entry["reason"] for entry in stated]


@pytest.mark.parametrize("domain", having(ORDINARY))
def test_samples_are_small(domain: str) -> None:
    assert all(path.read_bytes().count(b"\n") <= 30 for path in folder(domain).glob("*.jsonl"))


def test_the_sample_of_services_holds_steps_and_reports() -> None:
    events = [json.loads(line.value) for line in lines("services", ORDINARY)]
    steps = {event["data"].get("step") for event in events}
    assert {"submitted", "accepted", "supplement_asked", "completed", None} <= steps
    assert any("waitingMinutes" in event["data"] for event in events)
