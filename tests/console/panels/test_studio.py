"""What panels show is made once for all who look at the same, out of the provisioned boards and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from city.errors import UnreachableError
from console.boards.interpolate import ALL
from console.boards.library import library, provisioned
from console.boards.shared import State
from console.draw.pictures import Figures
from console.panels.studio import Drawn, Scene, Sight, Studio

NOW_S = 1_795_347_603.0
SHELF = library(provisioned())
PLACES = {"zone": ["cau-giay", "x' OR 1=1 --"], "area": ["00004", "00070"]}


class Store:
    """Knows places; every other question has one number."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False

    async def __call__(self, database: str, text: str) -> tuple[dict[str, Any], ...]:
        self.asked.append(f"{database}: {text}")
        if self.away:
            raise UnreachableError("no answer")
        for tag, values in PLACES.items():
            if text.startswith("SHOW TAG VALUES") and f'KEY = "{tag}"' in text:
                return ({"name": "sources", "columns": ["key", "value"], "values": [[tag, one] for one in values]},)
        return ({"name": "m", "columns": ["time", "value"], "values": [[0, 42.0]]},)


def run(test: Callable[[Studio, Store], Awaitable[None]]) -> None:
    async def bounded() -> None:
        store = Store()
        async with asyncio.timeout(20):
            await test(Studio(SHELF, store, lambda: NOW_S), store)

    asyncio.run(bounded())


async def shown(studio: Studio, *sights: Sight) -> list[State[Drawn]]:
    told: list[State[Drawn]] = []
    stops = [studio.pictures.watch(sight, told.append) for sight in sights]
    while len(told) < len(sights):  # noqa: ASYNC110 - being told is a plain call
        await asyncio.sleep(0.001)
    for stop in stops:
        stop()
    return told


async def scene(studio: Studio, **asked: list[str]) -> Scene:
    board = SHELF.boards["traffic-vi"]
    choices = await studio.choices(board, asked)
    chosen = tuple((name, choice.chosen) for name, choice in choices.items())
    return Scene(board.uid, chosen, "now-3h", "now", 10_000, dark=False)


FIRST = next(panel.id for panel in SHELF.boards["traffic-vi"].panels)


def test_fifty_who_look_at_a_panel_ask_as_one() -> None:
    async def test(studio: Studio, store: Store) -> None:
        sight = Sight(await scene(studio), FIRST)
        store.asked.clear()
        told = await shown(studio, *[sight] * 50)
        assert len(store.asked) == len(set(store.asked)) == 3
        assert isinstance(told[0].value, Drawn)
        assert isinstance(told[0].value.picture, Figures)
        assert told[0].value.picture.figures[0].text == "42,0 km/h"
        assert len({id(one.value) for one in told}) == 1

    run(test)


def test_panels_of_a_board_share_their_questions() -> None:
    async def test(studio: Studio, store: Store) -> None:
        seen = await scene(studio)
        ids = [panel.id for panel in SHELF.boards["traffic-vi"].panels][:4]
        store.asked.clear()
        await shown(studio, *(Sight(seen, number) for number in ids))
        assert sum('"silent"' in text for text in store.asked) == 1

    run(test)


def test_a_value_that_the_store_does_not_offer_is_refused_and_never_asked_with() -> None:
    async def test(studio: Studio, store: Store) -> None:
        board = SHELF.boards["traffic-vi"]
        choices = await studio.choices(board, {"zone": ["/; DROP SERIES", "cau-giay"], "area": ["' OR 1=1"]})
        assert choices["zone"].chosen.values == ("cau-giay",)
        assert choices["zone"].refused == ("/; DROP SERIES",)
        assert choices["area"].chosen.values == (ALL,)
        assert not [text for text in store.asked if "DROP" in text or "OR 1=1" in text]
        assert '"zone" =~ /^cau-giay$/' in store.asked[-1]

    run(test)


def test_a_hostile_value_that_the_store_has_is_asked_for_as_a_pattern() -> None:
    async def test(studio: Studio, store: Store) -> None:
        await shown(studio, Sight(await scene(studio, zone=["x' OR 1=1 --"]), FIRST))
        assert all("=~ /^x' OR 1=1 --$/" in text for text in store.asked if "traffic_flow" in text)

    run(test)


def test_an_unknown_store_is_said_and_tried_again() -> None:
    async def test(studio: Studio, store: Store) -> None:
        sight = Sight(await scene(studio), FIRST)
        store.away = True
        (told,) = await shown(studio, sight)
        assert (told.value, told.fault) == (None, "away")

    run(test)


@pytest.mark.parametrize(
    ("name", "language", "uid"), [("traffic", "en", "traffic-en"), ("traffic-vi", "en", "traffic-en")]
)
def test_a_board_is_shown_in_the_language_of_the_page(name: str, language: str, uid: str) -> None:
    board = Studio(SHELF, Store(), lambda: NOW_S).board(name, language)
    assert board is not None
    assert board.uid == uid


@pytest.mark.parametrize("name", ["nothing", "", "../secrets", "traffic-fr"])
def test_what_is_no_board_is_none(name: str) -> None:
    assert Studio(SHELF, Store(), lambda: NOW_S).board(name, "vi") is None
