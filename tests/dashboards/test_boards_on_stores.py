"""Every question of boards and rules, asked of stores that hold what the simulators play, rolled up by the job."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from city.bands import bands
from city.boards import layouts
from city.instant import NS
from city.quantile import quantile_fields
from dashboards.field_lint import answered_columns
from dashboards.names import DATA_SOURCES, panel_id
from embedded.store import serve
from infra.native.influxdb import InfluxDB
from runtime.connect import Store
from summary.baselines import Baselines
from summary.rollup import RollUps
from summary.standings import findings, lines
from summary.store import LIVE, ROLLUP, SETTLED, StoreOverHttp
from tests.dashboards.asking import Question, close, questions, series
from tests.dashboards.city import filled
from tests.dashboards.plainly import Point, asked, every_point
from tests.dashboards.sensible import bounds_of, sensible
from tests.dashboards.simulated import PLAYED_S, operational, settled
from tests.servers import needs
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from city.catalogue import Catalogue
    from city.layout import Panel

pytestmark = pytest.mark.timeout(900)  # a day of the whole city is played into two stores before the first test

LONG_S: Final = 8 * 86_400
"""What boards of longer ranges are asked over: the hour a week ago lies in it."""


@pytest.fixture(scope="module")
def played(packs: Catalogue) -> tuple[int, list[str], list[str]]:
    """A moment, the settled points up to it, and what is told of sources and stream."""
    now_s = int(time.time())
    return now_s, settled(packs, now_s), list(operational(packs, now_s))


@pytest.fixture(scope="module")
def embedded(
    tmp_path_factory: pytest.TempPathFactory, packs: Catalogue, played: tuple[int, list[str], list[str]]
) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("played")
    with serve(folder / "store.duckdb", "token", clock_ns=lambda: played[0] * NS) as url:
        client = Client(url)
        fill(Store(url, "cityops", "token"), folder, packs, played)
        judge(client, Store(url, "cityops", "token"), folder, packs, played[0])
        yield client


@pytest.fixture(scope="module")
def influxdb(
    tmp_path_factory: pytest.TempPathFactory,
    packs: Catalogue,
    played: tuple[int, list[str], list[str]],
    embedded: Client,
) -> Iterator[Client]:
    needs(InfluxDB)
    folder = tmp_path_factory.mktemp("played-influxdb")
    with InfluxDB(folder) as server:
        client = Client(server.url, server.token)
        fill(Store(server.url, server.org, server.token), folder, packs, played)
        judge(client, Store(embedded.url, "cityops", "token"), folder, packs, played[0])
        yield client


def fill(where: Store, folder: Path, packs: Catalogue, played: tuple[int, list[str], list[str]]) -> None:
    """What a worker and the job would have written."""
    now_s, points, told = played
    store = StoreOverHttp(where, folder / "refused")
    store.write(SETTLED, points)
    oldest = now_s - PLAYED_S
    store.write(LIVE, [*told, *(line for line in points if int(line.rpartition(" ")[2]) >= oldest)])
    roll_ups = RollUps(store, packs.city)
    for one in packs.series.values():
        roll_ups.bring_up(one)
    Baselines(store, packs).bring_up(now_s)
    store.close()


def judge(into: Client, seen: Store, folder: Path, packs: Catalogue, now_s: int) -> None:
    """How places stand, as one store shows it: another's clock has gone on, and it would judge of a later moment."""
    store = StoreOverHttp(seen, folder / "refused")
    text = "\n".join(lines(list(findings(store, packs)), packs.city, now_s))
    store.close()
    assert into.write(text, bucket=LIVE, precision="s").status == 204


def answer(store: Client, one: Question, now_s: int) -> list[dict[str, Any]]:
    """The answer at `now_s`, whatever the store's own clock says meanwhile."""
    return series(store, sent(one, now_s), one.bucket)


def sent(one: Question, now_s: int) -> str:
    """The question as a store gets it."""
    span_s, interval_s = (LONG_S, 3_600) if one.bucket == ROLLUP else (PLAYED_S, 600)
    return filled(one.query, now_s - span_s, now_s, interval_s).replace("now()", f"{now_s}s")


@pytest.fixture(scope="module")
def answers(
    embedded: Client, built: dict[str, str], played: tuple[int, list[str], list[str]]
) -> dict[Question, list[dict[str, Any]]]:
    """What the embedded store says to each question."""
    return {one: answer(embedded, one, played[0]) for one in questions(built)}


