"""The sample files are what their command makes, and mean what they say."""

import json

import pytest

from city.domains.services.pack import PACK
from city.event import UnusableError
from city.gate import Gate
from city.geography import HANOI
from city.instant import NS, nanoseconds
from city.lines import Line, parse_line
from tests.services.make_samples import FOLDER, samples

WHOLE = Gate(PACK.events, HANOI.zone_of)


def lines(name: str) -> list[Line]:
    return [parse_line(line) for line in (FOLDER / name).read_bytes().splitlines()]


def judge(line: Line) -> str:
    place = line.place
    gate = Gate(PACK.events, HANOI.zone_of, (place.partition, place.partitions)) if place else WHOLE
    stamped = place.timestamp_ms * 1_000_000 if place else None
    try:
        gate.admit(line.value, line.key, line.headers, stamped)
    except UnusableError as error:
        return str(error.reason)
    return "usable"


@pytest.mark.parametrize("name", sorted(samples()))
def test_the_file_is_what_the_command_makes(name: str) -> None:
    assert (FOLDER / name).read_bytes() == samples()[name], "run: python -m tests.services.make_samples"


@pytest.mark.parametrize("name", ["ordinary.jsonl", "disorder.jsonl"])
def test_every_line_of_a_good_sample_is_usable_and_in_the_order_it_was_heard(name: str) -> None:
    assert {judge(line) for line in lines(name)} == {"usable"}
    heard = [nanoseconds(json.loads(line.value)["recordedtime"]) for line in lines(name)]
    assert heard == sorted(heard)


def test_the_ordinary_sample_holds_steps_and_reports() -> None:
    events = [json.loads(line.value) for line in lines("ordinary.jsonl")]
    steps = {event["data"].get("step") for event in events}
    assert {"submitted", "accepted", "supplement_asked", "completed", None} <= steps
    assert any("waitingMinutes" in event["data"] for event in events)


def test_the_disorder_sample_holds_one_of_each_kind() -> None:
    events = [json.loads(line.value) for line in lines("disorder.jsonl")]
    ages = [(nanoseconds(event["recordedtime"]) - nanoseconds(event["time"])) // NS for event in events]
    identities = [(event["source"], event["id"], event["time"]) for event in events]
    assert [age for age in ages if age > 3] == [20, 180]
    assert [age for age in ages if age < 0] == [-3]
    assert len(identities) - len(set(identities)) == 1


def test_each_poison_line_is_rejected_for_the_reason_beside_it() -> None:
    stated = json.loads((FOLDER / "poison.reasons.json").read_text("utf-8"))
    assert [judge(line) for line in lines("poison.jsonl")] == [entry["reason"] for entry in stated]


def test_samples_are_small() -> None:
    assert all(content.count(b"\n") <= 30 for name, content in samples().items() if name.endswith(".jsonl"))
