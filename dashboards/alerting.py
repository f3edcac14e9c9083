"""A pack's alert rules → Grafana's rules: question, reduction, freshness gate, threshold with recovery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from city.influxql import SOURCES, Panel, fresh_query, kpi_query, recent, scope
from city.layout import RUNBOOK, SOURCES_SPAN
from city.rules.file import (
    EXPRESSION,
    AlertingFile,
    Group,
    Query,
    RelativeTimeRange,
    Rule,
    duration,
)
from dashboards import words
from dashboards.influx import InfluxQL
from dashboards.names import LIVE, board_uid, panel_id
from dashboards.words import Language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from city.domain import AlertRule, Domain, Kpi, WhenBlind
    from city.rules.file import ErrorState, NoDataState

EVERY_S: Final = 10
"""Seconds between two evaluations: Grafana's least."""

MISSING_ROUNDS: Final = 2
"""Evaluations without its series after which an alert ends."""

VALUE, REDUCED, FRESH, FRESH_REDUCED, GATED, FIRES = "A", "B", "F", "G", "D", "C"
"""The steps of a rule by refId: the KPI, its last value; the sources' freshness, its last; the gate; the threshold."""

FRESH_SHARE: Final = 0.5
"""A value holds while at least this share of the sources it rests on speaks."""

OUT_OF_REACH: Final = 1_000_000_000
"""Added to a stale value: no KPI comes near it, so the threshold cannot hold and what fired ends."""

_NO_DATA: Final[dict[WhenBlind, NoDataState]] = {"alerting": "Alerting", "no_data": "NoData", "keep_last": "KeepLast"}
_ON_ERROR: Final[dict[WhenBlind, ErrorState]] = {"alerting": "Alerting", "no_data": "Error", "keep_last": "KeepLast"}


def alerting(domains: Iterable[Domain]) -> AlertingFile:
    """All rules, a group for each domain."""
    groups = (
        Group(
            orgId=1,
            name=domain.name,
            folder=words.ALERTS.vi,
            interval=duration(EVERY_S),
            rules=tuple(compiled(rule, domain) for rule in domain.rules),
        )
        for domain in domains
        if domain.rules
    )
    return AlertingFile(apiVersion=1, groups=tuple(groups))


def compiled(rule: AlertRule, domain: Domain) -> Rule:
    """One rule. A KPI over `sources` speaks of freshness itself; any other is gated by it."""
    kpi = next(kpi for kpi in domain.kpis if kpi.name == rule.kpi)
    gated = kpi.measurement != SOURCES
    steps = [_question(VALUE, _value_query(rule, kpi, domain), _range(rule, kpi, domain)), _reduce(REDUCED, VALUE)]
    if gated:
        span = RelativeTimeRange(from_=SOURCES_SPAN.seconds)
        steps += [
            _question(FRESH, fresh_query(domain, Panel(), by=rule.by), span),
            _reduce(FRESH_REDUCED, FRESH),
            _gate(rule),
        ]
    steps.append(_threshold(rule, GATED if gated else REDUCED))
    return Rule(
        uid=rule.name,
        title=f"{rule.title.vi} · {rule.title.en}",
        condition=FIRES,
        for_=duration(rule.for_s),
        keepFiringFor=duration(rule.keep_firing_s),
        noDataState=_NO_DATA[rule.no_data],
        execErrState=_ON_ERROR[rule.on_error],
        missing_series_evals_to_resolve=MISSING_ROUNDS,
        dashboardUid=board_uid(domain.name, Language.VI),
        panelId=panel_id(f"course_{kpi.name}"),
        labels={
            "domain": domain.name,
            "rule": rule.name,
            "scope": "_".join(rule.by) or "city",
            "severity": rule.severity,
        },
        annotations=_annotations(rule, kpi, domain),
        data=tuple(steps),
    )


def _value_query(rule: AlertRule, kpi: Kpi, domain: Domain) -> str:
    span = Panel(recent(domain, kpi, rule.over_s).seconds)
    return kpi_query(kpi, span, by=rule.by, filters=scope(domain, kpi))


