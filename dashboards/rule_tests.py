"""Rule tests as data: what is measured over time, and all that fires.

A book's `alerts_test.yaml` is a list of these. Each case says everything that fires, with labels, from when until
when; so a case whose list is empty proves that nothing does. `{domain}` in it is the book's name: the rules that every
domain is watched by are tested for each domain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Final

import msgspec

from city.errors import DataError
from city.geography import HERE
from city.instant import NS
from city.rules import Failure, Points, advance, labels_of
from city.rules.file import duration, seconds
from city.rules.notice import labels_told
from dashboards import words
from dashboards.alerting import EVERY_S, FRESH, MEDIAN, REDUCED, SPREAD, VALUE, compiled

if TYPE_CHECKING:
    from city.domain import RuleBook
    from city.rules import Answer, Change, Labels, RuleState
    from city.rules.file import Rule

FILE: Final = "alerts_test.yaml"
PLACE: Final = "{domain}"

_STEP: Final = re.compile(r"(_|error|-?\d+(?:\.\d+)?)(?: x(\d+))?")


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One series.

    Attributes:
        value: the KPI, a step each: `30 x6, 8 x30`; `_` where the series is missing, `error` where the query fails.
        fresh: the share of its sources that speak, in the same way; the last one holds on.
        normal, spread: what is normal for it, where the rule compares with that; likewise.
    """

    labels: dict[str, str]
    value: str
    fresh: str = "1"
    normal: str = "_"
    spread: str = "1"


class Firing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """An alert that people are told of: these labels at least, from when, until when (not at all: to the end)."""

    labels: dict[str, str]
    from_: str
    until: str = ""


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One test of one rule: a step lasts `every`, and nothing fires but `fires`."""

    name: str
    rule: str
    given: tuple[Given, ...]
    fires: tuple[Firing, ...]
    every: str = "1m"


@dataclass(frozen=True, slots=True)
class Episode:
    """An alert that fired, in seconds since the start; `until_s` is None where it still does at the end."""

    labels: Labels
    from_s: int
    until_s: int | None

    def __str__(self) -> str:
        until = "the end" if self.until_s is None else duration(self.until_s)
        return f"{_written(self.labels)} from {duration(self.from_s)} until {until}"


@dataclass(frozen=True, slots=True)
class Result:
    """What a case showed."""

    case: Case
    missing: tuple[Firing, ...] = ()
    unexpected: tuple[Episode, ...] = ()
    history: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether exactly what should fire did."""
        return not self.missing and not self.unexpected

    def __str__(self) -> str:
        lines = [f"{'ok  ' if self.passed else 'FAIL'} {self.case.rule}: {self.case.name}"]
        if not self.passed:
            lines += [f"       should fire: {_expected(firing)}" for firing in self.missing]
            lines += [f"       but fired:   {episode}" for episode in self.unexpected]
            lines += ["       it went:", *(f"         {line}" for line in self.history)]
        return "\n".join(lines)


def cases(book: RuleBook) -> tuple[Case, ...]:
    """The cases beside a book of rules; none where it has no file.

    A file that several books share (`city.operations`) gives each the cases of its own rules.

    Raises:
        DataError: the file is not of the format; says where.
    """
    file = resources.files(book.package) / FILE
    if not file.is_file():
        return ()
    try:
        text = file.read_text(encoding="utf-8")
        found = msgspec.yaml.decode(text.replace(PLACE, book.name), type=tuple[Case, ...])
        for case in found:
            _ = [_steps(text) for one in case.given for text in (one.value, one.fresh, one.normal, one.spread)]
            _ = [seconds(text) for one in case.fires for text in (one.from_, one.until or "0s")]
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError) as error:
        raise DataError(f"{book.name}: {FILE}: {error}") from error
    own = {rule.name for rule in book.rules}
    return tuple(case for case in found if case.rule in own) if PLACE in text else found


