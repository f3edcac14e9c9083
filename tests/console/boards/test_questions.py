"""What panels ask: complete questions, of the right range and database, and computed steps over their answers."""

from typing import Any

import pytest

from city.errors import DataError
from console.boards.document import DropNonNumbers as Drop
from console.boards.document import GridPos, Math, Panel, Reduce, Source
from console.boards.document import Question as Target
from console.boards.evaluation import evaluated
from console.boards.interpolate import ALL, Chosen
from console.boards.library import DataSource, Library
from console.boards.options import Text
from console.boards.questions import of_board, questions
from console.boards.span import RANGES, TimeRange

HOUR_MS = 3_600_000
NOW_MS = 1_795_347_600_000
SPAN = TimeRange("now-3h", "now", "Asia/Ho_Chi_Minh")
SOURCES = {"live": DataSource("city_live", "10s"), "rollup": DataSource("city_rollup", "10s")}


def target(ref: str, query: str = "x", *, source: str = "live", hide: bool = False) -> Target:
    return Target(
        ref_id=ref,
        datasource=Source(uid=source),
        query=query,
        result_format="time_series",
        raw_query=True,
        hide=hide,
        alias=ref,
    )


def reduce(ref: str, of: str, *, hide: bool = False) -> Reduce:
    return Reduce(ref_id=ref, expression=of, reducer="last", settings=Drop(mode="dropNN"), hide=hide)


def panel(*targets: Any, **more: Any) -> Panel:
    return Panel(1, "x", GridPos(0, 0, 12, 8), Text(mode="markdown", content=""), targets=targets, **more)


def asked(made: Panel, span: TimeRange = SPAN, chosen: dict[str, Chosen] | None = None) -> dict[str, str]:
    return {ref: one.at(NOW_MS) for ref, one in questions(made, SOURCES, chosen or {}, span).items()}


def test_macros_become_the_range_and_the_length_of_groups() -> None:
    text = "$timeFilter $__interval $__interval_ms ${__from} $__to"
    assert asked(panel(target("A", text)))["A"] == (
        f"time >= {NOW_MS - 3 * HOUR_MS}ms and time <= {NOW_MS}ms 20s 20000 {NOW_MS - 3 * HOUR_MS} {NOW_MS}"
    )


def test_a_panel_s_least_group_is_its_own_or_its_data_source_s() -> None:
    short = TimeRange("now-5m", "now", "UTC")
    assert asked(panel(target("A", "$__interval")), short) == {"A": "10s"}
    assert asked(panel(target("A", "$__interval"), interval="15m"), short) == {"A": "15m"}


@pytest.mark.parametrize("width", [4, 6, 8, 12, 24])
@pytest.mark.parametrize("begin", [one for one in RANGES if "/" not in one])
def test_time_groups_of_the_usual_ranges_hold_whole_windows(begin: str, width: int) -> None:
    made = Panel(
        1, "x", GridPos(0, 0, width, 8), Text(mode="markdown", content=""), targets=(target("A", "$__interval_ms"),)
    )
    assert int(asked(made, TimeRange(begin, "now", "UTC"))["A"]) % 10_000 == 0


def start(made: Panel, span: TimeRange) -> float:
    return (NOW_MS - int(asked(made, span)["A"])) / HOUR_MS


def test_a_panel_s_own_range_stands_for_a_relative_one_only() -> None:
    own = panel(target("A", "$__from"), time_from="28d")
    assert start(own, SPAN) == 28 * 24
    assert start(own, TimeRange(str(NOW_MS - HOUR_MS), str(NOW_MS), "UTC")) == 1


def test_a_panel_s_shift_moves_its_range_back() -> None:
    assert start(panel(target("A", "$__from"), time_shift="7d"), SPAN) == 7 * 24 + 3


def test_until_now_is_as_late_as_the_board_says(shelf: Library) -> None:
    board = shelf.boards["traffic-vi"]
    assert of_board(board, "now-3h", "now").end == "now-30s"
    assert of_board(board, "now-3h", "now-1h").end == "now-1h"


