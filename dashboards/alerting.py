"""A pack's alert rules → Grafana's rules: question, reduction, freshness gate, threshold with recovery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from city import operations
from city.catalogue import SOURCES_TAGS
from city.influxql import OPERATIONAL, Panel, baseline_query, fresh_query, kpi_query, recent, scope, speakers
from city.layout import SOURCES_SPAN
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
from dashboards.names import LIVE, ROLLUP
from dashboards.rule_words import board_of, panel_of, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from city.domain import AlertRule, Domain, Kpi, RuleBook, WhenBlind
    from city.geography import City
    from city.rules.file import ErrorState, NoDataState

EVERY_S: Final = 10
"""Seconds between two evaluations: Grafana's least."""

VALUE, REDUCED, FRESH, FRESH_REDUCED, GATED, FIRES = "A", "B", "F", "G", "D", "C"
"""The steps of a rule by refId: the KPI, its last value; the sources' freshness, its last; the gate; the threshold."""

MEDIAN, MEDIAN_REDUCED, SPREAD, SPREAD_REDUCED = "H", "M", "I", "S"
"""And of one that compares with what is normal: its median, its spread."""

BASELINE_SPAN: Final = RelativeTimeRange(from_=3_600)
"""What is normal for an hour is stamped with its begin."""

FRESH_SHARE: Final = 0.5
"""A value holds while at least this share of the sources it rests on speaks."""

OUT_OF_REACH: Final = 1_000_000_000
"""Added to a stale value: no KPI comes near it, so the threshold cannot hold and what fired ends."""

_NO_DATA: Final[dict[WhenBlind, NoDataState]] = {"alerting": "Alerting", "no_data": "NoData", "keep_last": "KeepLast"}
_ON_ERROR: Final[dict[WhenBlind, ErrorState]] = {"alerting": "Alerting", "no_data": "Error", "keep_last": "KeepLast"}


def books(domains: Iterable[Domain]) -> tuple[RuleBook, ...]:
    """Everything that has rules: each domain's own, those it is watched by, and those of the stream."""
    own = (book for domain in domains for book in (domain, operations.watch(domain)))
    return tuple(book for book in (*own, operations.PIPELINE) if book.rules)


def alerting(domains: Iterable[Domain], city: City) -> AlertingFile:
    """All rules, a group for each book; `city` names the places they speak of."""
    groups = (
        Group(
            orgId=1,
            name=book.group,
            folder=words.ALERTS.vi,
            interval=duration(EVERY_S),
            rules=tuple(compiled(rule, book, city) for rule in book.rules),
        )
        for book in books(domains)
    )
    return AlertingFile(apiVersion=1, groups=tuple(groups))


def compiled(rule: AlertRule, book: RuleBook, city: City) -> Rule:
    """One rule. A KPI over sources or pipeline speaks of freshness itself; any other is gated by it."""
    kpi = next(kpi for kpi in book.kpis if kpi.name == rule.kpi)
    gated = kpi.measurement not in OPERATIONAL
    steps = [_question(VALUE, _value_query(rule, kpi, book), _range(rule, kpi, book)), _reduce(REDUCED, VALUE)]
    if gated:
        span = RelativeTimeRange(from_=SOURCES_SPAN.seconds)
        steps += [
            _question(FRESH, fresh_query(book, Panel(), by=_shared(rule), filters=speakers(book, kpi)), span),
            _reduce(FRESH_REDUCED, FRESH),
            *(_normal(rule, kpi, book) if rule.unusual else ()),
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
        missing_series_evals_to_resolve=rule.missing_rounds,
        dashboardUid=board_of(rule, book),
        panelId=panel_of(rule),
        labels={
            "domain": book.name,
            "rule": rule.name,
            "scope": "_".join(rule.by) or "city",
            "severity": rule.severity,
        },
        annotations=told(rule, kpi, book, city, REDUCED),
        data=tuple(steps),
    )


def grouping(rule: AlertRule) -> tuple[str, ...]:
    """The tags of its series: with an area goes its zone, by which people are told of several at once."""
    return ("zone", *rule.by) if "area" in rule.by and "zone" not in rule.by else rule.by


def _shared(rule: AlertRule) -> tuple[str, ...]:
    """Those of its tags that sources have too: values join their freshness by them."""
    return tuple(tag for tag in grouping(rule) if tag in SOURCES_TAGS)


def _value_query(rule: AlertRule, kpi: Kpi, book: RuleBook) -> str:
    span = Panel(recent(book, kpi, rule.over_s).seconds)
    return kpi_query(kpi, span, by=grouping(rule), filters=scope(book, kpi))


def _range(rule: AlertRule, kpi: Kpi, book: RuleBook) -> RelativeTimeRange:
    """What "now" is on the board, half a window earlier.

    Grafana's range holds both of its ends and its clock ticks in step with the windows: without that half it would
    hold one window too many.
    """
    now = recent(book, kpi, rule.over_s)
    window_s = next((series.window_s for series in book.series if series.name == kpi.measurement), EVERY_S)
    ago_s = now.ago_s + window_s // 2
    return RelativeTimeRange(from_=ago_s + now.seconds, to=ago_s)


def _normal(rule: AlertRule, kpi: Kpi, book: RuleBook) -> Iterator[Query]:
    for ref, reduced, field in ((MEDIAN, MEDIAN_REDUCED, "median"), (SPREAD, SPREAD_REDUCED, "spread")):
        query = baseline_query(book, kpi, field, Panel(), grouping(rule))
        yield _question(ref, query, BASELINE_SPAN, source=ROLLUP)
        yield _reduce(reduced, ref)


def _question(ref: str, query: str, span: RelativeTimeRange, source: str = LIVE) -> Query:
    target = InfluxQL(query, ref=ref, source=source).to_json()
    return Query(refId=ref, datasourceUid=source, relativeTimeRange=span, model=target)


def _expression(ref: str, kind: str, **model: Any) -> Query:
    source = {"type": EXPRESSION, "uid": EXPRESSION}
    return Query(refId=ref, datasourceUid=EXPRESSION, model={"refId": ref, "type": kind, "datasource": source, **model})


def _reduce(ref: str, source: str) -> Query:
    return _expression(ref, "reduce", expression=source, reducer="last", settings={"mode": "dropNN"})


def _gate(rule: AlertRule) -> Query:
    """The value (or its distance from normal) while it is fresh; out of the threshold's reach when it is stale."""
    away = "+" if rule.fires == "below" else "-"
    value = f"(${REDUCED} - ${MEDIAN_REDUCED}) / ${SPREAD_REDUCED}" if rule.unusual else f"${REDUCED}"
    text = f"{value} {away} {OUT_OF_REACH} * (${FRESH_REDUCED} < {FRESH_SHARE})"
    return _expression(GATED, "math", expression=text)


def _threshold(rule: AlertRule, source: str) -> Query:
    fires, ends = ("lt", "gt") if rule.fires == "below" else ("gt", "lt")
    condition: dict[str, Any] = {"evaluator": {"type": fires, "params": [rule.threshold]}}
    if rule.recovers_at is not None:
        condition["unloadEvaluator"] = {"type": ends, "params": [rule.recovers_at]}
    return _expression(FIRES, "threshold", expression=source, conditions=[condition])
