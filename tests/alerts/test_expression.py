"""Math expressions as Grafana computes them, and joining by labels."""

from __future__ import annotations

import math

import pytest

from city.errors import DataError
from city.rules import Points, labels_of
from city.rules.evaluation import NoData, evaluate
from city.rules.expression import compute, parse, variables
from city.rules.file import EXPRESSION, Query, Rule, duration, seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("8 - 3 - 2", 3),
        ("8 / 4 / 2", 1),
        ("-2 + 5", 3),
        ("2 - -3", 5),
        ("1 < 2", 1),
        ("2 <= 1", 0),
        ("1 + 1 == 2", 1),
        ("1 != 1 || 3 > 2", 1),
        ("1 && 0 || 1", 1),
        ("1 || 0 && 0", 1),
        ("!0", 1),
        ("!(2 > 1)", 0),
        ("$B + 1000 * ($G < 0.5)", 8),
        ("${B} * 2", 16),
        ("7 / 0", math.inf),
        ("-7 / 0", -math.inf),
    ],
)
def test_values(text: str, value: float) -> None:
    assert compute(parse(text), {"B": 8.0, "G": 0.5}) == value


@pytest.mark.parametrize("text", ["0 / 0", "$N + 1", "$N < 1", "-$N", "!$N", "1 / $N"])
def test_what_is_no_number_stays_none(text: str) -> None:
    value = compute(parse(text), {"N": math.nan})
    assert value is not None
    assert math.isnan(value)


def test_what_is_missing_makes_the_whole_missing() -> None:
    assert compute(parse("$A + 1 * (2 - -$A)"), {"A": None}) is None


@pytest.mark.parametrize("text", ["", "1 +", "(1", "1)", "1 2", "$", "a", "1 ** 2", "* 2", "1 = 2"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="no math expression"):
        parse(text)


def test_the_steps_it_reads() -> None:
    assert variables(parse("$B + 2 * (${G} < $B) - !$X")) == {"B", "G", "X"}


HANOI = labels_of({})
ONE = labels_of({"area": "1"})
TWO = labels_of({"area": "2"})
ONE_CAR = labels_of({"area": "1", "vehicle": "car"})


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [
        ({ONE: 1.0, TWO: 2.0}, {ONE: 10.0, TWO: 20.0}, {ONE: 11.0, TWO: 22.0}),
        ({ONE: 1.0}, {ONE: 10.0, TWO: 20.0}, {ONE: 11.0}),
        ({ONE: 1.0, TWO: 2.0}, {HANOI: 10.0}, {ONE: 11.0, TWO: 12.0}),
        ({ONE_CAR: 1.0}, {ONE: 10.0, TWO: 20.0}, {ONE_CAR: 11.0}),
        ({ONE: 1.0, TWO: None}, {ONE: 10.0, TWO: 20.0}, {ONE: 11.0, TWO: None}),
        ({ONE: 1.0, ONE_CAR: 2.0}, {ONE: 10.0, ONE_CAR: 20.0}, {ONE: 11.0, ONE_CAR: 22.0}),
        ({ONE: 1.0}, {}, {}),
    ],
)
def test_numbers_join_where_their_labels_agree(
    left: dict[tuple[tuple[str, str], ...], float | None],
    right: dict[tuple[tuple[str, str], ...], float | None],
    joined: dict[tuple[tuple[str, str], ...], float | None],
) -> None:
    answers = {
        ref: tuple(Points(labels, (value,)) for labels, value in numbers.items())
        for ref, numbers in (("A", left), ("F", right))
    }
    found = evaluate(_sum_rule(), answers, frozenset())
    if not joined:
        assert found == NoData()
    else:
        assert isinstance(found, tuple)
        assert {verdict.labels: verdict.values["D"] for verdict in found} == joined
        assert {verdict.labels for verdict in found if verdict.result == "no_data"} == {
            labels for labels, value in joined.items() if value is None
        }


def _sum_rule() -> Rule:
    expr = {"type": EXPRESSION, "uid": EXPRESSION}
    influx = {"type": "influxdb", "uid": "u"}

    def question(ref: str) -> Query:
        model = {
            "refId": ref,
            "query": "q",
            "rawQuery": True,
            "resultFormat": "time_series",
            "datasource": influx,
        }
        return Query(refId=ref, datasourceUid="u", model=model)

    def step(ref: str, kind: str, source: str, **more: object) -> Query:
        model = {"refId": ref, "type": kind, "expression": source, "datasource": expr, **more}
        return Query(refId=ref, datasourceUid=EXPRESSION, model=model)

    settings = {"mode": "dropNN"}
    condition = {"evaluator": {"type": "gt", "params": [0.0]}}
    return Rule(
        uid="r",
        title="R",
        condition="C",
        for_="0s",
        keepFiringFor="0s",
        missing_series_evals_to_resolve=2,
        noDataState="NoData",
        execErrState="Error",
        labels={},
        annotations={},
        data=(
            question("A"),
            question("F"),
            step("B", "reduce", "A", reducer="last", settings=settings),
            step("G", "reduce", "F", reducer="last", settings=settings),
            step("D", "math", "$B + $G"),
            step("C", "threshold", "D", conditions=[condition]),
        ),
    )


@pytest.mark.parametrize(("text", "count"), [("0s", 0), ("90s", 90), ("2m", 120), ("1h30m", 5_400), ("1d", 86_400)])
def test_durations_are_read(text: str, count: int) -> None:
    assert seconds(text) == count
    assert seconds(duration(count)) == count


@pytest.mark.parametrize("text", ["", "5", "m", "1.5m", "-1s", "1w2"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        seconds(text)