def run(case: Case, book: RuleBook) -> Result:
    """Evaluate the case's rule every 10 s, as Grafana would.

    Raises:
        DataError: the pack has no such rule.
    """
    rule = next((rule for rule in book.rules if rule.name == case.rule), None)
    if rule is None:
        raise DataError(f"{book.name}: {FILE}: {case.name!r} tests {case.rule!r}, which is no rule of the pack")
    made = compiled(rule, book, HERE)
    step_s = seconds(case.every)
    rounds = max(len(_steps(one.value)) for one in case.given) * step_s // EVERY_S
    state: RuleState = {}
    told = _Told(made)
    for at_s in range(0, rounds * EVERY_S, EVERY_S):
        state, changes = advance(made, _answers(case, at_s // step_s), state, at_s * NS, EVERY_S)
        for change in changes:
            told.hear(at_s, change)
    return _compared(case, told)


class _Told:
    """What people are told of one rule over time."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._since: dict[Labels, int] = {}
        self._ended: list[Episode] = []
        self.history: list[str] = []

    def hear(self, at_s: int, change: Change) -> None:
        """An alert changed."""
        before = change.before.value if change.before else "new"
        reason = f" ({change.alert.reason})" if change.alert.reason else ""
        value = change.alert.values.get(REDUCED)
        what = f"{before} → {change.alert.state}{reason}" + ("" if value is None else f" at {value:g}")
        self.history.append(f"{duration(at_s):>6}  {_written(change.labels)}: {what}")
        if change.alert.state.fires:
            self._since.setdefault(change.labels, at_s)
        elif change.labels in self._since:
            self._ended.append(self._episode(change.labels, at_s))
            del self._since[change.labels]

    @property
    def episodes(self) -> list[Episode]:
        """All that fired, the open ones last."""
        return [*self._ended, *(self._episode(labels, None) for labels in self._since)]

    def _episode(self, labels: Labels, until_s: int | None) -> Episode:
        """With the labels that people are told."""
        return Episode(labels_told(self._rule, words.ALERTS.vi, labels), self._since[labels], until_s)


def _answers(case: Case, step: int) -> dict[str, Answer]:
    """What the questions of the rule are told in one step."""
    answers: dict[str, Answer] = {}
    asked = {VALUE: "value", FRESH: "fresh", MEDIAN: "normal", SPREAD: "spread"}
    for ref, what in asked.items():
        said = [(labels_of(one.labels), _at(getattr(one, what), step)) for one in case.given]
        if any(value == "error" for _, value in said):
            return dict.fromkeys(asked, Failure(VALUE, "the store does not answer"))
        answers[ref] = tuple(Points(labels, (float(value),)) for labels, value in said if value != "_")
    return answers


def _at(sequence: str, step: int) -> str:
    steps = _steps(sequence)
    return steps[min(step, len(steps) - 1)]


def _steps(sequence: str) -> tuple[str, ...]:
    steps: list[str] = []
    for part in sequence.split(","):
        found = _STEP.fullmatch(part.strip())
        if found is None:
            raise ValueError(f"no values over time: {part.strip()!r}; write for example `30 x6, 8, _ x2, error`")
        steps += [found[1]] * int(found[2] or 1)
    return tuple(steps)


def _compared(case: Case, told: _Told) -> Result:
    unexpected = told.episodes
    missing = []
    for firing in case.fires:
        found = next((episode for episode in unexpected if _is(firing, episode)), None)
        if found is None:
            missing.append(firing)
        else:
            unexpected.remove(found)
    return Result(case, tuple(missing), tuple(unexpected), tuple(told.history))


def _is(firing: Firing, episode: Episode) -> bool:
    return (
        set(firing.labels.items()) <= set(episode.labels)
        and seconds(firing.from_) == episode.from_s
        and (seconds(firing.until) if firing.until else None) == episode.until_s
    )


def _expected(firing: Firing) -> str:
    return f"{_written(labels_of(firing.labels))} from {firing.from_} until {firing.until or 'the end'}"


def _written(labels: Labels) -> str:
    return " ".join(f"{name}={value}" for name, value in labels) or "(no labels)"
