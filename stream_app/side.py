"""Sends what no window took to `city.late` and `city.rejected`, each with where it stood and why."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from city.catalogue import LATE, REJECTED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

    import faust
    from faust.types import TP

    from stream_app.core import SideRecord

TOPICS: Final = {"late": LATE, "rejected": REJECTED}
_MAX_VALUE_BYTES: Final = 131_072
_MAX_KEY_BYTES: Final = 1_024
_MAX_DETAIL: Final = 300


async def send(app: faust.App, taken: Iterable[tuple[TP, SideRecord]]) -> None:
    """Send them all and wait until the broker has them.

    The header `topic-partition-offset` identifies a record for ever: transport is at least once, identity exact.
    A value or a key too long for a topic is cut; the sizes are in the headers.
    """
    sent = [await _send(app, tp, side) for tp, side in taken]
    await asyncio.gather(*sent)


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
