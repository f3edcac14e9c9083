"""What a rule's condition says of the answers its questions got: one verdict for each set of labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from city.rules import expression
from city.rules.file import Condition, InfluxQuery, Math, Reduce, Threshold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from city.rules.file import Evaluator, Reducer, Rule

Labels = tuple[tuple[str, str], ...]
"""Name and value, sorted by name: what tells alerts apart."""


@dataclass(frozen=True, slots=True)
class Points:
    """One series of an answer: its labels and its values in the order of time; None is a null."""

    labels: Labels
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that got no answer."""

    ref: str
    message: str


Answer = tuple[Points, ...] | Failure
"""What came back for one question; no series at all is no data."""


@dataclass(frozen=True, slots=True)
class NoData:
    """The condition gave no number for anything."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds for one set of labels, and the numbers it follows from, by refId."""

    labels: Labels
    result: Literal["alerting", "normal", "no_data"]
    values: Mapping[str, float | None] = field(default_factory=dict)


Numbers = Mapping[Labels, float | None]
"""The number of each set of labels; None where there is none."""

_REDUCE: Final[Mapping[Reducer, Callable[[list[float]], float]]] = {
    "last": lambda values: values[-1],
    "mean": lambda values: math.fsum(values) / len(values),
    "min": min,
    "max": max,
    "sum": math.fsum,
}
_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "gt": lambda value, bound: value > bound,
    "lt": lambda value, bound: value < bound,
    "gte": lambda value, bound: value >= bound,
    "lte": lambda value, bound: value <= bound,
}


def labels_of(labels: Mapping[str, str]) -> Labels:
    """A mapping as sorted pairs."""
    return tuple(sorted(labels.items()))


def evaluate(
    rule: Rule, answers: Mapping[str, Answer], active: AbstractSet[Labels]
) -> tuple[Verdict, ...] | NoData | Failure:
    """Run the rule's steps over the answers to its questions.

    Args:
        rule: as compiled; a step stands after those it reads.
        answers: the answer to each question, by refId.
        active: the labels that are alerting or pending: for them the recovery threshold decides.
    """
    numbers: dict[str, Numbers] = {}
    for query in rule.data:
        match query.parsed:
            case InfluxQuery():
                answer = answers[query.refId]
                if isinstance(answer, Failure):
                    return answer
            case Reduce(expression=source, reducer=reducer):
                series = answers[source]
                assert not isinstance(series, Failure)
                numbers[query.refId] = {one.labels: reduced(reducer, one.values) for one in series}
            case Math(expression=text):
                numbers[query.refId] = joined(expression.parse(text), numbers)
            case Threshold(expression=source, conditions=(condition,)):
                numbers[query.refId] = {
                    labels: _test(condition, value, is_active=labels in active)
                    for labels, value in numbers[source].items()
                }
    judged = numbers[rule.condition]
    if not judged:
        return NoData()
    return tuple(_verdict(labels, value, numbers) for labels, value in judged.items())


def reduced(reducer: Reducer, values: Iterable[float | None]) -> float | None:
    """One number of a series; nulls and what is no number do not count, and of nothing there is none but `count`."""
    there = [value for value in values if value is not None and math.isfinite(value)]
    if reducer == "count":
        return float(len(there))
    return _REDUCE[reducer](there) if there else None


def joined(node: expression.Node, numbers: Mapping[str, Numbers]) -> Numbers:
    """The expression for each set of labels that all its variables share, or that some have no labels to differ in."""
    refs = sorted(expression.variables(node))
    if refs and _alike([numbers[ref] for ref in refs]):
        return {
            labels: expression.compute(node, {ref: numbers[ref][labels] for ref in refs}) for labels in numbers[refs[0]]
        }
    rows: dict[Labels, dict[str, float | None]] = {(): {}}
    for ref in refs:
        rows = {
            union: row | {ref: value} for union, row, value in _pairs(list(rows.items()), list(numbers[ref].items()))
        }
    return {labels: expression.compute(node, row) for labels, row in rows.items()}


def _alike(columns: list[Numbers]) -> bool:
    """Whether all have numbers for the very same labels, of the same names: then each joins with its like alone."""
    first, *others = columns
    return all(other.keys() == first.keys() for other in others) and len({_names(labels) for labels in first}) == 1


def _names(labels: Labels) -> tuple[str, ...]:
    return tuple([name for name, _ in labels])


_One = TypeVar("_One")
_Other = TypeVar("_Other")


def _pairs(
    left: list[tuple[Labels, _One]], right: list[tuple[Labels, _Other]]
) -> Iterator[tuple[Labels, _One, _Other]]:
    """All pairs of which one holds the other's labels, and the greater set. Looked up, not tried one by one."""
    for names, ones in _by_names(left).items():
        for other_names, others in _by_names(right).items():
            if names >= other_names:
                for labels, one in ones.items():
                    held = tuple(pair for pair in labels if pair[0] in other_names)
                    if held in others:
                        yield labels, one, others[held]
            elif names < other_names:
                for labels, other in others.items():
                    held = tuple(pair for pair in labels if pair[0] in names)
                    if held in ones:
                        yield labels, ones[held], other


def _by_names(rows: list[tuple[Labels, _One]]) -> dict[frozenset[str], dict[Labels, _One]]:
    found: dict[frozenset[str], dict[Labels, _One]] = {}
    for labels, row in rows:
        found.setdefault(frozenset(_names(labels)), {})[labels] = row
    return found


def _test(condition: Condition, value: float | None, *, is_active: bool) -> float | None:
    if value is None:
        return None
    if is_active and condition.unloadEvaluator is not None:
        return float(not _compare(condition.unloadEvaluator, value))
    return float(_compare(condition.evaluator, value))


def _compare(evaluator: Evaluator, value: float) -> bool:
    return _COMPARE[evaluator.type](value, evaluator.params[0])


def _verdict(labels: Labels, value: float | None, numbers: Mapping[str, Numbers]) -> Verdict:
    values = {ref: column[labels] for ref, column in numbers.items() if labels in column}
    if value is None:
        return Verdict(labels, "no_data", values)
    return Verdict(labels, "alerting" if value else "normal", values)
