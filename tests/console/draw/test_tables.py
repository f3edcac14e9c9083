"""Figures, tables, maps, twins and files say what frames hold, in the reader's language."""

import csv
import io

import pytest

from console.boards.document import Matcher, Override, Question, Source
from console.boards.frames import Frame, number
from console.boards.interpolate import ALL, Chosen
from console.draw.drawing import draw
from console.draw.pictures import Alerts, Cell, Column, Figure, Figures, Place, Places, Table, Way, Words
from console.draw.tables import Headings, twin, written
from tests.console.draw.parts import config, look, panel, rows, series, with_config

SAID = Headings("Thời điểm", "Mục", "Giá trị")
BANDS = {"mode": "absolute", "steps": [{"color": "red", "value": None}, {"color": "green", "value": 20}]}
ASKED = Question(ref_id="A", datasource=Source(uid="live"), query="", result_format="time_series", raw_query=True)
SPEED = panel(
    "stat",
    targets=(ASKED,),
    defaults=config(unit="velocitykmh", decimals=1, thresholds=BANDS, noValue="Không có dữ liệu"),
)


def override(name: str, **said: object) -> Override:
    return Override(Matcher(id="byName", options=name), config(**said))


def test_a_figure_stands_for_each_series_with_its_last_value() -> None:
    frames = with_config(SPEED, series("Bây giờ", 30.0, 22.93, None), series("Nguồn", 1.0, ref="B"))
    assert draw(SPEED, frames, look()) == Figures(
        (Figure("Bây giờ", "22,9 km/h", "green", 22.93), Figure("Nguồn", "1,0 km/h", "red", 1.0)),
        wide=False,
        labelled=True,
    )


def test_where_the_first_question_has_no_answer_words_say_so_before_all_else() -> None:
    picture = draw(SPEED, with_config(SPEED, series("Nguồn", 99.0, ref="B")), look())
    assert isinstance(picture, Figures)
    assert [one.text for one in picture.figures] == ["Không có dữ liệu", "99,0 km/h"]
    assert picture.figures[0].colour == "text"


def test_a_computed_figure_is_one_like_the_others() -> None:
    picture = draw(SPEED, with_config(SPEED, series("Bây giờ", 1.0), number("D", {}, None)), look())
    assert isinstance(picture, Figures)
    assert [(one.label, one.text) for one in picture.figures] == [("Bây giờ", "1,0 km/h"), ("D", "Không có dữ liệu")]


NAMES = [{"type": "value", "options": {"00004": {"text": "Ba Đình"}}}]
STATES = [
    {
        "type": "value",
        "options": {"0": {"text": "✔ Đạt", "color": "green"}, "3": {"text": "✖ Báo động", "color": "red"}},
    }
]
LINKS = [
    {"title": "Chỉ xem", "url": "/d/traffic-vi?var-area=${__value.raw}&${kind:queryparam}&${__url_time_range}"},
    {"title": "Mọi lĩnh vực", "url": "/d/area-vi?var-area=${__value.raw}"},
]
PLACES = panel(
    "table",
    {"sortBy": [{"displayName": "Tình trạng", "desc": True}]},
    overrides=(
        override("area", displayName="Phường, xã", mappings=NAMES, links=LINKS),
        override("state", displayName="Tình trạng", mappings=STATES, custom={"cellOptions": {"type": "color-text"}}),
        override("speed", unit="velocitykmh", decimals=1),
    ),
)
FRAME = rows(["area", "state", "speed"], ["00004", 3, 12.34], ["a&b=c", 0, None])


def shown() -> Table:
    picture = draw(PLACES, with_config(PLACES, FRAME), look(kind=Chosen((ALL,), ("x",))))
    assert isinstance(picture, Table)
    return picture


def test_a_table_shows_names_words_and_numbers_and_knows_how_it_is_sorted() -> None:
    table = shown()
    assert table.columns == (
        Column("Phường, xã", number=False),
        Column("Tình trạng", number=False),
        Column("speed", number=True),
    )
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Ba Đình", "✖ Báo động", "12,3 km/h"],
        ["a&b=c", "✔ Đạt", "–"],
    ]
    assert table.sort == (1, True)


def test_codes_sort_by_their_names_and_states_by_their_numbers() -> None:
    area, state, speed = shown().rows[0]
    assert (area.named, state.named, state.raw, speed.raw) == (True, False, 3, 12.34)
    assert (area.colour, state.colour, speed.colour) == ("", "red", "")


def test_a_cell_leads_on_and_keeps_what_is_chosen_and_when() -> None:
    assert shown().rows[0][0].ways == (
        Way("Chỉ xem", "/d/traffic-vi?var-area=00004&var-kind=$__all&from=now-3h&to=now"),
        Way("Mọi lĩnh vực", "/d/area-vi?var-area=00004"),
    )


def test_a_hostile_code_stays_one_value_of_the_address() -> None:
    assert shown().rows[1][0].ways[1].url == "/d/area-vi?var-area=a%26b%3Dc"


def test_places_are_as_the_worst_layer_says() -> None:
    made = panel("geomap", overrides=(override("state", mappings=STATES),))
    good, bad = (
        rows(["area", "latitude", "state"], *([area, 20.9, state] for area in areas))
        for areas, state in (("ab", 0), ("b", 3))
    )
    assert draw(made, with_config(made, good, bad), look()) == Places(
        {"a": Place(0, "✔ Đạt", "green"), "b": Place(3, "✖ Báo động", "red")}
    )


def test_words_and_alerts_need_no_answer() -> None:
    assert draw(panel("text"), (), look()) == Words("# Cách xử lý")
    assert draw(panel("alertlist"), (), look()) == Alerts(20)


def test_the_twin_of_lines_has_a_row_for_each_moment_that_has_a_value() -> None:
    made = panel("timeseries", defaults=config(unit="percent", decimals=1))
    table = twin(made, with_config(made, series("x", 1.0, None, 3.0), series("y", None, None, 4.25)), look(), SAID)
    assert [column.title for column in table.columns] == ["Thời điểm", "x", "y"]
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["2026-11-22 11:00:00", "1,0%", "–"],
        ["2026-11-22 11:02:00", "3,0%", "4,3%"],
    ]


def test_the_twin_of_figures_has_a_row_for_each() -> None:
    table = twin(SPEED, with_config(SPEED, series("Bây giờ", 22.93), number("D", {}, 5.0)), look(), SAID)
    assert table.columns == (Column("Mục", number=False), Column("Giá trị", number=True))
    assert [[cell.text for cell in row] for row in table.rows] == [["Bây giờ", "22,9 km/h"], ["D", "5,0 km/h"]]


def frames_of(*frames: Frame) -> str:
    return written(twin(PLACES, with_config(PLACES, *frames), look(), SAID))


def test_a_file_holds_raw_numbers_and_names() -> None:
    assert list(csv.reader(io.StringIO(frames_of(FRAME)))) == [
        ["Phường, xã", "Tình trạng", "speed"],
        ["Ba Đình", "3", "12.34"],
        ["a&b=c", "0", ""],
    ]


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@x", "\t=1", '=HYPERLINK("x")'])
def test_a_text_that_a_spreadsheet_would_compute_is_text_in_the_file(formula: str) -> None:
    table = Table((Column(formula, number=False),), ((Cell(formula, formula),),))
    assert list(csv.reader(io.StringIO(written(table)))) == [[f"'{formula}"], [f"'{formula}"]]