def test_hidden_questions_are_asked_where_something_is_computed_from_them() -> None:
    made = panel(target("A", hide=True), target("B", hide=True), target("C", source="rollup"), reduce("D", "A"))
    found = questions(made, SOURCES, {}, SPAN)
    assert {ref: one.database for ref, one in found.items()} == {"A": "city_live", "C": "city_rollup"}


def test_a_data_source_that_is_not_there_is_said() -> None:
    with pytest.raises(DataError, match="elsewhere"):
        questions(panel(target("A", source="elsewhere")), SOURCES, {}, SPAN)


def test_equal_panels_ask_equal_questions_and_a_choice_makes_them_different() -> None:
    made = panel(target("A", '"area" =~ /^$area$/'))
    everything, one = Chosen((ALL,), ("a", "b"), ".*"), Chosen(("a",), ("a",))
    first, again, other = (
        questions(made, SOURCES, {"area": each}, SPAN)["A"] for each in (everything, everything, one)
    )
    assert first == again
    assert first != other
    assert (first.text, other.text) == ('"area" =~ /^.*$/', '"area" =~ /^a$/')


def test_every_question_of_every_board_is_complete(shelf: Library) -> None:
    for board in shelf.boards.values():
        chosen = {variable.name: Chosen(("x",), ("x",)) for variable in board.variables}
        span = of_board(board, board.time.from_, board.time.to)
        for made in board.panels:
            assert isinstance(made, Panel)
            for question in questions(made, shelf.sources, chosen, span).values():
                assert "$" not in question.at(NOW_MS).replace("$/", "/")


def answer(*values: float | None, **tags: str) -> dict[str, Any]:
    rows = [[moment, value] for moment, value in enumerate(values)]
    return {"name": "m", "columns": ["time", "value"], "values": rows, "tags": tags}


def shown(made: Panel, **answers: Any) -> list[tuple[str, list[Any]]]:
    frames = evaluated(made, {ref: tuple(series) for ref, series in answers.items()})
    return [(frame.ref, list(frame.fields[-1].values)) for frame in frames]


CHANGE = panel(
    target("A"), target("C", hide=True), reduce("D", "A", hide=True), reduce("E", "C", hide=True), Math("F", "$D - $E")
)


def test_a_difference_is_computed_from_last_values_that_are_numbers() -> None:
    assert shown(CHANGE, A=[answer(1.0, 5.0, None)], C=[answer(2.0)]) == [("A", [1.0, 5.0, None]), ("F", [3.0])]


def test_what_is_computed_from_nothing_is_nothing() -> None:
    assert shown(CHANGE, A=[answer(1.0)], C=[answer(None)]) == [("A", [1.0]), ("F", [None])]
    assert shown(CHANGE, A=[answer(1.0)], C=[]) == [("A", [1.0])]


def test_what_is_computed_goes_by_labels() -> None:
    made = panel(
        target("A", hide=True),
        target("C", hide=True),
        reduce("D", "A"),
        reduce("E", "C", hide=True),
        Math("F", "$D / $E"),
    )
    areas = [answer(4.0, area="x"), answer(9.0, area="y")]
    assert shown(made, A=areas, C=[answer(2.0, area="x"), answer(3.0, area="y")]) == [
        ("D", [4.0]),
        ("D", [9.0]),
        ("F", [2.0]),
        ("F", [3.0]),
    ]


def moments(made: Panel) -> list[int]:
    """How long ago each picture's answer was asked for, a picture every ten seconds."""
    (one,) = questions(made, SOURCES, {}, SPAN).values()
    return [now - one.moment(now) for now in range(NOW_MS, NOW_MS + 300_000, 10_000)]


def test_what_comes_at_any_moment_is_asked_for_every_picture() -> None:
    assert set(moments(panel(target("A")))) == {0}


def test_roll_ups_are_asked_no_more_often_than_they_come() -> None:
    assert sorted(set(moments(panel(target("A", source="rollup"))))) == [*range(0, 60_000, 10_000)]


def test_roll_ups_are_not_all_asked_at_the_same_time() -> None:
    asked_now = [moments(panel(target("A", f"q{number}", source="rollup")))[:6].index(0) for number in range(60)]
    assert {asked_now.count(turn) for turn in range(6)} <= {*range(4, 17)}
