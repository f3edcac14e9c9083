from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from city import catalogue
from city.errors import CityopsError, UnreachableError
from city.geography import HANOI
from city.language import Language
from console.app import _LOCAL
from console.filters import chosen
from console.numbers import ago, figure, number, place, target, told
from console.replay.offers import offers
from console.spark import path
from console.store import SharedStore
from console.view import View

if TYPE_CHECKING:
    from pathlib import Path

PACKS = catalogue.load()


@pytest.mark.parametrize(
    ("value", "decimals", "vi", "en"),
    [
        (1234.56, 1, "1.234,6", "1,234.6"),
        (-0.5, 1, "−0,5", "−0.5"),
        (None, 0, "–", "–"),
        (1e6, 0, "1.000.000", "1,000,000"),
    ],
)
def test_numbers_are_written_as_each_language_does(value: float | None, decimals: int, vi: str, en: str) -> None:
    assert number(value, Language.VI, decimals) == vi
    assert number(value, Language.EN, decimals) == en


@pytest.mark.parametrize(
    ("written", "vi"),
    [
        ("116.0 %", "116,0 %"),
        ("Tốc độ ở đây là 9.5 km/h (mục tiêu trên 20).", "Tốc độ ở đây là 9,5 km/h (mục tiêu trên 20)."),
        ("traffic/00070/1.5 v1.2 10.0.0.1", "traffic/00070/1.5 v1.2 10.0.0.1"),
        ("Đã 3.", "Đã 3."),
    ],
)
def test_what_was_written_with_points_is_told_with_commas(written: str, vi: str) -> None:
    assert (told(written, Language.VI), told(written, Language.EN)) == (vi, written)


def test_a_figure_has_its_unit_and_its_target() -> None:
    speed = PACKS.kpis["traffic_mean_speed"]
    assert figure(speed, 24.06, Language.VI) == "24,1 km/h"
    assert target(speed, Language.EN) == "≥ 20 km/h"
    assert figure(PACKS.kpis["traffic_vehicles_per_minute"], 5.0, Language.VI) == "5 xe/phút"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 giây"), (59.9, "59 giây"), (60, "1 phút"), (7200, "2 giờ"), (1e6, "11 ngày")]
)
def test_how_long_is_told_in_the_greatest_whole_unit(seconds: float, text: str) -> None:
    assert ago(seconds, Language.VI) == text


@pytest.mark.parametrize("name", ["", "<b>", "../x", "99999"])
def test_a_place_that_is_none_is_the_city(name: str) -> None:
    assert place(HANOI, Language.VI, name, name) == "Toàn thành phố"


def test_a_course_has_gaps_where_nothing_was_measured() -> None:
    assert path((None, 1.0)) == path(()) == ""
    assert path((1.0, 2.0, None, 3.0, 1.0)).count("M") == 2
    assert path((*[None] * 34, 1.0, 2.0)) == "", "two values of three hours are a scratch, not a course"
    assert path((*[None] * 29, *[1.0] * 7)).count("M") == 1


@pytest.mark.parametrize("to", ["/", "/wall", "/en/map?kpi=x&part=inner", "/areas/00070?q=%C4%90"])
def test_a_choice_leads_back_to_where_it_was_made(to: str) -> None:
    assert _LOCAL.fullmatch(to)


@pytest.mark.parametrize(
    "to", ["", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:1", "/a\nb", "/\t/evil"]
)
def test_a_choice_never_leads_elsewhere(to: str) -> None:
    assert not _LOCAL.fullmatch(to)


HOSTILE = [
    "'; DROP SERIES FROM traffic_flow; --",
    "hoan-kiem' OR '1'='1",
    "/.*/",
    "",
    "traffic\n",
    "\x00",
    "$timeFilter",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_only_what_the_catalogue_knows_is_asked_of_the_store(value: str) -> None:
    view = View(_Desk(), Language.VI, "/sources", {}, dict.fromkeys(("domain", "zone", "area"), value))  # type: ignore[arg-type]  # a desk of its own
    assert chosen(view) == {}


class _Desk:
    catalogue = PACKS


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/d/traffic-vi?viewPanel=962197", "/en/boards/traffic-en?viewPanel=962197"),
        ("/d/services-month-vi", "/en/boards/services-month-en"),
        ("https://evil.example/d/traffic-vi", ""),
        ("/d/../../etc-vi", ""),
        ("javascript:alert(1)", ""),
        ('/d/x-vi?viewPanel=1"onclick="', ""),
    ],
)
def test_a_runbooks_address_leads_to_our_board_or_nowhere(address: str, page: str) -> None:
    assert View(_Desk(), Language.EN, "/", {}, {}).board(address) == page  # type: ignore[arg-type]  # a desk of its own


def test_only_recorded_files_of_the_named_folder_are_offered(tmp_path: Path) -> None:
    folder = tmp_path / "recorded"
    folder.mkdir()
    (tmp_path / "secret.jsonl").write_text("{}")
    for name in ("a.jsonl", "b.jsonl.gz", "<script>.jsonl", "c.txt", "d.jsonl.exe"):
        (folder / name).write_text("")
    (folder / "e.jsonl").mkdir()
    (folder / "out.jsonl").symlink_to(tmp_path / "secret.jsonl")
    assert {*offers(PACKS, folder).files} == {"a.jsonl", "b.jsonl.gz", "<script>.jsonl"}
    assert offers(PACKS, tmp_path / "none").files == offers(PACKS, None).files == {}
    assert offers(PACKS, None).scenarios


class _Fetch:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = False

    async def __call__(self, _bucket: str, influxql: str) -> tuple[dict[str, Any], ...]:
        self.asked.append(influxql)
        if self.fails:
            raise UnreachableError("away")
        return ({"tags": {"area": "1"}, "columns": ["time", "value"], "values": [[0, 1.5], [1, None]]},)


def test_a_hundred_who_want_the_same_make_one_question_and_it_grows_old() -> None:
    now = [0.0]
    fetch = _Fetch()

    async def run() -> None:
        store = SharedStore(fetch, clock_s=lambda: now[0])
        answers = await asyncio.gather(*(store.ask("b", "q", 5) for _ in range(100)))
        assert {answer[0].last("value") for answer in answers} == {1.5}
        now[0] = 4.9
        await store.ask("b", "q", 5)
        assert fetch.asked == ["q"]
        now[0] = 5.0
        await store.ask("b", "q", 5)
        assert fetch.asked == ["q", "q"]

    asyncio.run(run())


def test_a_failure_is_everybodys_and_is_asked_again() -> None:
    now = [0.0]
    fetch = _Fetch()
    fetch.fails = True

    async def run() -> None:
        store = SharedStore(fetch, clock_s=lambda: now[0])
        with pytest.raises(CityopsError):
            await store.ask("b", "q", 5)
        fetch.fails = False
        assert (await store.ask("b", "q", 5))[0].tags == {"area": "1"}

    asyncio.run(run())
