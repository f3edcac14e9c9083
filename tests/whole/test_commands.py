"""What the README says, done by its own commands."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.datasets import dataset
from tests.whole.running import RunningCity

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(600)  # of a hung test; a busy machine takes its time

NYC_COLUMNS = (
    *("unique_key", "created_date", "closed_date", "agency", "complaint_type", "status", "due_date", "borough"),
    "open_data_channel_type",
)
NEW_YEARS_EVE = datetime(2019, 12, 31, 19, tzinfo=UTC)  # where the file is read, a local time of New York
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


def an_evening(path: Path, *, requests: int) -> Path:
    """A file of the form of New York's 311: a row a request, most of them within five hours."""
    dice = random.Random(311)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(NYC_COLUMNS)
    for number in range(requests):
        created = NEW_YEARS_EVE + timedelta(seconds=dice.randrange(18_000))
        closed = created + timedelta(seconds=dice.randrange(60, 200_000))
        open_yet = number % 10 == 0
        table.writerow(
            (
                45_000_000 + number,
                f"{created:%Y-%m-%dT%H:%M:%S}.000",
                "" if open_yet else f"{closed:%Y-%m-%dT%H:%M:%S}.000",
                dice.choice(("NYPD", "HPD", "DOT")),
                "Noise - Residential",
                "Open" if open_yet else "Closed",
                "",
                dice.choice(("BRONX", "BROOKLYN", "QUEENS", "Unspecified")),
                dice.choice(("ONLINE", "MOBILE", "PHONE", "UNKNOWN")),
            )
        )
    path.write_text(text.getvalue())
    return path


def some_years(path: Path, *, days: int) -> Path:
    """A file of the form of Melbourne's pedestrians: a row a day."""
    dice = random.Random(2016)
    rows = [
        f"{day.month}/{day.day}/{day:%Y},{day:%Y},{day:%B},{day.day},{day:%A},2,Mall,{dice.randrange(1_000, 56_000)}"
        for day in (date(2016, 1, 1) + timedelta(days=number) for number in range(days))
    ]
    header = "Date,Year,Month,Day,Day_of_Week,Sensor_ID,Sensor_Name,Daily_Counts"
    path.write_text("\n".join([header, *rows]) + "\n")
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
            assert "points=0 " not in said
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


def test_a_small_evening_in_the_form_of_311_equals_the_truth(city: RunningCity, tmp_path: Path) -> None:
    replays_exactly(city, "nyc-311", [an_evening(tmp_path / "evening.csv", requests=200)], [200 + 180])


def test_some_years_in_the_form_of_the_pedestrians_equal_the_truth(city: RunningCity, tmp_path: Path) -> None:
    replays_exactly(city, "pedestrians", [some_years(tmp_path / "years.csv", days=400)], [400])


@pytest.mark.dataset
def test_the_new_years_eve_of_new_york_equals_the_truth(city: RunningCity) -> None:
    replays_exactly(city, "nyc-311", [dataset("services", "nyc_311_2019-12-31.csv")], [1_000 + 997 + 3])


@pytest.mark.dataset
def test_the_pedestrians_of_melbourne_equal_the_truth(city: RunningCity) -> None:
    replays_exactly(city, "pedestrians", [dataset("tourism", "melbourne_bourke_street_daily.csv")], [2_486])
