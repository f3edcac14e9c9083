"""One question serves all: asked once a moment, refreshed while somebody watches, forgotten after, and it heals."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from city.errors import CityopsError, UnreachableError
from console.boards.answers import Answers
from console.boards.asking import Asker
from console.boards.shared import Shared, State


class Clock:
    """Seconds since 1970 that stand still."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


class Store:
    """Answers when it is let, and counts."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.fault = ""

    async def __call__(self, database: str, text: str) -> tuple[dict[str, Any], ...]:
        self.asked.append((database, text))
        await self.open.wait()
        if self.fault:
            raise UnreachableError(self.fault)
        return ({"name": text},)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await test()

    asyncio.run(bounded())


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - what is waited for has no event of its own
        await asyncio.sleep(0.001)


def test_who_asks_while_an_answer_is_under_way_waits_for_the_same_one() -> None:
    async def test() -> None:
        store = Store()
        store.open.clear()
        answers = Answers(store)
        waiting = [asyncio.create_task(answers.get("b", "q", 10)) for _ in range(50)]
        await until(lambda: bool(store.asked))
        store.open.set()
        assert {one[0]["name"] for one in await asyncio.gather(*waiting)} == {"q"}
        assert store.asked == [("b", "q")]

    run(test)


@pytest.mark.parametrize("other", [("c", "q", 10), ("b", "r", 10), ("b", "q", 20)])
def test_another_database_text_or_moment_is_another_question(other: tuple[str, str, int]) -> None:
    async def test() -> None:
        store = Store()
        answers = Answers(store)
        await answers.get("b", "q", 10)
        await answers.get(*other)
        assert len(store.asked) == 2

    run(test)


def test_one_who_leaves_does_not_take_the_answer_from_the_others() -> None:
    async def test() -> None:
        store = Store()
        store.open.clear()
        answers = Answers(store)
        leaving, staying = (asyncio.create_task(answers.get("b", "q", 10)) for _ in range(2))
        await until(lambda: bool(store.asked))
        leaving.cancel()
        store.open.set()
        assert await staying == ({"name": "q"},)

    run(test)


def test_when_the_last_one_leaves_the_question_is_no_longer_asked() -> None:
    async def test() -> None:
        store = Store()
        store.open.clear()
        answers = Answers(store)
        leaving = [asyncio.create_task(answers.get("b", "q", 10)) for _ in range(3)]
        await until(lambda: bool(store.asked))
        for one in leaving:
            one.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        assert len(answers) == 0
        store.open.set()
        assert await answers.get("b", "q", 10) == ({"name": "q"},)

    run(test)


def test_a_failure_is_told_to_all_who_wait_and_asked_again_by_who_comes_later() -> None:
    async def test() -> None:
        store = Store()
        store.fault = "away"
        answers = Answers(store)
        told = await asyncio.gather(*(answers.get("b", "q", 10) for _ in range(3)), return_exceptions=True)
        assert [str(one) for one in told] == ["away"] * 3
        assert len(store.asked) == 1
        store.fault = ""
        assert await answers.get("b", "q", 10)

    run(test)


def test_answers_are_bounded_in_number_and_time() -> None:
    async def test() -> None:
        answers = Answers(Store(), kept_s=0.05, most=10)
        for number in range(100):
            await answers.get("b", str(number), 10)
        assert len(answers) == 10
        await until(lambda: len(answers) == 0)

    run(test)


def test_an_answer_is_kept_for_as_long_as_who_asked_first_says() -> None:
    async def test() -> None:
        store = Store()
        answers = Answers(store, kept_s=0.02)
        await answers.get("b", "seldom", 10, kept_s=60)
        await answers.get("b", "q", 10)
        await until(lambda: len(answers) == 1)
        await answers.get("b", "seldom", 10)
        assert len(store.asked) == 2

    run(test)


def test_a_store_that_is_away_is_not_asked_again_by_those_who_waited() -> None:
    async def test() -> None:
        asked: list[str] = []

        def fetch(_: str, text: str) -> list[dict[str, Any]]:
            asked.append(text)
            raise UnreachableError("no answer")

        asker = Asker(fetch, at_once=2)
        faults = await asyncio.gather(*(asker("b", str(number)) for number in range(20)), return_exceptions=True)
        assert {str(fault) for fault in faults} == {"no answer"}
        assert len(asked) <= 3

    run(test)


def test_a_question_that_takes_too_long_does_not_keep_others_from_being_asked() -> None:
    async def test() -> None:
        others_answered = threading.Event()

        def fetch(_: str, text: str) -> list[dict[str, Any]]:
            if text == "slow":
                others_answered.wait(10)
                raise UnreachableError("timed out")
            return [{"series": [{"name": text}]}]

        asker = Asker(fetch, at_once=2)
        slow = asyncio.create_task(asker("b", "slow"))
        assert await asker("b", "quick") == ({"name": "quick"},)
        others_answered.set()
        with pytest.raises(UnreachableError, match="timed out"):
            await slow
        assert await asker("b", "next") == ({"name": "next"},)

    run(test)


class Maker:
    """Makes `key@moment`, or fails."""

    def __init__(self) -> None:
        self.made: list[tuple[str, int]] = []
        self.fault: Exception | None = None

    async def __call__(self, key: str, moment: int) -> str:
        self.made.append((key, moment))
        if self.fault:
            raise self.fault
        return f"{key}@{moment}"


def shared(
    maker: Maker, every_ms: int = 20, clock: Callable[[], float] | None = None, most: int = 10
) -> Shared[str, str]:
    return Shared(maker, lambda _: every_ms, clock or Clock(), most)


def test_many_watch_and_it_is_made_once_for_the_whole_period() -> None:
    async def test() -> None:
        maker, clock = Maker(), Clock()
        clock.now_s = 1_003.5
        things = shared(maker, 10_000, clock)
        told: list[State[str]] = []
        stops = [things.watch("x", told.append) for _ in range(50)]
        await until(lambda: len(told) == 50)
        late: list[State[str]] = []
        stops.append(things.watch("x", late.append))
        assert maker.made == [("x", 1_000_000)]
        assert set(told) == set(late) == {State("x@1000000", 1_000_000)}
        for stop in stops:
            stop()

    run(test)


def test_it_is_made_again_while_somebody_watches_and_forgotten_after() -> None:
    async def test() -> None:
        maker = Maker()
        things = shared(maker)
        stop = things.watch("x", lambda _: None)
        await until(lambda: len(maker.made) > 3)
        stop()
        stop()
        assert len(things) == 0
        await asyncio.sleep(0)
        made = len(maker.made)
        await asyncio.sleep(0.1)
        assert len(maker.made) == made

    run(test)


def test_who_watches_what_did_not_change_is_told_once() -> None:
    async def test() -> None:
        maker, told = Maker(), list[State[str]]()
        stop = shared(maker).watch("x", told.append)
        await until(lambda: len(maker.made) > 3)
        assert len(told) == 1
        stop()

    run(test)


@pytest.mark.parametrize(
    ("fault", "said"),
    [(UnreachableError("no answer"), "away"), (CityopsError("no such field"), "refused"), (KeyError("x"), "failed")],
)
def test_a_failure_keeps_the_last_good_value_with_its_age_and_heals(fault: Exception, said: str) -> None:
    async def test() -> None:
        maker, told, clock = Maker(), list[State[str]](), Clock()
        stop = shared(maker, clock=clock).watch("x", told.append)
        await until(lambda: len(told) == 1)
        maker.fault, clock.now_s = fault, 1_010.0
        await until(lambda: len(told) == 2)
        maker.fault = None
        await until(lambda: len(told) == 3)
        good, failed, healed = told
        assert (failed.value, failed.at_ms) == (good.value, 1_000_000)
        assert failed.fault == said
        assert healed == State("x@1010000", 1_010_000)
        stop()

    run(test)


def test_a_thing_without_a_period_is_made_once() -> None:
    async def test() -> None:
        maker, told = Maker(), list[State[str]]()
        stop = shared(maker, every_ms=0).watch("x", told.append)
        await until(lambda: len(told) == 1)
        await asyncio.sleep(0.05)
        assert len(maker.made) == 1
        stop()

    run(test)


def test_who_comes_later_does_not_see_what_was_made_once_long_ago() -> None:
    async def test() -> None:
        maker, told, clock = Maker(), list[State[str]](), Clock()
        things = shared(maker, every_ms=0, clock=clock)
        stops = [things.watch("x", told.append)]
        await until(lambda: len(told) == 1)
        await asyncio.sleep(0)
        clock.now_s += 30
        stops.append(things.watch("x", lambda _: None))
        assert len(maker.made) == 1
        clock.now_s += 31
        stops.append(things.watch("x", lambda _: None))
        await until(lambda: len(told) == 2)
        assert told[1].at_ms == 1_061_000
        for stop in stops:
            stop()

    run(test)


def test_a_page_that_fails_does_not_keep_the_others_from_hearing() -> None:
    async def test() -> None:
        told = list[State[str]]()

        def broken(_: State[str]) -> None:
            raise RuntimeError

        things = shared(Maker())
        stops = [things.watch("x", broken), things.watch("x", told.append)]
        await until(lambda: bool(told))
        for stop in stops:
            stop()

    run(test)


def test_too_much_is_refused_and_there_is_room_again_when_somebody_leaves() -> None:
    async def test() -> None:
        things = shared(Maker(), most=2)
        stops = [things.watch(name, lambda _: None) for name in ("a", "b")]
        with pytest.raises(CityopsError, match="more than 2"):
            things.watch("c", lambda _: None)
        stops.pop()()
        stops.append(things.watch("c", lambda _: None))
        for stop in stops:
            stop()

    run(test)
