"""What is normal for an hour, and how well what is unusual is found."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city import catalogue
from city.catalogue import Catalogue
from city.deviation import DAYS, Normal, hour_of, normal, spread, start_of
from city.deviation_trial import Trial, alarms, trial
from city.errors import CityopsError, DataError
from city.geography import HANOI
from city.instant import NS
from city.rollup import of_day
from city.rules import Points, State, advance, labels_of
from city.rules.file import InfluxQuery
from cli import alerts as command
from cli._courses import course, labelled
from dashboards.alerting import compiled
from embedded.store import serve
from runtime.connect import Store
from summary.baselines import Baselines
from summary.store import StoreOverHttp
from tests.dashboards.city import filled
from tests.datasets import dataset
from tests.store.web import Client

if TYPE_CHECKING:
    from city.deviation_trial import Point

MONDAY_8 = 24 * 4 + 8 + 24 * 7 * 2_000  # hours since 1970, a Monday far enough from its begin
AHEAD_S = 7 * 3_600
TRAFFIC = catalogue.load().domain("traffic")
UNUSUAL = next(rule for rule in TRAFFIC.rules if rule.unusual)


def weeks(level: float, hours: int = 24 * 28) -> dict[int, float]:
    """A course that is `level` by day and half of it by night, a little different from day to day."""
    chance = random.Random(7)
    return {
        MONDAY_8 - back: (level if 6 <= (MONDAY_8 - back) % 24 < 22 else level / 2) + chance.uniform(-1, 1)
        for back in range(1, hours)
    }


def test_the_hour_of_a_city_is_counted_by_its_own_clock() -> None:
    at_s = 1_795_334_400  # 2026-11-22T08:00Z, 15:00 in Hanoi
    assert hour_of(at_s * NS, AHEAD_S) % 24 == 15
    assert start_of(hour_of(at_s * NS, AHEAD_S), AHEAD_S) == at_s


def test_normal_is_what_the_same_weekday_showed_at_the_same_hour() -> None:
    past = {MONDAY_8 - 24 * 7 * week + step: 100.0 + week for week in (1, 2, 3) for step in (-1, 0, 1)}
    other = {hour: 50.0 for hour in range(MONDAY_8 - 24 * 27, MONDAY_8 - 12) if hour not in past and hour % 5}
    found = normal(past | other, MONDAY_8)
    assert found is not None
    assert (found.median, found.days) == (102.0, 3)


def test_without_three_such_weekdays_days_of_the_same_kind_count_then_any() -> None:
    tuesday_to_friday = {MONDAY_8 - 24 * back: 10.0 * back for back in (3, 4, 5, 6)}
    sunday = {MONDAY_8 - 24: 1_000.0}
    of_kind = normal(tuesday_to_friday | sunday, MONDAY_8)
    assert of_kind is not None
    assert (of_kind.median, of_kind.days) == (45.0, 4)
    any_day = normal({MONDAY_8 - 24 * back: 10.0 * back for back in (1, 2, 3)}, MONDAY_8)
    assert any_day is not None
    assert (any_day.median, any_day.days) == (20.0, 3)


@pytest.mark.parametrize("days", range(3))
def test_fewer_than_three_days_say_nothing(days: int) -> None:
    assert normal({MONDAY_8 - 24 * back: float(back) for back in range(1, days + 1)}, MONDAY_8) is None


def test_a_course_that_never_moves_has_no_spread_and_so_no_normal() -> None:
    assert normal({MONDAY_8 - back: 5.0 for back in range(1, 24 * 28)}, MONDAY_8) is None


def test_the_day_itself_and_what_is_too_long_ago_do_not_count() -> None:
    past = weeks(40.0)
    today = {MONDAY_8 - back: 1e9 for back in range(1, 7)}
    long_ago = {MONDAY_8 - 24 * (DAYS + 2) - step: -1e9 for step in range(24)}
    one, other = normal(past, MONDAY_8), normal(past | today | long_ago, MONDAY_8)
    assert one is not None
    assert other is not None
    assert one.median == other.median


def test_one_wild_day_moves_normal_hardly() -> None:
    past = weeks(40.0)
    wild = past | {MONDAY_8 - 24 * 7 + step: 4_000.0 for step in (-1, 0, 1)}
    one, other = normal(past, MONDAY_8), normal(wild, MONDAY_8)
    assert one is not None
    assert other is not None
    assert abs(one.median - other.median) < 2


@given(st.floats(-1e3, 1e3), st.floats(0.1, 1e3))
def test_a_score_does_not_depend_on_unit_or_zero(shift: float, factor: float) -> None:
    past = weeks(40.0)
    one = normal(past, MONDAY_8)
    other = normal({hour: shift + factor * value for hour, value in past.items()}, MONDAY_8)
    assert one is not None
    assert other is not None
    assert other.score(shift + factor * 12.0) == pytest.approx(one.score(12.0), rel=1e-6, abs=1e-6)


@given(st.lists(st.floats(-1e6, 1e6), max_size=30))
def test_a_spread_is_never_negative_and_nothing_has_none(values: list[float]) -> None:
    assert spread(values) >= 0
    assert spread([]) == 0


def test_a_score_counts_spreads_above_normal_and_negative_ones_below() -> None:
    assert Normal(40.0, 2.0, 4).score(46.0) == 3
    assert Normal(40.0, 2.0, 4).score(30.0) == -5


# --------------------------------------------------------------------------------------------------- the trial


def two_months(broken: range) -> list[Point]:
    """A value every 10 minutes for eight weeks; in the hours of `broken` it is far off."""
    chance = random.Random(3)
    found = []
    for step in range(8 * 7 * 144):
        hour = step // 6
        value = 40.0 - 15.0 * math.sin(hour % 24 / 24 * math.tau) ** 2 + chance.gauss(0, 1)
        found.append((step * 600 * NS, value + 60.0 if hour in broken else value))
    return found


def test_a_labelled_fault_is_found_soon_and_an_ordinary_month_raises_nothing() -> None:
    broken = range(24 * 40 + 5, 24 * 40 + 12)
    window = (broken.start * 3_600 * NS, broken.stop * 3_600 * NS)
    found = trial(two_months(broken), [window])
    assert (found.right, found.false, found.found, found.windows) == (1, 0, 1, 1)
    assert found.delays_s[0] <= 3_600
    assert alarms(two_months(range(0))) == []


def test_an_alarm_outside_is_false_and_a_window_without_one_is_missed() -> None:
    found = trial(two_months(range(24 * 40 + 5, 24 * 40 + 12)), [(0, NS)])
    assert (found.right, found.false, found.found, found.windows) == (0, 1, 0, 1)
    assert found.precision == 0
    assert found.recall == 0
    assert found.false_a_week == pytest.approx(1 / (8 * 0.85), rel=0.01)


def test_trials_add_up() -> None:
    whole = Trial(1, 2, 1, 2, (60.0,), 3.0) + Trial(3, 2, 1, 1, (), 1.0)
    assert (whole.precision, whole.recall, whole.false_a_week) == (0.5, 2 / 3, 1.0)
    assert math.isnan(Trial().precision)


@pytest.mark.dataset
def test_the_figures_in_the_docs_are_those_of_the_labelled_files(capsys: pytest.CaptureFixture[str]) -> None:
    labels = dataset("traffic", "nab_labels.json")
    command.deviation(sorted(labels.parent.glob("nab_*.csv")), labels)
    page = (Path(__file__).parents[2] / "docs/explanation/deviation.md").read_text(encoding="utf-8")
    for line in capsys.readouterr().out.splitlines():
        assert line in page


def test_labels_may_be_named_as_nab_names_its_files(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text('{"realTraffic/speed_1.csv": [["1970-01-01 00:00:01.000000", "1970-01-01 00:00:02"]]}')
    assert labelled(path) == {"speed_1": [(NS, 2 * NS)]}
    path.write_text('{"speed_1": 3}')
    with pytest.raises(DataError, match="no labels; write a name with a list"):
        labelled(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n", "the first line must be"),
        ("timestamp,value\nx,1\n", ":2: not a time"),
        ("timestamp,value\n", "holds no"),
    ],
)
def test_a_file_that_is_no_course_is_said_so(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "course.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=words):
        course(path)
    with pytest.raises(CityopsError, match="No such file"):
        command.deviation([tmp_path / "none.csv"])


# ------------------------------------------------------------------------------------------ in a running city


def test_a_place_that_is_far_from_its_normal_fires_on_what_the_job_wrote(tmp_path: Path) -> None:
    """Five weeks of hourly roll-ups, what is normal written by the job, and the compiled rule over a real store."""
    now_s = 1_795_334_400 + 1_500
    with serve(tmp_path / "store.duckdb", "token", clock_ns=lambda: now_s * NS) as url:
        client = Client(url)
        chance = random.Random(5)
        past = "\n".join(_hourly(chance, now_s // 3_600 * 3_600 - 3_600 * back) for back in range(1, 24 * 35))
        assert client.write(past, bucket="city_rollup", precision="s").status == 204
        assert client.write(_now(now_s), bucket="city_live", precision="s").status == 204
        store = StoreOverHttp(Store(url, "cityops", "token"), tmp_path)
        job = Baselines(store, Catalogue(HANOI, (TRAFFIC,)))
        assert job.bring_up(now_s) == 4  # two places, this hour and the next
        assert job.bring_up(now_s + 60) == 0
        store.close()

        rule = compiled(UNUSUAL, TRAFFIC, HANOI)
        answers = {}
        for query in rule.data:
            if isinstance(query.parsed, InfluxQuery) and query.relativeTimeRange is not None:
                span = query.relativeTimeRange
                text = filled(query.parsed.query, now_s - span.from_, now_s - span.to)
                bucket = {"influx-live": "city_live", "influx-rollup": "city_rollup"}[query.datasourceUid]
                (result,) = client.query(text, db=bucket, epoch="s").json["results"]
                answers[query.refId] = tuple(
                    Points(labels_of(one["tags"]), tuple(row[1] for row in one["values"]))
                    for one in result.get("series", ())
                )
    state, _ = advance(rule, answers, {}, now_s * NS, 10)
    found = {dict(labels)["area"]: alert for labels, alert in state.items()}
    assert {area: alert.state for area, alert in found.items()} == {"00070": State.PENDING, "00004": State.NORMAL}
    assert found["00070"].values["M"] == pytest.approx(40, abs=3)
    assert found["00070"].values["B"] == pytest.approx(10)


PLACES = {"00070": "hoan-kiem", "00004": "ba-dinh"}


def _hourly(chance: random.Random, at_s: int) -> str:
    hour = f"{(at_s + AHEAD_S) % 86_400 // 3_600:02d}"
    return "\n".join(
        f"{of_day('traffic_flow')},area={area},hour={hour},zone={zone} "
        f"speed_wsum={100 * (40 + chance.gauss(0, 1))},speed_weight_sum=100.0 {at_s}"
        for area, zone in PLACES.items()
    )


def _now(now_s: int) -> str:
    lines = []
    for at_s in range(now_s - 3_000, now_s, 10):
        for area, zone in PLACES.items():
            speed = 10.0 if area == "00070" else 40.0
            flow = f"speed_wsum={10 * speed},speed_weight_sum=10.0"
            lines.append(f"traffic_flow,area={area},vehicle_type=car,zone={zone} {flow} {at_s // 10 * 10}")
            tags = f"area={area},domain=traffic,source=traffic/{area}/001,zone={zone}"
            lines.append(f"sources,{tags} silent=0.0,frozen=0.0,state=0i {at_s // 10 * 10}")
    return "\n".join(lines)
