"""The log of a process: one line a record, UTC, on standard error. The supervisor puts it into a file."""

from __future__ import annotations

import logging
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TALKATIVE = frozenset({"aiokafka", "kafka", "urllib3"})
_AGAIN_AFTER_S = 10.0
_REMEMBERED = 1_024
_FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s"


class _OneLine(logging.Formatter):
    """UTC, and no line feed inside a message, so that the text of an event cannot forge a record."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 — the base's name
        return time.strftime(datefmt or "%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 — the base's name
        return super().formatMessage(record).replace("\n", " ⏎ ").replace("\r", "")


class _NotOverAndOver(logging.Filter):
    """Lets a library say a thing once in ten seconds: of a broker that is away its client tells fifty times a second.

    What a record says is its text before the arguments are put in. Our own rooms speak as often as they mean to.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[tuple[str, int, object], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] not in _TALKATIVE:
            return True
        now, what = self._clock(), (record.name, record.levelno, record.msg)
        if now < self._said.get(what, -_AGAIN_AFTER_S) + _AGAIN_AFTER_S:
            return False
        if len(self._said) >= _REMEMBERED:  # of texts without arguments there is no end
            self._said.clear()
        self._said[what] = now
        return True


def configure(level: str = "INFO") -> None:
    """Send every log record of this process to standard error, replacing what was set up before."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine(_FORMAT))
    handler.addFilter(_NotOverAndOver())
    logging.basicConfig(level=level, handlers=[handler], force=True)
