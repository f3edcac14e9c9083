"""Runs statements on a reader of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from city.remembered import Remembered
from embedded.store.errors import QueryError, StatementError
from embedded.store.influxql import syntax as ast
from embedded.store.influxql.binding import Bound, bind
from embedded.store.influxql.compiler import compile_select
from embedded.store.influxql.places import bucket_of
from embedded.store.influxql.reading import tables_of
from embedded.store.influxql.show import show
from embedded.store.influxql.subquery import materialise
from embedded.store.influxql.table import MAX_CELLS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from embedded.store.catalogue import Catalogue, Measurement
    from embedded.store.influxql.compiler import Plan
    from embedded.store.influxql.grouping import Groupings
    from embedded.store.influxql.result import ResultSeries
    from embedded.store.influxql.table import Rows


FETCH_ROWS = 50_000
_MATCHES_REMEMBERED = 20_000
"""Boards ask the same patterns of the same tags every few seconds; finding out takes a statement each."""


class Engine:
    """Runs statements; one for each connection, used by one thread at a time. Groupings are shared by all of them."""

    def __init__(self, catalogue: Catalogue, connection: duckdb.DuckDBPyConnection, groupings: Groupings) -> None:
        self._catalogue = catalogue
        self._connection = connection
        self._groupings = groupings
        self._matched = Remembered(self._matches, _MATCHES_REMEMBERED)
        self._interrupted = False

    def run(self, statement: ast.Statement, database: str, now: int) -> list[ResultSeries]:
        """The answer to one statement.

        Raises:
            StatementError: it cannot be carried out, as InfluxDB cannot.
            QueryError: the store does not do it.
        """
        for pattern in _patterns(statement):
            self.matches("", pattern)
        if isinstance(statement, ast.Show):
            return show(statement, self._catalogue, database, self.matches)
        return self._select(statement, database, now, None)

    def start(self) -> None:
        """Forget an interruption that came too late for the statement before."""
        self._interrupted = False

    def interrupt(self) -> None:
        """End the statement that runs now, by duckdb.InterruptException in its thread; from any thread."""
        self._interrupted = True
        self._connection.interrupt()

    def matches(self, text: str, pattern: str) -> bool:
        """Whether an RE2 pattern, the syntax InfluxDB's own have, is found in a text."""
        return self._matched[text, pattern]

    def _matches(self, text_and_pattern: tuple[str, str]) -> bool:
        try:
            found = self._connection.execute("SELECT regexp_matches(?, ?)", [*text_and_pattern]).fetchall()
        except duckdb.InvalidInputException as error:
            raise QueryError(f"error parsing regexp: {str(error).splitlines()[0]}") from error
        return bool(found[0][0])

    def _select(self, select: ast.Select, database: str, now: int, outer: Plan | None) -> list[ResultSeries]:
        plan = compile_select(select, now, outer)
        measurements: list[Measurement] = []
        made: list[Measurement] = []
        for source in select.sources:
            if isinstance(source, ast.Select):
                made += materialise(self._connection, self._select(source, database, now, plan))
            else:
                measurements += self._measurements(source, database)
        try:
            distinct = list({measurement.id: measurement for measurement in [*measurements, *made]}.values())
            all_bound = bind(plan, distinct, self._groupings, self.matches)
            return [series for bound in all_bound for series in self._series(bound)]
        finally:
            for measurement in made:
                self._connection.execute(f"DROP TABLE {measurement.table}")

    def _measurements(self, source: ast.Measurement, database: str) -> Iterable[Measurement]:
        bucket = bucket_of(source, self._catalogue, database)
        if isinstance(source.name, str):
            known = bucket.measurements.get(source.name)
            return [known] if known is not None else []
        pattern = source.name.pattern
        return [found for found in list(bucket.measurements.values()) if self.matches(found.name, pattern)]

    def _series(self, bound: Bound) -> Iterator[ResultSeries]:
        """The answer from one measurement, a series for each group that has rows."""
        if not bound.grouping.groups:
            return
        tables, limited = tables_of(bound, self._fetch)
        for number, table in sorted(tables.items()):
            series = table.series(bound, bound.grouping.groups[number], limited=limited)
            if series.rows:
                yield series

    def _fetch(self, statement: str, parameters: list[Any]) -> dict[int, Rows]:
        """The rows of a statement by group number, their first column."""
        groups: dict[int, Rows] = {}
        cells = 0
        cursor = self._connection.execute(statement, parameters)
        while rows := cursor.fetchmany(FETCH_ROWS):
            if self._interrupted:
                raise duckdb.InterruptException("between two parts of an answer")
            cells += len(rows) * len(rows[0])
            if cells > MAX_CELLS:
                raise StatementError(
                    f"the answer has more than {MAX_CELLS} values: narrow the time range, or set LIMIT"
                )
            for row in rows:
                groups.setdefault(row[0], []).append(row)
        return groups


def _patterns(statement: ast.Statement) -> Iterator[str]:
    """Every regular expression of a statement, so that a bad one is refused whatever the data."""
    nodes: list[ast.Node] = [statement]
    while nodes:
        node = nodes.pop()
        nodes += ast.children(node)
        if isinstance(node, ast.Regex):
            yield node.pattern
