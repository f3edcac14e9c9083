"""Sends what no window took to `city.late` and `city.rejected`, each with where it stood and why."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Final

from city.catalogue import LATE, REJECTED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    import faust
    from faust.types import TP

    from stream_app.core import SideRecord

TOPICS: Final = {"late": LATE, "rejected": REJECTED}
_MAX_VALUE_BYTES: Final = 131_072
_MAX_KEY_BYTES: Final = 1_024
_MAX_DETAIL: Final = 300
_AT_ONCE: Final = 5_000
BATCH_BYTES: Final = 512 * 1024
"""Of the producer, for one partition of a topic. Who catches up has thousands to set aside in one flush: with
aiokafka's 16 KiB each thirty of them waited for turns of a loop in which whole batches are folded."""


async def send(
    app: faust.App, taken: Iterable[tuple[TP, SideRecord]], moved: Callable[[], object] = lambda: None
) -> None:
    """Send them all and wait until the broker has them; `moved` is called as often as it has some.

    The header `topic-partition-offset` identifies a record for ever: transport is at least once, identity exact.
    A value or a key too long for a topic is cut; the sizes are in the headers.
    """
    rest = iter(taken)
    while some := list(islice(rest, _AT_ONCE)):
        await asyncio.gather(*[await _send(app, tp, side) for tp, side in some])
        moved()


async def _send(app: faust.App, tp: TP, side: SideRecord) -> Awaitable[object]:
    record = side.record
    value = record.value or b""
    headers = {
        "topic-partition-offset": f"{tp.topic}-{tp.partition}-{record.offset}",
        "reason" if side.kind == "rejected" else "series": side.why,
        "detail": side.detail[:_MAX_DETAIL],
        "size": str(len(value)),
        "key-size": str(len(record.key or b"")),
    }
    return await app.producer.send(
        TOPICS[side.kind],
        record.key and record.key[:_MAX_KEY_BYTES],
        value[:_MAX_VALUE_BYTES],
        None,
        None,
        [(name, text.encode()) for name, text in headers.items()],
    )
