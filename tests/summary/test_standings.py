"""How places stand follows from values, bands and freshness; what cannot be seen is never good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from city.bands import Band, Standing
from city.instant import NS
from city.standing import State, change_percent, state_of
from summary.job import Job, next_round_s
from summary.standings import Finding, findings, lines
from summary.store import LIVE, ROLLUP
from tests.summary.conftest import NOW_NS
from tests.summary.day import CITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from summary.store import Port, Row

NOW_S = NOW_NS // NS
BANDS = (Band(None, Standing.ALARM), Band(12, Standing.ATTENTION), Band(20, Standing.GOOD))


@pytest.mark.parametrize(
    ("value", "fresh", "state"),
    [
        (5.0, 1.0, State.ALARM),
        (12.0, 1.0, State.ATTENTION),
        (25.0, 0.5, State.GOOD),
        (25.0, 0.4, State.BLIND),
        (None, 0.0, State.BLIND),
        (None, 1.0, None),
    ],
)
def test_a_state_is_the_values_band_while_its_sources_speak(
    value: float | None, fresh: float, state: State | None
) -> None:
    assert state_of(value, fresh, BANDS) is state


def test_what_cannot_be_seen_is_worse_than_off_target_and_no_better_than_an_alarm() -> None:
    assert sorted(State, reverse=True) == [State.ALARM, State.BLIND, State.ATTENTION, State.GOOD]


@pytest.mark.parametrize(
    ("value", "week", "change"), [(30.0, 20.0, 50.0), (-1.0, -2.0, 50.0), (3.0, 0.0, None), (None, 2.0, None)]
)
def test_change_is_in_percent_of_last_week(value: float | None, week: float | None, change: float | None) -> None:
    assert change_percent(value, week) == change


def speak(store: Port, area: str, zone: str, *, speed: float, silent: bool = False) -> None:
    """A sensor, its last five minutes, and a week ago 20 km/h."""
    tags = f"area={area},zone={zone}"
    source = f"sources,{tags},domain=traffic,observation=flow,source=traffic/{area}/001"
    store.write(LIVE, [f"{source} silent={float(silent)},state={3 if silent else 0}i {NOW_S - 10}"])
    moving = f"{tags},vehicle_type=car count=1i,speed_count=1i,speed_weight_sum=2.0"
    store.write(LIVE, [f"traffic_flow,{moving},speed_wsum={2 * speed} {NOW_S - 120}"])
    store.write(ROLLUP, [f"traffic_flow_15m_week,{moving},speed_wsum=40.0 {NOW_S // 900 * 900}"])


def of_speed(store: Port) -> dict[str, Finding]:
    return {one.place[0]: one for one in findings(store, CITY) if one.kpi == "traffic_mean_speed"}


def test_every_known_place_is_found_with_its_value_its_week_and_its_state(store: Port) -> None:
    speak(store, "00004", "ba-dinh", speed=30.0)
    speak(store, "00070", "hoan-kiem", speed=5.0)
    speak(store, "00082", "hoan-kiem", speed=30.0, silent=True)
    found = of_speed(store)
    assert {area: one.state for area, one in found.items()} == {
        "00004": State.GOOD,
        "00070": State.ALARM,
        "00082": State.BLIND,
    }
    assert (found["00070"].value, found["00070"].week) == (5.0, 20.0)


def test_a_place_is_written_with_its_worst_state_and_where_it_lies(store: Port) -> None:
    speak(store, "00070", "hoan-kiem", speed=5.0)
    assert Job(store, CITY).round(NOW_S)
    (place,) = store.rows(LIVE, 'SELECT * FROM "places" GROUP BY "area", "zone"')
    assert place.tags == {"area": "00070", "zone": "hoan-kiem"}
    assert place.time == NOW_S // 60 * 60 * NS
    assert (place.values["state"], place.values["alarm"], place.values["good"]) == (3, 1.0, 0.0)
    assert place.values["latitude"] == CITY.city.units["00070"].latitude
    query = "SELECT * FROM \"standings\" WHERE kpi = 'traffic_mean_speed'"
    (standing,) = store.rows(LIVE, query)
    assert (standing.values["change"], standing.values["unusual"]) == (-75.0, 75.0)


def test_a_blind_place_differs_from_nothing() -> None:
    blind = Finding("traffic", "traffic_mean_speed", ("00004", "ba-dinh"), State.BLIND, 3.0, 20.0)
    standing, place = lines([blind], CITY.city, NOW_S)
    assert "unusual" not in standing
    assert "blind=1.0" in place


class Counts:
    """A store that counts what it is asked of settled points, and fails when told to."""

    def __init__(self, store: Port) -> None:
        self._store = store
        self.asked: list[str] = []
        self.away = False

    def rows(self, bucket: str, query: str) -> Iterator[Row]:
        self.asked.append(query)
        if self.away:
            from city.errors import UnreachableError  # noqa: PLC0415 - only here

            raise UnreachableError("no answer")
        return self._store.rows(bucket, query)

    def write(self, bucket: str, lines: Sequence[str]) -> None:
        self._store.write(bucket, lines)


def test_a_process_first_looks_at_everything_then_mostly_at_the_last_hour(store: Port) -> None:
    store.write("city", [f"traffic_flow,area=00004,vehicle_type=car,zone=ba-dinh count=1i,final=1i {NOW_S - 7_200}"])
    counting = Counts(store)
    job = Job(counting, CITY)

    def looks_at_all(at_s: int) -> bool:
        counting.asked.clear()
        assert job.round(at_s)
        return any("first(" in query and "traffic_flow" in query for query in counting.asked)

    assert [looks_at_all(NOW_S + after) for after in (0, 17, 77, 21_600)] == [True, False, False, True]


def test_a_store_that_is_away_ends_nothing_and_what_was_due_stays_due(store: Port) -> None:
    counting = Counts(store)
    job = Job(counting, CITY)
    counting.away = True
    assert not job.round(NOW_S)
    counting.away = False
    counting.asked.clear()
    assert job.round(NOW_S + 60)
    assert any("last(" in query for query in counting.asked)


@pytest.mark.parametrize(("now_s", "wait_s"), [(60.0, 5.0), (65.0, 60.0), (64.5, 0.5), (119.0, 6.0)])
def test_a_round_begins_five_seconds_after_the_minute(now_s: float, wait_s: float) -> None:
    assert next_round_s(now_s) == pytest.approx(wait_s)
