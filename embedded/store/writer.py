"""The one thread that writes. Requests that wait together are committed together, then all are acknowledged."""

from __future__ import annotations

import logging
import queue
import shutil
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb

from embedded.store.batch import Batch
from embedded.store.catalogue import DAY_NS
from embedded.store.errors import PartialWriteError, StoreError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from embedded.store.database import Database
    from embedded.store.line_protocol import Point

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
        self._queue: queue.Queue[_Write | _Task | None] = queue.Queue(maxsize=256)
        self._thread = threading.Thread(target=self._run, name="store-writer")
        self._thread.start()

    def write(self, bucket: str, points: list[Point]) -> Future[None]:
        """Write points. The future's errors: PartialWriteError names the refused, UnavailableError: none is kept."""
        return self._put(_Write(bucket, points))

    def run(self, task: Callable[[], None]) -> Future[None]:
        """Run a change of the database (a deletion) between two batches."""
        return self._put(_Task(task))

    def stop(self) -> None:
        """Finish what was accepted, then end."""
        self._queue.put(None)
        self._thread.join()

    def _put(self, item: _Write | _Task) -> Future[None]:
        try:
            self._queue.put_nowait(item)
        except queue.Full:
            item.done.set_exception(UnavailableError("too many writes are waiting; try again later"))
        return item.done

    def _run(self) -> None:
        while True:
            try:
                item = self._queue.get(timeout=EXPIRE_SECONDS)
            except queue.Empty:
                self._do(_Task(self._expire))
                continue
            if item is None:
                return
            if isinstance(item, _Task):
                self._do(item)
            else:
                self._commit(self._group(item))

    def _group(self, first: _Write) -> list[_Write]:
        """The writes that wait now, up to a bound; a task among them waits for the next round."""
        group, points = [first], len(first.points)
        while points < GROUP_POINTS and self._queue.queue and isinstance(self._queue.queue[0], _Write):
            item = self._queue.get_nowait()
            assert isinstance(item, _Write)
            group.append(item)
            points += len(item.points)
        return group

    def _do(self, task: _Task) -> None:
        try:
            task.run()
        except duckdb.Error as error:
            self._failed([task], error)
        else:
            task.done.set_result(None)

    def _expire(self) -> None:
        self._database.expire(self._clock_ns())

    def _commit(self, group: list[_Write]) -> None:
        free = shutil.disk_usage(self._database.path.parent).free
        if free < FREE_BYTES:
            message = f"disk full: {free >> 20} MB free for {self._database.path}, {FREE_BYTES >> 20} MB needed"
            for write in group:
                write.done.set_exception(UnavailableError(message))
            return
        batch = Batch(self._database.catalogue)
        now = self._clock_ns()
        answers: list[StoreError | None] = []
        for write in group:
            oldest = now - self._database.catalogue.buckets[write.bucket].keep_days * DAY_NS
            refused = batch.add(write.bucket, write.points, oldest)
            answers.append(_partial(refused) if refused else None)
        try:
            self._database.write(batch)
        except duckdb.Error as error:
            self._failed(group, error)
            return
        for write, answer in zip(group, answers, strict=True):
            if answer is None:
                write.done.set_result(None)
            else:
                write.done.set_exception(answer)

    def _failed(self, items: list[_Write] | list[_Task], error: duckdb.Error) -> None:
        message = f"{self._database.path}: {str(error).strip().splitlines()[0]}"
        _log.error("nothing of this write was kept: %s", message)
        for item in items:
            item.done.set_exception(UnavailableError(f"the store cannot write now: {message}"))
        if isinstance(error, duckdb.FatalException | duckdb.InternalException):
            self._fatal(message)


def _partial(refused: list[str]) -> PartialWriteError:
    reasons = "; ".join(dict.fromkeys(refused[:20]))
    return PartialWriteError(f"failure writing points to database: partial write: {reasons} dropped={len(refused)}")
