"""Roll-ups are the truth's points added up, whatever stops the job and whenever points settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from city.errors import UnreachableError
from city.instant import NS
from city.rollup import DAY, HOUR, floor, hour_of_day
from stream_app.truth import Key
from summary.rollup import RollUps, steps_of
from summary.store import ROLLUP, SETTLED
from tests.summary.day import AHEAD_S, CITY, MIDNIGHT_S, TRAFFIC, Points, added_up, as_lines, truth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from summary.store import Port, Row


def settle(store: Port, points: Points) -> None:
    store.write(SETTLED, as_lines(points).splitlines())


def bring_up(store: Port, look_back_s: int | None = None) -> int:
    roll_ups = RollUps(store, CITY.city)
    return sum(roll_ups.bring_up(series, look_back_s) for series in TRAFFIC.series)


def rolled(store: Port) -> Points:
    """All that the roll-up bucket holds."""
    steps = [step for series in TRAFFIC.series for step in steps_of(series)]
    names = {name for step in steps for name in (step.target, step.week_later) if name}
    return {
        Key(name, tuple(sorted(row.tags.items())), row.time): {
            field: round(value, 6) for field, value in row.values.items()
        }
        for name in names
        for row in store.rows(ROLLUP, f'SELECT * FROM "{name}" GROUP BY *')  # noqa: S608 - names of our own
    }


class FailsAfter:
    """A store that stops answering after some writes."""

    def __init__(self, store: Port, writes: int) -> None:
        self._store = store
        self._left = writes

    def rows(self, bucket: str, query: str) -> Iterator[Row]:
        return self._store.rows(bucket, query)

    def write(self, bucket: str, lines: Sequence[str]) -> None:
        if not self._left:
            raise UnreachableError("gone")
        self._left -= 1
        self._store.write(bucket, lines)


class ShowsHalf:
    """A store that shows the points of one look without some of their fields, as InfluxDB does while it writes them."""

    def __init__(self, store: Port) -> None:
        self._store = store
        self.halves = 0

    def rows(self, bucket: str, query: str) -> Iterator[Row]:
        half = bucket == SETTLED and "speed_sum" in query and not self.halves
        for row in self._store.rows(bucket, query):
            if half:
                self.halves += 1
                del row.values["speed_sum"]
            yield row

    def write(self, bucket: str, lines: Sequence[str]) -> None:
        self._store.write(bucket, lines)


def test_roll_ups_are_the_truths_points_added_up_on_both_sides_of_midnight(store: Port) -> None:
    points = truth(MIDNIGHT_S - 1_800, MIDNIGHT_S + 1_800).points
    settle(store, points)
    bring_up(store)
    assert rolled(store) == added_up(points)
    days = {row.time // NS for row in store.rows(ROLLUP, 'SELECT "count" FROM "traffic_flow_1d"')}
    assert days == {MIDNIGHT_S - 86_400, MIDNIGHT_S}


@pytest.mark.live
def test_a_real_influxdb_is_rolled_up_alike(influxdb: Port) -> None:
    points = truth(MIDNIGHT_S - 900, MIDNIGHT_S + 900).points
    settle(influxdb, points)
    assert bring_up(influxdb) > 0
    assert rolled(influxdb) == added_up(points)
    assert bring_up(influxdb) == 0


def test_doing_it_again_changes_nothing_and_costs_nothing(store: Port) -> None:
    settle(store, truth(MIDNIGHT_S, MIDNIGHT_S + 600).points)
    assert bring_up(store) > 0
    before = rolled(store)
    assert bring_up(store) == 0
    assert rolled(store) == before


def test_a_day_is_computed_anew_while_late_points_settle(store: Port) -> None:
    """As when a worker was away over midnight and one partition catches up after the others."""
    points = truth(MIDNIGHT_S - 1_200, MIDNIGHT_S + 1_200).points
    first = {key: fields for key, fields in points.items() if dict(key.tags)["area"] != "00070"}
    settle(store, first)
    bring_up(store)
    assert rolled(store) == added_up(first)
    settle(store, {key: fields for key, fields in points.items() if key not in first})
    bring_up(store, 3_600)
    assert rolled(store) == added_up(points)


@pytest.mark.parametrize("writes", [0, 1, 4, 9])
def test_a_job_that_stops_anywhere_goes_on_where_it_was(store: Port, writes: int) -> None:
    points = truth(MIDNIGHT_S - 600, MIDNIGHT_S + 600).points
    settle(store, points)
    with pytest.raises(UnreachableError):
        bring_up(FailsAfter(store, writes))
    bring_up(store)
    assert rolled(store) == added_up(points)


@pytest.mark.parametrize("begun_anew", [False, True])
def test_what_was_seen_half_is_whole_after_the_next_look(store: Port, *, begun_anew: bool) -> None:
    points = truth(MIDNIGHT_S, MIDNIGHT_S + 300).points
    settle(store, points)
    torn = ShowsHalf(store)
    first = RollUps(torn, CITY.city)
    for series in TRAFFIC.series:
        first.bring_up(series)
    assert torn.halves
    assert rolled(store) != added_up(points)
    second = RollUps(store, CITY.city) if begun_anew else first
    assert [second.bring_up(series) for series in TRAFFIC.series] == [0 for _ in TRAFFIC.series]
    assert rolled(store) == added_up(points)


def test_it_catches_up_after_a_stop_of_any_length(store: Port) -> None:
    settle(store, truth(MIDNIGHT_S, MIDNIGHT_S + 300).points)
    bring_up(store)
    late = truth(MIDNIGHT_S, MIDNIGHT_S + 300).points | truth(MIDNIGHT_S + 50_000, MIDNIGHT_S + 50_300).points
    settle(store, late)
    bring_up(store, 3_600)
    bring_up(store)  # the first look of a process is at everything
    assert rolled(store) == added_up(late)


def test_what_outlived_its_source_is_left_as_it_is(store: Port) -> None:
    """`city` keeps 90 days, `city_rollup` two years."""
    points = truth(MIDNIGHT_S, MIDNIGHT_S + 300).points
    settle(store, points)
    bring_up(store)
    store.write(ROLLUP, [f"traffic_flow_1m,area=00004,vehicle_type=bus,zone=ba-dinh count=500i {MIDNIGHT_S}"])
    bring_up(store)
    busiest = 'SELECT max("count") AS "count" FROM "traffic_flow_1m" WHERE vehicle_type = \'bus\''
    assert [row.values["count"] for row in store.rows(ROLLUP, busiest)] == [500]


def test_days_and_hours_are_the_citys() -> None:
    before, after = (MIDNIGHT_S - 1) * NS, MIDNIGHT_S * NS
    assert floor(before, DAY, AHEAD_S) == (MIDNIGHT_S - 86_400) * NS
    assert floor(after, DAY, AHEAD_S) == after
    assert floor(before, HOUR, AHEAD_S) == (MIDNIGHT_S - 3_600) * NS
    assert (hour_of_day(before, AHEAD_S), hour_of_day(after, AHEAD_S)) == ("23", "00")
