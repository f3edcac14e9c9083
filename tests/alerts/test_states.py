"""The life of an alert, as Grafana documents it: a line for each way from one state to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.instant import NS
from city.rules import Failure, Points, State, advance, labels_of
from city.rules.file import EXPRESSION, Query, Rule

if TYPE_CHECKING:
    from city.rules import Answer, RuleState

EVERY_S = 10
AREA = labels_of({"area": "00070"})
OTHER = labels_of({"area": "00004"})
NO_DATA = labels_of({"alertname": "DatasourceNoData"})


def rule(**settings: str | int) -> Rule:
    """Fires above 10, for 20 s, keeps on for 20 s, recovers below 5."""
    expr = {"type": EXPRESSION, "uid": EXPRESSION}
    condition = {
        "evaluator": {"type": "gt", "params": [10.0]},
        "unloadEvaluator": {"type": "lt", "params": [5.0]},
    }
    models: list[dict[str, Any]] = [
        {
            "refId": "A",
            "query": "SELECT 1",
            "rawQuery": True,
            "resultFormat": "time_series",
            "datasource": {"type": "influxdb", "uid": "influx-live"},
        },
        {
            "refId": "B",
            "type": "reduce",
            "expression": "A",
            "reducer": "last",
            "settings": {"mode": "dropNN"},
            "datasource": expr,
        },
        {"refId": "C", "type": "threshold", "expression": "B", "conditions": [condition], "datasource": expr},
    ]
    made = Rule(
        uid="r",
        title="R",
        condition="C",
        for_="20s",
        keepFiringFor="20s",
        missing_series_evals_to_resolve=2,
        noDataState="NoData",
        execErrState="Alerting",
        labels={},
        annotations={},
        data=tuple(
            Query(
                refId=model["refId"],
                datasourceUid="influx-live" if model["refId"] == "A" else EXPRESSION,
                model=model,
            )
            for model in models
        ),
    )
    return msgspec.structs.replace(made, **settings)


def life(of: Rule, *values: float | str | None) -> list[dict[str, str]]:
    """Evaluate every 10 s with a value of one area, `-` no such series, `x` a failing query, None a null."""
    state: RuleState = {}
    seen = []
    for number, value in enumerate(values):
        answer: Answer
        if value == "x":
            answer = Failure("A", "away")
        elif value == "-":
            answer = ()
        elif value == "other":
            answer = (Points(OTHER, (0.0,)),)
        else:
            assert not isinstance(value, str)
            answer = (Points(AREA, (value,)),)
        state, _ = advance(of, {"A": answer}, state, number * EVERY_S * NS, EVERY_S)
        seen.append(
            {
                dict(labels).get("area") or dict(labels).get("alertname", ""): alert.state.value
                for labels, alert in state.items()
            }
        )
    return seen


def states(of: Rule, *values: float | str | None) -> str:
    """The states of the one alert, by their first letters: n p a r d e, `.` for none."""
    letters = {"NoData": "d"}
    found = life(of, *values)
    return "".join(
        "+".join(sorted(letters.get(state, state[0].lower()) for state in alerts.values())) or "." for alerts in found
    )


@pytest.mark.parametrize(
    ("why", "settings", "values", "expected"),
    [
        ("below the threshold nothing happens", {}, [1, 10, 9], "nnn"),
        ("it fires once it has held for 20 s", {}, [11, 11, 11, 11], "ppaa"),
        ("without dwell it fires at once", {"for_": "0s"}, [11], "a"),
        ("a dip ends the waiting", {}, [11, 11, 1, 11, 11, 11], "ppnppa"),
        ("while pending the recovery threshold holds already", {}, [11, 7, 7], "ppa"),
        ("in between it goes on firing", {}, [11, 11, 11, 7, 7], "ppaaa"),
        ("in between it does not begin", {}, [7, 7, 7], "nnn"),
        ("it keeps on for 20 s after it ended", {}, [11, 11, 11, 1, 1, 1, 1], "pparrnn"),
        ("what comes back while recovering fires at once", {}, [11, 11, 11, 1, 11], "ppara"),
        ("recovering, only the threshold itself brings it back", {}, [11, 11, 11, 1, 7], "pparr"),
        ("without keeping on it ends at once", {"keepFiringFor": "0s"}, [11, 11, 11, 1], "ppan"),
        ("a null is no data for its own series", {}, [11, None, None], "pdd"),
        ("and may count as alerting", {"noDataState": "Alerting"}, [None, None, None], "ppa"),
        ("or keep what was", {"noDataState": "KeepLast"}, [11, 11, 11, None, None], "ppaaa"),
        ("normal is kept as normal", {"noDataState": "KeepLast"}, [1, None, None], "nnn"),
        ("a pending one goes on waiting", {"noDataState": "KeepLast"}, [11, None, None, None], "ppaa"),
        (
            "nothing at all may count as alerting, for all there is",
            {"noDataState": "Alerting"},
            [1, "-", "-", "-"],
            "nppa",
        ),
        ("or keep all there is", {"noDataState": "KeepLast"}, [11, 11, 11, "-", "-", "-", "-"], "ppaaaaa"),
        ("an error may count as alerting", {}, [1, "x", "x", "x"], "nppa"),
        ("an error before anything was seen, too", {}, ["x", "x", "x"], "ppa"),
        ("what only an error made fire does not go on by the recovery threshold", {}, [1, "x", "x", "x", 7], "nppar"),
        ("nor does what only an error made wait", {}, [1, "x", 7, 7], "npnn"),
        ("an error may keep what was", {"execErrState": "KeepLast"}, [11, 11, 11, "x", "x"], "ppaaa"),
        (
            "an error that counted as alerting ends with its cause",
            {},
            ["x", "x", "x", 1, 1, 1, 1],
            "ppaa+nnnn",
        ),
    ],
)
def test_the_life_of_an_alert(
    why: str, settings: dict[str, str], values: list[float | str | None], expected: str
) -> None:
    assert states(rule(**settings), *values) == expected, why


def test_no_data_at_all_is_an_alert_of_its_own_and_the_others_go_missing() -> None:
    assert life(rule(), 1, "-", "-", "-", 1, 1) == [
        {"00070": "Normal"},
        {"DatasourceNoData": "NoData", "00070": "Normal"},
        {"DatasourceNoData": "NoData"},
        {"DatasourceNoData": "NoData"},
        {"00070": "Normal"},
        {"00070": "Normal"},
    ]


def test_an_alert_without_data_knows_since_when() -> None:
    state: RuleState = {}
    for number in range(4):
        state, changes = advance(rule(), {"A": ()}, state, number * EVERY_S * NS, EVERY_S)
        assert len(changes) == (1 if number == 0 else 0)
    assert (state[NO_DATA].since_ns, state[NO_DATA].seen_ns) == (0, 30 * NS)


def test_an_error_may_be_an_alert_of_its_own() -> None:
    assert life(rule(execErrState="Error"), 1, "x", "x", 1) == [
        {"00070": "Normal"},
        {"DatasourceError": "Error", "00070": "Normal"},
        {"DatasourceError": "Error"},
        {"00070": "Normal"},
    ]


def test_a_series_that_is_gone_is_waited_for_and_then_ends_as_missing() -> None:
    firing = life(rule(), 11, 11, 11, "other", "other")
    assert firing[3] == {"00004": "Normal", "00070": "Alerting"}
    assert firing[4] == {"00004": "Normal"}


@pytest.mark.parametrize("rounds", [1, 2, 5])
def test_how_long_it_is_waited_for_is_the_rules_own(rounds: int) -> None:
    patient = life(rule(missing_series_evals_to_resolve=rounds), 11, 11, 11, *["other"] * (rounds + 1))
    assert ["00070" in alerts for alerts in patient[3:]] == [True] * (rounds - 1) + [False] * 2


def test_a_missing_series_is_told_as_a_change_with_its_reason() -> None:
    of = rule(for_="0s")
    state, _ = advance(of, {"A": (Points(AREA, (11.0,)),)}, {}, 0, EVERY_S)
    answers = {"A": (Points(OTHER, (0.0,)),)}
    state, changes = advance(of, answers, state, 10 * NS, EVERY_S)
    assert [change.labels for change in changes] == [OTHER]
    state, changes = advance(of, answers, state, 20 * NS, EVERY_S)
    (gone,) = changes
    assert (gone.labels, gone.before, gone.alert.state, gone.alert.reason) == (
        AREA,
        State.ALERTING,
        State.NORMAL,
        "MissingSeries",
    )
    assert AREA not in state


def test_each_alert_keeps_the_figures_it_follows_from() -> None:
    state, _ = advance(rule(), {"A": (Points(AREA, (None, 9.0, 11.0)),)}, {}, 0, EVERY_S)
    assert state[AREA].values == {"B": 11.0, "C": 1.0}


def test_points_that_are_no_numbers_do_not_count() -> None:
    values = (11.0, float("nan"), float("inf"), None)
    state, _ = advance(rule(), {"A": (Points(AREA, values),)}, {}, 0, EVERY_S)
    assert state[AREA].values["B"] == 11.0


def test_areas_live_apart() -> None:
    answers = {"A": (Points(AREA, (11.0,)), Points(OTHER, (1.0,)))}
    state: RuleState = {}
    for number in range(4):
        state, _ = advance(rule(), answers, state, number * EVERY_S * NS, EVERY_S)
    assert {labels: alert.state for labels, alert in state.items()} == {AREA: State.ALERTING, OTHER: State.NORMAL}


LEVELS = st.lists(st.sampled_from([1.0, 7.0, 11.0]), min_size=1, max_size=30)


@given(LEVELS)
def test_nothing_fires_that_has_not_held_for_its_dwell(values: list[float]) -> None:
    """Reference: fires at i when, from some j with 11 at j, no 1 came until i and i − j spans the dwell."""
    for index, alerts in enumerate(life(rule(keepFiringFor="0s"), *values)):
        quiet = [number for number in range(index + 1) if values[number] == 1.0]
        since = [number for number in range(quiet[-1] + 1 if quiet else 0, index + 1) if values[number] == 11.0]
        holds = bool(since) and index - since[0] >= 2
        assert (alerts["00070"] == "Alerting") == holds


@given(LEVELS)
def test_evaluating_changes_nothing_it_was_given(values: list[float]) -> None:
    state: RuleState = {}
    for number, value in enumerate(values):
        before = dict(state)
        after, _ = advance(rule(), {"A": (Points(AREA, (value,)),)}, state, number * EVERY_S * NS, EVERY_S)
        assert state == before
        state = after
