"""The pictures are drawn by what the page says, from the packs; each one that is committed is shown, and small."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from city import catalogue
from city.instant import nanoseconds
from tests.docs import pictures
from tests.docs.pictures import DAYS, STEP_S, courses, figure, rain_of, save, session, steered_by
from tests.docs.tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PACKS = catalogue.load()
PAGE = (ROOT / "docs" / "explanation" / "pictures.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"!\[[^\]]+\]\(pictures/([\w.-]+)\)", PAGE)
LARGEST_BYTES = 150_000


def test_each_picture_is_shown_with_words_for_those_who_do_not_see_it() -> None:
    assert sorted(SHOWN) == sorted(path.name for path in pictures.FOLDER.iterdir())
    assert set(SHOWN) <= {f"day-{domain.name}.svg" for domain in PACKS.domains} | {"terminal.svg"}
    assert {"day-traffic.svg", "terminal.svg"} <= set(SHOWN)


@pytest.mark.parametrize("name", SHOWN)
def test_a_picture_is_small_whole_and_fetches_nothing(name: str) -> None:
    content = (pictures.FOLDER / name).read_bytes()
    assert len(content) < LARGEST_BYTES
    assert ET.fromstring(content).tag.endswith("svg")  # noqa: S314 — files of our own
    assert b"url(http" not in content
    assert b'href="http' not in content


def test_a_piece_of_a_day_gives_every_kpi_a_value(tmp_path: Path) -> None:
    domain = PACKS.domain("traffic")
    begin = nanoseconds("2026-06-10T07:00:00+07:00")
    course = courses(domain.name, begin, seconds=STEP_S, events_per_s=2)
    assert set(course) == {kpi.name for kpi in steered_by(domain)}
    assert all(len(values) == 1 and values[0] is not None for values in course.values())
    speed = course["traffic_mean_speed"][0]
    assert speed is not None
    assert 5 < speed < 60
    days = dict.fromkeys(DAYS, course)
    rain = dict.fromkeys(DAYS, rain_of(begin))
    for name in ("one.svg", "two.svg"):
        save(figure(domain, days, rain), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    drawn = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert all(kpi.title.vi in drawn for kpi in steered_by(domain))
    assert all(day in drawn for day in DAYS)


def test_a_session_shows_each_command_and_what_it_printed() -> None:
    svg = session({"./cityops thing": "\x1b[32mxin chào\x1b[0m\n", "./cityops other": "2"}, "title")
    text = "".join(ET.fromstring(svg).itertext()).replace("\xa0", " ")  # noqa: S314 — made here
    for words in ("$ ./cityops thing", "xin chào", "$ ./cityops other", "title"):
        assert words in text
    assert "\x1b" not in svg
    assert "url(http" not in svg
