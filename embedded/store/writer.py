"""The one thread that writes. Requests that wait together are committed together, then all are acknowledged."""

from __future__ import annotations

import logging
import queue
import shutil
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import duckdb

from embedded.store.batch import Batch
from embedded.store.errors import PartialWriteError, StoreError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from embedded.store.database import Database
    from embedded.store.line_protocol import Point

WAITING_POINTS = 200_000
"""More than these do not wait: who writes is told to come back, and memory stays bounded."""
GROUP_POINTS = 20_000
"""A transaction takes no further request once it holds this many points."""
FREE_BYTES = 64 * 1024 * 1024
"""Below this much free disk nothing is accepted: DuckDB needs room to write its log and to checkpoint."""
EXPIRE_SECONDS = 60.0

_log = logging.getLogger("embedded.store")


@dataclass(slots=True)
class _Write:
    bucket: str
    points: list[Point]
    done: Future[None] = field(default_factory=Future)


@dataclass(slots=True)
class _Task:
    run: Callable[[], None]
    done: Future[None] = field(default_factory=Future)


class Writer:
    """Accepts writes from any thread; each one's future ends when its points are on disk."""

    def __init__(self, database: Database, clock_ns: Callable[[], int], fatal: Callable[[str], None]) -> None:
        """`fatal` is told when the database can do no more until it is opened again."""
        self._database = database
        self._clock_ns = clock_ns
        self._fatal = fatal
        self._queue: queue.Queue[_Write | _Task | None] = queue.Queue()
        self._waiting = 0
        self._waiting_lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="store-writer")
        self._thread.start()

    def write(self, bucket: str, points: list[Point]) -> Future[None]:
        """Write points. The future's errors: PartialWriteError names the refused, UnavailableError: none is kept."""
        item = _Write(bucket, points)
        with self._waiting_lock:
            if self._waiting + len(points) > WAITING_POINTS and self._waiting:
                item.done.set_exception(UnavailableError("too many points are waiting to be written; try again later"))
                return item.done
            self._waiting += len(points)
        self._queue.put(item)
        return item.done

    def run(self, task: Callable[[], None]) -> Future[None]:
        """Run a change of the database (a deletion) between two batches."""
        item = _Task(task)
        self._queue.put(item)
        return item.done

    def stop(self) -> None:
        """Finish what was accepted, then end."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        expire_at = time.monotonic()
        while True:
            patience = expire_at - time.monotonic()
            if patience <= 0:
                self._guard([], self._expire)
                expire_at = time.monotonic() + EXPIRE_SECONDS
                continue
            try:
                item = self._queue.get(timeout=patience)
            except queue.Empty:
                continue
            if item is None:
                return
            if isinstance(item, _Task):
                self._guard([item], item.run)
            else:
                group = self._group(item)
                self._guard(group, partial(self._commit, group))
                with self._waiting_lock:
                    self._waiting -= sum(len(write.points) for write in group)

    def _group(self, first: _Write) -> list[_Write]:
        """The writes that wait now, up to a bound; a task among them waits for the next round."""
        group, points = [first], len(first.points)
        while points < GROUP_POINTS and self._queue.queue and isinstance(self._queue.queue[0], _Write):
            item = self._queue.get_nowait()
            assert isinstance(item, _Write)
            group.append(item)
            points += len(item.points)
        return group

    def _expire(self) -> None:
        self._database.expire(self._clock_ns())

    def _commit(self, group: list[_Write]) -> None:
        """Write a group's points durably; then, and only then, end its futures."""
        free = shutil.disk_usage(self._database.path.parent).free
        if free < FREE_BYTES:
            raise UnavailableError(
                f"disk full: {free >> 20} MB are free for {self._database.path}, the store needs {FREE_BYTES >> 20} MB"
            )
        batch = Batch(self._database.catalogue)
        answers = [batch.add(write.bucket, write.points) for write in group]
        self._database.write(batch)
        for write, refused in zip(group, answers, strict=True):
            if refused and not write.done.cancelled():
                write.done.set_exception(_partial(refused))

    def _guard(self, items: Sequence[_Write | _Task], run: Callable[[], None]) -> None:
        """Whatever happens in `run`, every item gets its answer and this thread lives on."""
        fault: Exception | None = None
        for item in items:
            # From here on a client that goes away cannot cancel it; one that went before is written all the same.
            item.done.set_running_or_notify_cancel()
        try:
            run()
        except UnavailableError as error:
            fault = error
        except duckdb.Error as error:
            message = f"{self._database.path}: {str(error).strip().splitlines()[0]}"
            _log.error("nothing of this write was kept: %s", message)
            fault = UnavailableError(f"the store cannot write now: {message}")
            if isinstance(error, duckdb.FatalException | duckdb.InternalException):
                self._fatal(message)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the only thread that writes
            _log.exception("a fault of the store itself")
            fault = StoreError(f"a fault of the store itself: {error!r}")
        for item in items:
            if not item.done.done():
                item.done.set_exception(fault) if fault else item.done.set_result(None)


def _partial(refused: list[str]) -> PartialWriteError:
    reasons = "; ".join(dict.fromkeys(refused[:20]))
    return PartialWriteError(f"failure writing points to database: partial write: {reasons} dropped={len(refused)}")
