"""What the README says, done by its own commands."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from typing import TYPE_CHECKING

import pytest

from tests.datasets import dataset
from tests.whole.running import RunningCity

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(600)  # of a hung test; a busy machine takes its time

SETTLED = "SELECT * FROM traffic_flow, traffic_site GROUP BY *"


@pytest.fixture
def city(tmp_path: Path) -> RunningCity:
    return RunningCity(tmp_path)


def test_up_runs_a_city_whose_figures_can_be_asked_for_and_whose_log_equals_its_points(city: RunningCity) -> None:
    recorded = city.data_dir.parent / "log.jsonl.gz"
    with city.up("--rate", "100"):
        city.run("record", recorded, "--from-start", "--for", "60s")
        asked = 'SELECT sum("count") FROM traffic_flow WHERE time > now() - 1m GROUP BY "zone"'
        answer = json.loads(city.run("query", asked, "--format", "json"))
        said = city.run("truth", recorded, "--compare")

    zones = {one["tags"]["zone"] for one in answer["results"][0]["series"]}
    assert len(zones) == 30
    figures = dict(pair.split("=") for pair in said.split())
    assert int(figures["points"]) > 100
    assert figures["equal"] == figures["points"]


def test_the_same_file_replayed_twice_gives_the_same_series_each_way(city: RunningCity) -> None:
    folder = city.data_dir.parent
    events, worse = folder / "events.jsonl.gz", folder / "worse.jsonl.gz"
    city.run("simulate", "traffic", "--from", "2026-03-02T07:00:00+07:00", "--for", "10m", "--rate", "20", "-o", events)
    city.run("inject", events, "late=0.02,duplicate=0.02,poison=0.01", "--seed", "5", "-o", worse)
    answers = []
    with city.up("--rate", "0"):
        for speed in ("max", "600"):
            city.run("replay", worse, "--keep-time", "--speed", speed)
            city.run("truth", worse, "--compare")
            answers.append(city.run("query", SETTLED, "--db", "city", "--format", "csv"))
            told = city.run("replay", worse, "--keep-time", code=1)
            assert told == ""
            city.run("reset", "--yes")

    assert answers[0] == answers[1]
    assert answers[0].count("\n") > 1_000


def a_week(path: Path, *, sensors: int, steps: int) -> Path:
    """A file of METR-LA's form: a row a step, a column a sensor, speeds in mph."""
    dice = random.Random(7)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(700_000 + number for number in range(sensors))
    table.writerows([round(dice.uniform(3, 70), 3) for _ in range(sensors)] for _ in range(steps))
    path.write_bytes(gzip.compress(text.getvalue().encode()))
    return path


def replays_exactly(city: RunningCity, feed: str, files: list[Path], readings: list[int]) -> None:
    events = city.data_dir.parent / "events.jsonl.gz"
    with city.up("--rate", "0"):
        for file, count in zip(files, readings, strict=True):
            city.run("import", feed, file, "-o", events)
            assert gzip.decompress(events.read_bytes()).count(b"\n") == count
            city.run("replay", events, "--keep-time", "--speed", "max")
            said = city.run("truth", events, "--compare")
            assert "missing=0 different=0 extra=0" in said
            city.run("reset", "--yes")


def test_a_small_week_in_the_form_of_metr_la_equals_the_truth(city: RunningCity, tmp_path: Path) -> None:
    replays_exactly(city, "metr-la", [a_week(tmp_path / "small.csv.gz", sensors=20, steps=288)], [20 * 288])


@pytest.mark.dataset
@pytest.mark.timeout(1_200)
def test_the_real_week_of_los_angeles_equals_the_truth(city: RunningCity) -> None:
    week = dataset("traffic", "metr_la_week_speed_mph.csv.gz")
    replays_exactly(city, "metr-la", [week], [417_312])


@pytest.mark.dataset
def test_the_loops_of_minnesota_equal_the_truth(city: RunningCity) -> None:
    names = {"nab_speed_6005.csv": 2_500, "nab_occupancy_6005.csv": 2_380, "nab_TravelTime_387.csv": 2_500}
    replays_exactly(city, "nab", [dataset("traffic", name) for name in names], list(names.values()))
