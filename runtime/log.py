"""The log of a process: one line a record, UTC, on standard error. The supervisor puts it into a file."""

from __future__ import annotations

import logging
import sys
import time

_FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s"


class _OneLine(logging.Formatter):
    """UTC, and no line feed inside a message, so that the text of an event cannot forge a record."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 — the base's name
        return time.strftime(datefmt or "%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 — the base's name
        return super().formatMessage(record).replace("\n", " ⏎ ").replace("\r", "")


def configure(level: str = "INFO") -> None:
    """Send every log record of this process to standard error, replacing what was set up before."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine(_FORMAT))
    logging.basicConfig(level=level, handlers=[handler], force=True)
