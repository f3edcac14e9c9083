"""Who says what is not counted: late, duplicate and rejected records by their source, between two reports."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from city.event import MAX_EVENT_BYTES, too_deep
from city.gate import well_formed

if TYPE_CHECKING:
    from stream_app.core.fold import Record

NOBODY: Final = ""
"""Stands for every source that cannot be read, and for those beyond the most that are told apart."""

MOST: Final = 8_192
"""Sources told apart between two reports: more than one domain has, and no more memory than that for a flood."""

_LONGEST: Final = 128


class Tally:
    """What was not counted, by source. Whoever reports takes it away.

    Args:
        most: how many sources it tells apart; what others say goes to `NOBODY`.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._of: dict[str, Counter[str]] = {}

    def add(self, what: str, source: str) -> None:
        """One more record of a source: `late`, `duplicate` or `rejected`."""
        if source not in self._of:
            source = source if len(self._of) < self._most else NOBODY
            self._of.setdefault(source, Counter())
        self._of[source][what] += 1

    def take(self) -> dict[str, Counter[str]]:
        """Source → what and how often, since it was taken last."""
        taken, self._of = self._of, {}
        return taken


class _Named(msgspec.Struct, gc=False):
    """All that is asked of a record that was refused: whose it says to be."""

    source: str = NOBODY


_read = msgspec.json.Decoder(_Named).decode


def claimed(record: Record) -> str:
    """The source that a refused record states; `NOBODY` where it states none, or one that could not be a tag.

    It is what the record says of itself, whatever else is wrong with it, and proves nothing.
    """
    source = _stated(record)
    return source if len(source) <= _LONGEST and well_formed(source) else NOBODY


def _stated(record: Record) -> str:
    headers = dict(record.headers)
    try:
        if "ce_specversion" in headers:  # binary mode
            return (headers.get("ce_source") or b"").decode()
        body = record.value or b""
        return NOBODY if len(body) > MAX_EVENT_BYTES or too_deep(body) else _read(body).source
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        return NOBODY