def test_a_question_finds_something_just_where_there_is_something_to_find(
    answers: dict[Question, list[dict[str, Any]]], embedded: Client, played: tuple[int, list[str], list[str]]
) -> None:
    assert len(answers) > 300
    points: dict[tuple[str, str], list[Point]] = {}
    wrong, empty = [], 0
    for one, found in answers.items():
        something = any(value is not None for line in found for row in line["values"] for value in row[1:])
        empty += not something
        query = sent(one, played[0])
        if query.startswith("SHOW"):
            assert something, one.name
            continue
        plain = asked(query)
        where = (plain.measurement, one.bucket)
        if where not in points:
            points[where] = every_point(embedded, *where)
        if plain.finds(points[where]) != something:
            wrong.append(one.name)
    assert wrong == []
    assert empty < len(answers) / 3


def test_figures_are_such_as_their_units_allow(
    answers: dict[Question, list[dict[str, Any]]], built: dict[str, str], packs: Catalogue
) -> None:
    said = {(one.bucket, one.query): found for one, found in answers.items()}
    seen, wrong = 0, []
    for layout in layouts(packs):
        board = json.loads(built[f"boards/vi/{layout.name}.json"])
        drawn = {panel["id"]: panel for panel in board["panels"]}
        for panel in layout.panels:
            targets = drawn[panel_id(panel.name)].get("targets", ())
            asked_for = [one for one in targets if one["datasource"]["uid"] in DATA_SOURCES]
            for target in asked_for:
                bucket = DATA_SOURCES[target["datasource"]["uid"]]
                for name, value in figures(said[bucket, target["query"]]):
                    if bounds := bounds_in(panel, name):
                        seen += 1
                        if not sensible(value, bounds):
                            wrong.append((layout.name, panel.name, name, value, bounds))
    assert seen > 5_000
    assert wrong == []


def figures(found: list[dict[str, Any]]) -> Iterator[tuple[str, float]]:
    """Every value of an answer with the name of its column."""
    for line in found:
        for row in line["values"]:
            for name, value in zip(line["columns"][1:], row[1:], strict=True):
                if value is not None:
                    yield name, value


def bounds_in(panel: Panel, column: str) -> tuple[float, float] | None:
    """Between what a column's figures lie: a KPI by its unit, a quantile by its measure's; None for anything else."""
    if panel.kind == "quantiles" and panel.measure and column in quantile_fields(panel.measure):
        return bounds_of(panel.measure.unit)
    for kpi in panel.kpis:
        if column in {kpi.name, f"{kpi.name}_standing"} or (column == "value" and len(panel.kpis) == 1):
            return bounds_of(kpi.unit, kpi)
    return None


def test_thresholds_and_targets_are_such_as_their_units_allow(packs: Catalogue) -> None:
    for domain in packs.domains:
        for kpi in domain.kpis:
            known = bands(kpi, domain.rules)
            marks = [band.start for band in known if band.start is not None]
            marks += [kpi.target.value] if kpi.target else []
            low, high = bounds_of(kpi.unit, kpi)
            # Half a displayed step beyond is the bound itself, as it is shown.
            half_step = 0.5 * 10**-kpi.decimals
            assert all(low - half_step <= mark <= high + half_step for mark in marks), (kpi.name, marks)


def test_columns_are_right_for_the_panel_and_values_can_be(answers: dict[Question, list[dict[str, Any]]]) -> None:
    for one, found in answers.items():
        for rows in (line["values"] for line in found):
            if one.panel in {"timeseries", "heatmap"}:
                assert [row[0] for row in rows] == sorted({row[0] for row in rows}), one
            elif one.panel:
                assert len(rows) == 1, one


def test_columns_are_called_as_the_linter_reads_them_out_of_the_questions(
    answers: dict[Question, list[dict[str, Any]]],
) -> None:
    """So the linter holds every override against what a store really answers; both stores answer the same."""
    seen = 0
    for one, found in answers.items():
        for line in found if one.panel else ():
            columns, tags = answered_columns(one.query)
            assert line["columns"] == ["time", *columns], one
            assert set(line.get("tags", ())) == set(tags), one
            seen += 1
    assert seen > 1_000


@pytest.mark.live
def test_the_embedded_store_answers_as_influxdb_does(
    answers: dict[Question, list[dict[str, Any]]], influxdb: Client, played: tuple[int, list[str], list[str]]
) -> None:
    for one, ours in answers.items():
        theirs = answer(influxdb, one, played[0])
        assert close(ours, theirs), (one, ours[:2], theirs[:2])