def _range(rule: AlertRule, kpi: Kpi, domain: Domain) -> RelativeTimeRange:
    """What "now" is on the board, half a window earlier.

    Grafana's range holds both of its ends and its clock ticks in step with the windows: without that half it would
    hold one window too many.
    """
    now = recent(domain, kpi, rule.over_s)
    window_s = next((series.window_s for series in domain.series if series.name == kpi.measurement), EVERY_S)
    ago_s = now.ago_s + window_s // 2
    return RelativeTimeRange(from_=ago_s + now.seconds, to=ago_s)


def _question(ref: str, query: str, span: RelativeTimeRange) -> Query:
    target = InfluxQL(query, ref=ref).to_json()
    return Query(refId=ref, datasourceUid=LIVE, relativeTimeRange=span, model=target)


def _expression(ref: str, kind: str, **model: Any) -> Query:
    source = {"type": EXPRESSION, "uid": EXPRESSION}
    return Query(refId=ref, datasourceUid=EXPRESSION, model={"refId": ref, "type": kind, "datasource": source, **model})


def _reduce(ref: str, source: str) -> Query:
    return _expression(ref, "reduce", expression=source, reducer="last", settings={"mode": "dropNN"})


def _gate(rule: AlertRule) -> Query:
    """The value while it is fresh; out of the threshold's reach when it is stale."""
    away = "+" if rule.fires == "below" else "-"
    text = f"${REDUCED} {away} {OUT_OF_REACH} * (${FRESH_REDUCED} < {FRESH_SHARE})"
    return _expression(GATED, "math", expression=text)


def _threshold(rule: AlertRule, source: str) -> Query:
    fires, ends = ("lt", "gt") if rule.fires == "below" else ("gt", "lt")
    condition: dict[str, Any] = {"evaluator": {"type": fires, "params": [rule.threshold]}}
    if rule.recovers_at is not None:
        condition["unloadEvaluator"] = {"type": ends, "params": [rule.recovers_at]}
    return _expression(FIRES, "threshold", expression=source, conditions=[condition])


def _annotations(rule: AlertRule, kpi: Kpi, domain: Domain) -> dict[str, str]:
    uid, panel = board_uid(domain.name, Language.VI), panel_id(f"course_{kpi.name}")
    value = f'{{{{ printf "%.{kpi.decimals}f" .Values.{REDUCED}.Value }}}}'
    return {
        # Grafana's own names, which give the alert its links to board and panel.
        "__dashboardUid__": uid,
        "__panelId__": str(panel),
        "summary": _filled(rule.summary.vi, value),
        "summary_en": _filled(rule.summary.en, value),
        "description": _described(rule, kpi, Language.VI),
        "description_en": _described(rule, kpi, Language.EN),
        "value": value,
        "unit": words.written_unit(kpi.unit, Language.VI),
        "target": _target(kpi, Language.VI),
        "runbook_url": f"/d/{uid}?viewPanel={panel_id(RUNBOOK)}",
    }


def _filled(summary: str, value: str) -> str:
    """`{value}` and `{area}` as Grafana's templates. The dot reads what `$labels` does, and needs no `$`."""
    parts = summary.replace("{value}", value)
    for tag in ("area", "zone", "source", "vehicle_type"):
        parts = parts.replace(f"{{{tag}}}", f"{{{{ .Labels.{tag} }}}}")
    return parts


def _described(rule: AlertRule, kpi: Kpi, language: Language) -> str:
    unit = words.written_unit(kpi.unit, language)
    about = language.say(kpi.about)
    ends = rule.threshold if rule.recovers_at is None else rule.recovers_at
    side = {"below": ("dưới", "below", "trên", "above"), "above": ("trên", "above", "dưới", "below")}[rule.fires]
    if language is Language.VI:
        return (
            f"{kpi.title.vi} {side[0]} {rule.threshold:g} {unit} trong {rule.for_s} giây; "
            f"hết khi {side[2]} {ends:g} {unit}. Mục tiêu: {_target(kpi, language)}. {about}"
        )
    return (
        f"{kpi.title.en} {side[1]} {rule.threshold:g} {unit} for {rule.for_s} s; "
        f"ends {side[3]} {ends:g} {unit}. Target: {_target(kpi, language)}. {about}"
    )


def _target(kpi: Kpi, language: Language) -> str:
    if kpi.target is None:
        return language.say(words.NO_TARGET)
    sign = "≥" if kpi.target.good == "above" else "≤"
    return f"{sign} {kpi.target.value:g} {words.written_unit(kpi.unit, language)}"
