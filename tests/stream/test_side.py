"""What no window took, by the thousand: it goes in few pieces, bounds the reading, and is no standstill."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from faust.types import TP

from city.catalogue import load
from embedded.broker import Broker as Embedded
from runtime.settings import load as load_settings
from stream_app import fast_lane, side
from stream_app.core import SideRecord
from stream_app.core.checkpoint import Log
from stream_app.keeper import Bounds, Keeper
from stream_app.sink import SinkFigures
from stream_app.worker import Worker
from tests.core.domain import Entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

AREA = b"01"
PLACE = TP("city.traffic", 0)


def heard(offset: int, value: bytes) -> Entry:
    """A record as a fetch brings it."""
    return Entry(offset, AREA, value, (), 0)


def late(count: int) -> list[tuple[TP, SideRecord]]:
    body = b'{"id": "1", "source": "urn:x:y", "data": "' + b"x" * 250 + b'"}'
    return [(PLACE, SideRecord("late", "traffic_flow", "", heard(offset, body))) for offset in range(count)]


def a_worker(folder: Path, broker: str, monkeypatch: pytest.MonkeyPatch) -> Worker:
    token = folder / "token"
    token.write_text("secret")
    monkeypatch.setenv("CITYOPS_BROKER", broker)
    monkeypatch.setenv("CITYOPS_DATA_DIR", str(folder))
    monkeypatch.setenv("CITYOPS_STORE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("CITYOPS_STORE_TOKEN_FILE", str(token))
    monkeypatch.setattr(fast_lane, "prepare_process", lambda: None)
    return Worker(load_settings(), load())


def test_thousands_of_one_flush_take_few_turns_of_a_loop_that_is_busy_folding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = Embedded()

    async def turns() -> int:
        worker = a_worker(tmp_path, cluster.address, monkeypatch)
        producer: Any = worker.app.producer
        await producer.maybe_start()
        try:
            await side.send(worker.app, late(1))  # who is connected and knows the topic
            sending = asyncio.ensure_future(side.send(worker.app, late(3_000)))
            turned = 0
            while not sending.done():
                time.sleep(0.03)  # noqa: ASYNC251 - it is what folding a batch does to the loop
                turned += 1
                await asyncio.sleep(0)
            await sending
        finally:
            await producer.stop()
        return turned

    taken = asyncio.run(turns())
    assert taken < 50, "with thirty records a batch it was two or three turns for each of a hundred batches"


def test_who_waits_hears_of_every_piece() -> None:
    async def done() -> asyncio.Future[None]:
        future = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future

    told: list[None] = []
    app: Any = SimpleNamespace(producer=SimpleNamespace(send=lambda *_: done()))
    asyncio.run(side.send(app, late(12_000), lambda: told.append(None)))
    assert len(told) == 3


class Town:
    """A keeper of one partition, whose side topics take nothing until they are told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        log = Log(0, 100, 4)
        monkeypatch.setattr(fast_lane, "committed", self._nothing)
        monkeypatch.setattr(fast_lane, "commit", self._nothing)
        monkeypatch.setattr(fast_lane, "logs", lambda _app, tps: self._of(dict.fromkeys(tps, log)))
        sink: Any = SimpleNamespace(write=self._nothing, figures=SinkFigures())
        app: Any = SimpleNamespace(producer=SimpleNamespace(send=self._send))
        self.keeper = Keeper(app, load(), sink, Bounds(10, 1_000, 1_000))

    async def _send(self, *_: object) -> asyncio.Future[None]:
        return self.taken

    async def _nothing(self, *_: object) -> dict[TP, tuple[int, str]]:
        return {}

    async def _of(self, found: dict[TP, Log]) -> dict[TP, Log]:
        return found

    async def feed(self, offsets: Sequence[int], fetch: int) -> None:
        records: Any = [heard(offset, b"garbage") for offset in offsets]
        await self.keeper.feed(PLACE, fast_lane.Batch(records, fetch))


def test_nothing_more_is_read_while_too_much_waits_to_be_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        town = Town(monkeypatch)
        await town.keeper.assigned([PLACE])
        before = town.keeper.moved
        await town.feed(range(11), 1)
        more = asyncio.ensure_future(town.feed(range(11, 12), 2))
        flush = asyncio.ensure_future(town.keeper.flush())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not more.done()
        assert town.keeper.figures.bounds_hit == 1
        town.taken.set_result(None)
        await asyncio.wait_for(asyncio.gather(more, flush), 30)
        assert town.keeper.positions == {PLACE: 12}
        assert town.keeper.moved > before

    asyncio.run(run())


def test_a_worker_whose_flush_moves_is_healthy_however_long_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        worker = a_worker(tmp_path, "127.0.0.1:1", monkeypatch)
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now + 3_600)
        assert not worker._healthy(), "nothing has moved for an hour"
        worker._sink.figures.answered = now + 3_590
        assert worker._healthy()

    asyncio.run(run())
