"""How places stand, as they were judged last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.influxql import Last
from console.store import LIVE

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.store import Answer, Store

FRESH_S: Final = 8.0
"""Places are judged once a minute."""
LATELY: Final = Last(6 * 3_600)
OLD_FRESH_S: Final = 60.0


async def judged(store: Store, query: Callable[..., str]) -> tuple[Answer, bool]:
    """The last rounds' answer; where nobody has judged in them, the last of some hours, and that it is old.

    Args:
        store: to ask.
        query: of one span, or of the last rounds without one.

    Raises:
        CityopsError: the store does not answer.
    """
    if answer := await store.ask(LIVE, query(), FRESH_S):
        return answer, False
    return await store.ask(LIVE, query(LATELY), OLD_FRESH_S), True
