"""One child process of the supervisor: its process group, its standard input, its log file."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LOG_BYTES = 5_000_000
_TAIL_BYTES = 4_096


class Child:
    """A started program, alone in its process group, so that what it starts ends with it.

    Its standard input is a pipe nobody writes to: it ends when the supervisor does, however that ends.
    """

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        rotate(log)
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 — the argv is a constant of the parts' table
                argv,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
            )
        self.pid = self._process.pid

    def exit_code(self) -> int | None:
        """The exit code (negative: the signal), once it has ended; None while it runs.

        What is left of its group is killed while the dead leader still holds the group's number: afterwards
        the system may give that number to somebody else.
        """
        if self._process.returncode is None and self._has_ended():
            self.kill()
        return self._process.returncode

    def ask_to_end(self) -> None:
        """Send SIGTERM."""
        self._process.terminate()

    def kill(self) -> None:
        """End it and all it started, at once."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def keep_log_small(self) -> None:
        """Rotate the log if it has grown too long."""
        rotate(self._log)

    def last_line(self) -> str:
        """The last line it wrote, for a person who asks why it ended."""
        with suppress(OSError), self._log.open("rb") as file:
            file.seek(max(0, self._log.stat().st_size - _TAIL_BYTES))
            lines = file.read().decode("utf-8", errors="replace").split("\n")
            return next((line.strip() for line in reversed(lines) if line.strip()), "")
        return ""

    def _has_ended(self) -> bool:
        try:
            return psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True


def rotate(log: Path, limit: int = LOG_BYTES) -> None:
    """Keep at most `limit` bytes in `log` and as many in `log.1`.

    Copied and cut, not renamed: the child keeps its file open, and open for appending. On a full disk the older
    half is given up rather than the child's next line.
    """
    with suppress(FileNotFoundError):
        if log.stat().st_size > limit:
            with suppress(OSError):
                shutil.copyfile(log, log.with_name(log.name + ".1"))
            os.truncate(log, 0)
