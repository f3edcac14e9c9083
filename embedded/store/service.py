"""The store as an object: a database, its writer, and threads that answer queries. HTTP is put on it in `routes`."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import duckdb

from embedded.store.database import Database
from embedded.store.errors import NotFoundError, QueryError, StatementError
from embedded.store.influxql.engine import Engine
from embedded.store.influxql.grouping import Groupings
from embedded.store.influxql.parser import parse
from embedded.store.influxql.places import AUTOGEN
from embedded.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from pathlib import Path

    from embedded.store.influxql import syntax as ast
    from embedded.store.influxql.result import ResultSeries
    from embedded.store.line_protocol import Point

READERS = 3
QUERY_SECONDS = 30.0

Answer = list[list["ResultSeries"] | str]


class Store:
    """An open store. Writes and queries may come from any thread."""

    def __init__(
        self,
        path: Path,
        *,
        clock_ns: Callable[[], int] = time.time_ns,
        fatal: Callable[[str], None] = lambda _: None,
        query_seconds: float = QUERY_SECONDS,
    ) -> None:
        """Open or make the store at `path`; `fatal` is told when it must be opened again to go on.

        Raises:
            CityopsError: the file is in use, damaged, or cannot be made.
        """
        self._database = Database(path)
        self._clock_ns = clock_ns
        self._query_seconds = query_seconds
        self._writer = Writer(self._database, clock_ns, fatal)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._groupings = Groupings()
        self._local = threading.local()

    def now_ns(self) -> int:
        """The store's clock."""
        return self._clock_ns()

    def write(self, bucket: str, points: list[Point]) -> Future[None]:
        """Write points; the future ends when they are on disk.

        Raises:
            NotFoundError: there is no such bucket.
            PartialWriteError: (in the future) some points were refused, the rest is written.
            UnavailableError: (in the future) nothing was written.
        """
        self._check_bucket(bucket)
        return self._writer.write(bucket, points)

    def query(self, text: str, database: str, retention: str = "") -> Future[Answer]:
        """Run the statements of a query: for each its series, or the text of its error.

        `retention` is the policy for what names none; each bucket has one, `autogen`.

        Raises:
            QueryError: (in the future) it cannot be parsed, or the store does not do it.
        """
        return self._readers.submit(self._query, text, database, retention)

    def delete(self, bucket: str, start: int, stop: int, measurement: str = "") -> Future[None]:
        """Delete the points of a bucket, or of one measurement, in [start, stop] ns.

        Raises:
            NotFoundError: there is no such bucket.
        """
        self._check_bucket(bucket)
        return self._writer.run(lambda: self._delete(bucket, start, stop, measurement))

    def expire(self) -> Future[None]:
        """Delete now what the buckets no longer keep; the writer does so every minute by itself."""
        return self._writer.run(lambda: self._database.expire(self._clock_ns()))

    def close(self) -> None:
        """Finish the writes that were accepted, end the queries, close the file."""
        self._writer.stop()
        self._readers.shutdown(wait=True, cancel_futures=True)
        self._database.close()

    def _check_bucket(self, bucket: str) -> None:
        if bucket not in self._database.catalogue.buckets:
            raise NotFoundError(f'bucket "{bucket}" not found')

    def _delete(self, bucket: str, start: int, stop: int, name: str) -> None:
        for measurement in list(self._database.catalogue.buckets[bucket].measurements.values()):
            if name in {"", measurement.name}:
                self._database.delete(bucket, measurement, start, stop)

    def _query(self, text: str, database: str, retention: str) -> Answer:
        statements = parse(text)
        if retention not in {"", AUTOGEN}:
            return [f"retention policy not found: {retention}", *["not executed"] * (len(statements) - 1)]
        engine = self._engine()
        now = self._clock_ns()
        answer: Answer = []
        for statement in statements:
            try:
                answer.append(self._run(engine, statement, database, now))
            except StatementError as error:
                # InfluxDB stops at the first statement that fails.
                answer.append(str(error))
                answer += ["not executed"] * (len(statements) - len(answer))
                break
        return answer

    def _run(self, engine: Engine, statement: ast.Statement, database: str, now: int) -> list[ResultSeries]:
        engine.start()
        timer = threading.Timer(self._query_seconds, engine.interrupt)
        timer.daemon = True
        timer.start()
        try:
            try:
                return engine.run(statement, database, now)
            except duckdb.CatalogException:
                # A deletion took the measurement away under the query: what is there now is the answer.
                return engine.run(statement, database, now)
        except duckdb.InterruptException as error:
            raise StatementError(f"query timeout limit exceeded: {self._query_seconds:g} s") from error
        except duckdb.OutOfMemoryException as error:
            raise StatementError("the query needs more memory than the store may take") from error
        except duckdb.InvalidInputException as error:
            raise QueryError(str(error).splitlines()[0]) from error
        except duckdb.Error as error:
            raise StatementError(f"the store cannot answer: {str(error).splitlines()[0]}") from error
        finally:
            timer.cancel()

    def _engine(self) -> Engine:
        engine: Engine | None = getattr(self._local, "engine", None)
        if engine is None:
            engine = self._local.engine = Engine(self._database.catalogue, self._database.reader(), self._groupings)
        return engine
