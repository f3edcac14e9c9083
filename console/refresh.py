"""A part of a page that asks the store again and again, and says so when it does not answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from nicegui import ui

from city.errors import CityopsError
from console.elements import Words
from console.faults import fault_of, fault_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from console.view import View

EVERY_S: Final = 5.0
PATIENCE_S: Final = 1.0
"""A page is shown after so long, even if the store has not answered yet."""


async def kept_fresh(view: View, load: Callable[[], Awaitable[None]], every_s: float = EVERY_S) -> None:
    """Run `load` now and every few seconds. What it showed stays where the store is away, with a line that says so."""
    notice = Words("p", classes="notice").props("role=status")
    notice.set_visibility(False)
    running: asyncio.Task[None] | None = None
    client = ui.context.client

    async def once() -> None:
        try:
            await load()
        except RuntimeError:
            if not client.is_deleted:  # whoever looked has gone while the store was asked
                raise
        except CityopsError as error:
            notice.say(view.say("store.away", reason=fault_words(view, fault_of(error))))
            notice.set_visibility(True)
        else:
            notice.set_visibility(False)

    async def round_() -> None:
        nonlocal running
        if running is None or running.done():
            running = asyncio.create_task(once())
        await asyncio.wait([running], timeout=PATIENCE_S)

    await round_()
    ui.timer(every_s, round_, immediate=False)
