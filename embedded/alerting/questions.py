"""The questions of all rules, asked of the store once each however many rules share them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from city.errors import CityopsError, UnreachableError
from city.rules import Failure, Points, labels_of
from city.rules.file import InfluxQuery
from runtime.ask import ask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from city.rules import Answer, Rule
    from city.rules.file import Query
    from runtime.connect import Store

BUCKETS: Final = {"influx-live": "city_live", "influx-settled": "city", "influx-rollup": "city_rollup"}
"""Data source → bucket: what the provisioned data sources say."""

PATIENCE_S: Final = 30.0
"""How long all the questions of a round may take together: Grafana's evaluation timeout. Rounds that would have begun
meanwhile are left out."""

Asker = Callable[[str, str, float], list[dict[str, Any]]]
"""Bucket, InfluxQL, seconds of patience → results; raises CityopsError."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question as the store is asked it; equal ones are asked once."""

    bucket: str
    influxql: str


def store_asker(store: Store) -> Asker:
    """Asks this store."""
    return lambda bucket, influxql, patience_s: ask(store, bucket, influxql, patience_s)


def question(query: Query, model: InfluxQuery, now_s: int) -> Question:
    """The question at a moment: Grafana's range holds both of its ends."""
    assert query.relativeTimeRange is not None
    start, end = now_s - query.relativeTimeRange.from_, now_s - query.relativeTimeRange.to
    span = f"time >= {start}000ms and time <= {end}000ms"
    return Question(BUCKETS[query.datasourceUid], model.query.replace("$timeFilter", span))


def questions(rule: Rule) -> tuple[tuple[Query, InfluxQuery], ...]:
    """What a rule asks, its expressions left out."""
    return tuple((query, model) for query in rule.data if isinstance(model := query.parsed, InfluxQuery))


class Round:
    """The answers of one round.

    Args:
        asker: asks the store.
        patience_s: for all questions together. A store that is away is not asked again in the same round.
    """

    def __init__(self, asker: Asker, patience_s: float = PATIENCE_S) -> None:
        self._ask = asker
        self._until = time.monotonic() + patience_s
        self._answers: dict[Question, Answer] = {}
        self._away: Failure | None = None

    @property
    def asked(self) -> int:
        """How many questions the store was asked."""
        return len(self._answers)

    def answers(self, asked: Iterable[tuple[Query, InfluxQuery]], now_s: int) -> Mapping[str, Answer]:
        """The answers to a rule's questions, by refId."""
        return {query.refId: self._answer(query.refId, question(query, model, now_s)) for query, model in asked}

    def _answer(self, ref: str, one: Question) -> Answer:
        if one not in self._answers:
            self._answers[one] = self._away or self._fetch(ref, one)
        answer = self._answers[one]
        return Failure(ref, answer.message) if isinstance(answer, Failure) else answer

    def _fetch(self, ref: str, one: Question) -> Answer:
        patience_s = self._until - time.monotonic()
        if patience_s <= 0:
            self._away = Failure(ref, "the store is too slow to answer all questions of a round")
            return self._away
        try:
            results = self._ask(one.bucket, one.influxql, patience_s)
        except UnreachableError as error:
            self._away = Failure(ref, str(error))
            return self._away
        except CityopsError as error:
            return Failure(ref, str(error))
        return tuple(_points(series) for result in results for series in result.get("series", ()))


def _points(series: dict[str, Any]) -> Points:
    """One series of an answer in the order of time; its first column is the time, its second the value."""
    return Points(labels_of(series.get("tags", {})), tuple(row[1] for row in series["values"]))
