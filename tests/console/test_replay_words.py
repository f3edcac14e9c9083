"""What the commands say, in operators' words: held against the commands' own lines, so that neither drifts away."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING

import pytest

from city import catalogue
from city.errors import CityopsError
from city.instant import NS, nanoseconds
from city.language import Language
from cli.main import run
from console.replay.offers import offers
from console.replay.player import Player
from console.replay.words import operators_words
from producers.client import probe
from producers.files import opened, read
from producers.plan import NOTHING, Survey, shift_to_now
from runtime.connect import Broker, find_broker
from runtime.part import running
from runtime.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PACKS = catalogue.load()
NOON = nanoseconds("2026-11-30T12:00:00+07:00")


def told(line: str) -> str:
    """In Vietnamese; every line that we know has words in both languages, and its own words nowhere."""
    vi, en = (operators_words(line, language, PACKS.city) for language in Language)
    assert not vi.startswith("Chi tiết"), line
    assert vi != en
    return vi


def fault(call: Callable[[], object]) -> str:
    with pytest.raises(CityopsError) as caught:
        call()
    return str(caught.value)


def test_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    whole = gzip.compress(b'{"a": 1}\n' * 5_000)
    (tmp_path / "cụt.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "hỏng.jsonl.gz").write_bytes(whole[:15] + b"\xff" * 20 + whole[35:])
    assert told(fault(lambda: opened(tmp_path / "a.jsonl").__enter__())) == "Không còn tệp a.jsonl."
    assert told(fault(lambda: opened(tmp_path).__enter__())).endswith(" là một thư mục, không phải tệp bản ghi.")
    assert told(fault(lambda: [*read(tmp_path / "cụt.jsonl.gz")])).startswith("Tệp cụt.jsonl.gz bị cụt sau dòng ")
    assert told(fault(lambda: [*read(tmp_path / "hỏng.jsonl.gz")])).startswith("Tệp hỏng.jsonl.gz bị hỏng sau dòng ")
    assert told(NOTHING) == "Không có gì để phát: không dòng nào trong tệp là bản ghi dùng được."


def test_what_the_city_says_no_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    survey = Survey(first=NOON - 3_600 * NS, last=NOON)
    plan = {"closing": 10 * NS, "speed": 60.0, "aligned": 60 * NS, "moving": True}
    clock = told(fault(lambda: shift_to_now(survey, NOON, NOON, **plan)))  # type: ignore[arg-type]  # a dict of its arguments
    assert clock.startswith("Đồng hồ của thành phố đã đến 12:00:00 30/11/2026, còn tệp sẽ bắt đầu từ ")
    assert told(fault(lambda: running(tmp_path))).startswith("Thành phố không còn chạy")
    assert told(fault(lambda: find_broker(load(data_dir=tmp_path)))).startswith("Thành phố không còn chạy")
    nobody = Broker("127.0.0.1:1", embedded=True)
    assert told(fault(lambda: probe(nobody))).startswith("Môi giới không trả lời")
    (tmp_path / "a.jsonl").touch()
    assert run(["replay", str(tmp_path / "a.jsonl"), "--speed", "fast"]) == 2
    said = capsys.readouterr().err.strip().removeprefix("cityops: ")
    assert told(said) == "Không có tốc độ fast."


def test_what_the_page_itself_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    player = Player(load(data_dir=tmp_path))
    (tmp_path / "a.jsonl").touch()
    offered = offers(PACKS, tmp_path)
    assert told(fault(lambda: asyncio.run(player.play_file("b.jsonl", "1", offered)))).startswith("Tên hoặc tốc độ")
    with monkeypatch.context() as broken:
        broken.setattr("sys.executable", str(tmp_path / "none"))
        said = told(fault(lambda: asyncio.run(player.play_file("a.jsonl", "1", offered))))
    assert said.startswith("Không khởi động được a.jsonl")
    assert told("a.jsonl is playing: stop it first") == "Đang phát thứ khác: hãy dừng trước đã."


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("read: 65000 lines", "Đã đọc 65.000 dòng của tệp."),
        (
            "replay: 1200 of 90000 lines, 2026-11-30T05:00:00Z",
            "Đã phát 1.200 trên 90.000 dòng, đến 12:00:00 30/11/2026.",
        ),
        (
            "replay: 9 of 9 lines, closing, 2026-11-30T05:00:00Z",
            "Đã phát hết tệp, đang chờ các cửa sổ cuối đóng lại.",
        ),
        (
            "replay: shifted to 2026-11-30T05:00:00Z – 2026-11-30T05:10:00.500Z, by whole windows",
            "Các mốc thời gian được dời đến 12:00:00 30/11/2026 – 12:10:00 30/11/2026.",
        ),
        (
            "replay: begins in 42 s, so that whole windows stay whole",
            "Bắt đầu sau 42 giây, để các cửa sổ thời gian được trọn vẹn.",
        ),
        ("replayed 12,345 events and 6 unusable lines", "Đã phát 12.345 bản ghi, 6 dòng không dùng được."),
        ("7 records were not stored: the broker did not answer", "7 bản ghi chưa được lưu vì môi giới không trả lời."),
        (
            "2026-11-30T05:00:00.123Z INFO producers.live 60 events/s from traffic, tourism",
            "Đang gửi 60 bản ghi mỗi giây.",
        ),
    ],
)
def test_how_it_goes(line: str, words: str) -> None:
    assert told(line) == words


def test_how_far_it_had_come_is_no_news_once_it_is_over() -> None:
    assert operators_words("replay: begins in 42 s, so that whole", Language.VI, PACKS.city, over=True) == ""
    assert operators_words(NOTHING, Language.VI, PACKS.city, over=True)


def test_a_line_that_nobody_knows_is_shown_as_it_is_and_called_english() -> None:
    line = "something <b>new</b> {went} wrong"
    assert operators_words(line, Language.VI, PACKS.city) == f"Chi tiết (tiếng Anh): {line}"
    assert operators_words(line, Language.EN, PACKS.city) == line
    assert operators_words("", Language.VI, PACKS.city) == ""
