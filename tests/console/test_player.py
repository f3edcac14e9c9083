from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from city import catalogue
from city.errors import CityopsError, UsageError
from console.replay.offers import Offers, offers
from console.replay.player import Player
from runtime.settings import load

if TYPE_CHECKING:
    from pathlib import Path

PACKS = catalogue.load()
DEADLINE_S = 60.0


async def ended(player: Player) -> None:
    async with asyncio.timeout(DEADLINE_S):
        await player.ended()


def test_without_a_city_nothing_can_be_played(tmp_path: Path) -> None:
    assert not Player(load(data_dir=tmp_path)).possible()


def test_a_kafka_of_somebodys_own_is_never_spoken_to_from_a_browser(tmp_path: Path) -> None:
    assert not Player(load(data_dir=tmp_path, broker="kafka.example:9092")).possible()


def test_a_scenario_of_several_domains_says_what_happens_in_each() -> None:
    told = offers(PACKS, None).scenarios["portal-outage"]
    assert len(told) == 2
    assert sorted(text.vi.split(" ")[0] for text in told) == ["Cổng", "Sự"]


@pytest.mark.parametrize(
    ("name", "speed"), [("/etc/passwd", "1"), ("../a.jsonl", "1"), ("a.jsonl", "-1"), ("a.jsonl", "1; rm -rf /")]
)
def test_only_what_is_offered_is_played(tmp_path: Path, name: str, speed: str) -> None:
    (tmp_path / "a.jsonl").write_text("")
    player = Player(load(data_dir=tmp_path))
    with pytest.raises(UsageError):
        asyncio.run(player.play_file(name, speed, offers(PACKS, tmp_path)))
    with pytest.raises(UsageError):
        asyncio.run(player.play_scenario(name, offers(PACKS, tmp_path)))
    assert player.now is None


def test_what_the_replay_says_at_its_end_is_shown_and_one_plays_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("")
    player = Player(load(data_dir=tmp_path))

    async def play() -> None:
        offered = Offers({}, {"a.jsonl": tmp_path / "a.jsonl"})
        await player.play_file("a.jsonl", "max", offered)
        with pytest.raises(CityopsError, match=r"^a\.jsonl is playing"):
            await player.play_file("a.jsonl", "max", offered)
        await ended(player)

    asyncio.run(play())
    assert player.now is not None
    assert player.now.ended == 1
    assert player.now.said.startswith("no city runs on")


def test_a_replay_is_stopped(tmp_path: Path) -> None:
    player = Player(load(data_dir=tmp_path))

    async def play() -> None:
        await player.stop()
        await player.play_scenario("festival", offers(PACKS, None))
        await player.stop()
        await ended(player)

    asyncio.run(play())
    assert player.now is not None
    assert player.now.ended is not None
    assert player.now.stopped


def test_after_one_that_could_not_start_another_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jsonl").write_text("")
    offered = Offers({}, {"a.jsonl": tmp_path / "a.jsonl"})
    player = Player(load(data_dir=tmp_path))

    async def play() -> None:
        with monkeypatch.context() as broken:
            broken.setattr("sys.executable", str(tmp_path / "none"))
            with pytest.raises(CityopsError, match=r"^a\.jsonl cannot be played: No such file"):
                await player.play_file("a.jsonl", "max", offered)
        assert player.now is None
        await player.play_file("a.jsonl", "max", offered)
        await ended(player)

    asyncio.run(play())
    assert player.now is not None
    assert player.now.ended == 1
