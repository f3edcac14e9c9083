"""Alerts over time: pending, firing, recovering, no data, error, and series that went missing.

The semantics are Grafana's (12 and 13), as documented under "Alert rule evaluation":
https://grafana.com/docs/grafana/latest/alerting/fundamentals/alert-rule-evaluation/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from city.instant import NS
from city.rules.evaluation import Failure, Labels, NoData, evaluate, labels_of
from city.rules.file import seconds

if TYPE_CHECKING:
    from city.rules.evaluation import Answer, Verdict
    from city.rules.file import Rule

MISSING: Final = "MissingSeries"


class State(StrEnum):
    """The state of one alert, in Grafana's words."""

    NORMAL = "Normal"
    PENDING = "Pending"
    ALERTING = "Alerting"
    RECOVERING = "Recovering"
    NO_DATA = "NoData"
    ERROR = "Error"

    @property
    def fires(self) -> bool:
        """Whether people are told of it."""
        return self not in {State.NORMAL, State.PENDING}


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of a rule.

    Attributes:
        since_ns: when it came into this state.
        seen_ns: when its series was last evaluated.
        reason: why, where the state is not the condition's own: NoData, Error, KeepLast, MissingSeries.
        values: the numbers of the last evaluation, by refId.
    """

    state: State
    since_ns: int
    seen_ns: int
    reason: str = ""
    values: Mapping[str, float | None] = field(default_factory=dict)


RuleState = Mapping[Labels, Alert]
"""The alerts of one rule, by the labels of their series."""


@dataclass(frozen=True, slots=True)
class Change:
    """An alert that came into another state; `before` is None for a new one."""

    labels: Labels
    before: State | None
    alert: Alert


def advance(
    rule: Rule, answers: Mapping[str, Answer], state: RuleState, now_ns: int, interval_s: int
) -> tuple[RuleState, tuple[Change, ...]]:
    """One evaluation.

    Args:
        rule: as compiled.
        answers: what each question of the rule got, by refId.
        state: the alerts that the evaluation before left; empty at first.
        now_ns: when this evaluation happens.
        interval_s: seconds between two evaluations of the rule's group.

    Returns:
        The alerts now, and those that changed. An alert whose series is gone appears among the changes, as normal
        for the reason `MissingSeries`, and no longer in the state.
    """
    active = {
        labels for labels, alert in state.items() if alert.state in {State.ALERTING, State.PENDING} and not alert.reason
    }
    clock = _Clock(rule, now_ns)
    match evaluate(rule, answers, active):
        case NoData():
            evaluated = clock.without_data(state)
        case Failure() as failure:
            evaluated = clock.failed(state, failure)
        case verdicts:
            evaluated = {verdict.labels: clock.judge(state.get(verdict.labels), verdict) for verdict in verdicts}
    kept, gone = _missing(rule, {k: v for k, v in state.items() if k not in evaluated}, now_ns, interval_s)
    after = evaluated | kept
    changes = [
        Change(labels, before.state if (before := state.get(labels)) else None, alert)
        for labels, alert in (after | gone).items()
        if labels not in state or state[labels].state != alert.state
    ]
    return after, tuple(changes)


@dataclass(frozen=True, slots=True)
class _Clock:
    """One rule at one moment."""

    rule: Rule
    now_ns: int

    def judge(self, before: Alert | None, verdict: Verdict) -> Alert:
        """The alert after a verdict on its series."""
        alert = replace(before or self._new(), seen_ns=self.now_ns, values=verdict.values)
        match verdict.result:
            case "alerting":
                return self._alerting(alert)
            case "normal":
                return self._normal(alert)
            case "no_data":
                return self._blind(alert, State.NO_DATA, self.rule.noDataState)

    def without_data(self, state: RuleState) -> dict[Labels, Alert]:
        """The condition gave nothing at all."""
        return self._all_blind(state, State.NO_DATA, self.rule.noDataState, {})

    def failed(self, state: RuleState, failure: Failure) -> dict[Labels, Alert]:
        """A question got no answer."""
        return self._all_blind(state, State.ERROR, self.rule.execErrState, {"ref_id": failure.ref})

    def _all_blind(self, state: RuleState, blind: State, wanted: str, extra: dict[str, str]) -> dict[Labels, Alert]:
        """Grafana's own alert (DatasourceNoData, DatasourceError), or the same for every alert there is."""
        if wanted == blind.value:
            labels = labels_of({"alertname": f"Datasource{blind}", **extra})
            return {labels: self._blind(replace(state.get(labels) or self._new(), seen_ns=self.now_ns), blind, wanted)}
        alerts = state or {(): self._new()}
        return {
            labels: self._blind(replace(alert, seen_ns=self.now_ns), blind, wanted) for labels, alert in alerts.items()
        }

    def _blind(self, alert: Alert, blind: State, wanted: str) -> Alert:
        match wanted:
            case "Alerting":
                return self._alerting(alert, blind.value)
            case "KeepLast":
                return self._keep(alert, f"{blind.value}, KeepLast")
            case _:
                return alert if alert.state == blind else self._to(alert, blind)

    def _keep(self, alert: Alert, reason: str) -> Alert:
        going_on = alert.state in {State.ALERTING, State.PENDING}
        return self._alerting(alert, reason) if going_on else self._normal(alert, reason)

    def _alerting(self, alert: Alert, reason: str = "") -> Alert:
        match alert.state:
            case State.ALERTING:
                return alert
            case State.RECOVERING:
                return self._to(alert, State.ALERTING, reason)
            case State.PENDING:
                return self._to(alert, State.ALERTING, reason) if self._lasted(alert, self.rule.for_) else alert
            case _:
                return self._to(alert, State.PENDING if seconds(self.rule.for_) else State.ALERTING, reason)

    def _normal(self, alert: Alert, reason: str = "") -> Alert:
        if alert.state == State.NORMAL:
            return alert
        if alert.state == State.ALERTING and seconds(self.rule.keepFiringFor):
            return self._to(alert, State.RECOVERING, reason)
        if alert.state == State.RECOVERING and not self._lasted(alert, self.rule.keepFiringFor):
            return alert
        return self._to(alert, State.NORMAL, reason)

    def _new(self) -> Alert:
        return Alert(State.NORMAL, self.now_ns, self.now_ns)

    def _to(self, alert: Alert, state: State, reason: str = "") -> Alert:
        return replace(alert, state=state, reason=reason, since_ns=self.now_ns)

    def _lasted(self, alert: Alert, duration: str) -> bool:
        return self.now_ns - alert.since_ns >= seconds(duration) * NS


def _missing(
    rule: Rule, alerts: RuleState, now_ns: int, interval_s: int
) -> tuple[dict[Labels, Alert], dict[Labels, Alert]]:
    """Alerts whose series did not come: those that wait for it still, and those that end."""
    kept, gone = {}, {}
    for labels, alert in alerts.items():
        patience = 1 if alert.state in {State.NO_DATA, State.ERROR} else rule.missing_series_evals_to_resolve
        if now_ns - alert.seen_ns >= patience * interval_s * NS:
            gone[labels] = replace(alert, state=State.NORMAL, reason=MISSING, since_ns=now_ns)
        else:
            kept[labels] = alert
    return kept, gone
