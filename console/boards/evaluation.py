"""The answers to a panel's questions → the frames it shows: computed, transformed, configured, in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from city.rules import expression, labels_of
from city.rules.evaluation import joined, reduced
from console.boards import frames as made
from console.boards.display import configured
from console.boards.document import Math, Question, Reduce
from console.boards.transformations import transformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from city.rules.evaluation import Numbers
    from console.boards.document import Expression, Panel
    from console.boards.frames import Field, Frame

Series = dict[str, Any]
"""One series of a store's answer: `name`, `tags`, `columns`, `values`; times in milliseconds."""


def evaluated(panel: Panel, answers: Mapping[str, Sequence[Series]]) -> tuple[Frame, ...]:
    """What a panel shows of the answers to its questions, by refId."""
    return configured(transformed(tuple(_frames(panel, answers)), panel.transformations), panel)


def _frames(panel: Panel, answers: Mapping[str, Sequence[Series]]) -> Iterator[Frame]:
    """The frames of each target that is not hidden, in the order of targets; a step stands after what it reads."""
    numbers: dict[str, Numbers] = {}
    for target in panel.targets:
        if isinstance(target, Question):
            if not target.hide:
                yield from _of_question(target, answers[target.ref_id])
            continue
        numbers[target.ref_id] = _computed(target, answers, numbers)
        if not target.hide:
            for labels, value in numbers[target.ref_id].items():
                yield made.number(target.ref_id, dict(labels), value)


def _of_question(question: Question, series: Sequence[Series]) -> tuple[Frame, ...]:
    if question.result_format == "table":
        return made.table(question.ref_id, series)
    return made.time_series(question.ref_id, series, question.alias)


def _computed(step: Expression, answers: Mapping[str, Sequence[Series]], numbers: Mapping[str, Numbers]) -> Numbers:
    match step:
        case Reduce():
            frames = made.time_series(step.expression, answers[step.expression], "$col")
            return {
                labels_of(field.labels): reduced(step.reducer, _numbers(field))
                for one in frames
                for field in one.numbers
            }
        case Math():
            return joined(expression.parse(step.expression), numbers)


def _numbers(field: Field) -> list[float | None]:
    return [value if isinstance(value, (int, float)) else None for value in field.values]
