"""Doubles that keep the real contract and fail on script."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from city.domains.traffic.events import TrafficFlow, TrafficFlowObserved
from city.instant import NS, rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

START = 1_795_000_000 * NS  # 2026-11-18T11:06:40Z


def event(number: int = 0, *, at: int = START, heard: int | None = None, area: str = "00070") -> TrafficFlow:
    return TrafficFlow(
        id=str(number),
        source=f"traffic/{area}/001",
        time=rfc3339(at),
        recordedtime=None if heard is None else rfc3339(heard),
        area=area,
        data=TrafficFlowObserved(intensity=number),
    )


@dataclass
class FakeFuture:
    is_done: bool = False
    exception: BaseException | None = None


@dataclass(frozen=True)
class Sent:
    topic: str
    value: bytes
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    partition: int
    timestamp_ms: int | None
    future: FakeFuture = field(compare=False)


class FakeProducer:
    """A kafka-python producer whose broker answers when the test says so."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.closed = False

    def send(  # noqa: PLR0917 - the library's own signature
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        headers: Sequence[tuple[str, bytes]] | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
    ) -> FakeFuture:
        assert value is not None
        assert partition is not None
        assert not self.closed
        future = FakeFuture()
        self.sent.append(Sent(topic, value, key, tuple(headers or ()), partition, timestamp_ms, future))
        return future

    def answer(self, count: int | None = None, error: BaseException | None = None) -> None:
        """Decide the oldest undecided sends."""
        undecided = [sent.future for sent in self.sent if not sent.future.is_done]
        for future in undecided[:count]:
            future.exception = error
            future.is_done = True

    def flush(self, timeout: float | None = None) -> None:
        _ = timeout
        self.answer()

    def partitions_for(self, topic: str) -> set[int]:
        _ = topic
        return {0, 1, 2, 3}

    def close(self, timeout: float | None = None) -> None:
        _ = timeout
        self.closed = True


class FakeTime:
    """A clock that moves only when somebody waits."""

    def __init__(self, now: int = START) -> None:
        self.at = now
        self.stop_at: int | None = None

    def now(self) -> int:
        return self.at

    def stopped(self, seconds: float) -> bool:
        self.at += round(seconds * NS)
        if self.stop_at is None or self.at < self.stop_at:
            return False
        self.at = self.stop_at
        return True
