"""What a pack says, as tables: `./cityops catalogue` prints them, the reference pages show them."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, NamedTuple

from city.domain import Census, Counter, Gauge, Growth, Rate, Ratio
from city.event import observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.domain import AlertRule, Criterion, Domain, Kpi, Measure, Series
    from city.geography import City


class Sheet(NamedTuple):
    """A table of one domain."""

    title: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]


def heading(domain: Domain, city: City) -> str:
    """A domain in one line."""
    known = f"{len(domain.sites_in(city)):,} known sources"
    return f"{domain.name}: {domain.title.en} ({domain.title.vi}), topic {domain.topic}, {known}"


SOURCES = ("observation", "known", "speaks every", "slow after", "silent after", "frozen after", "must vary")
"""The header of `sources`."""


def sources(domain: Domain, city: City) -> list[tuple[str, ...]]:
    """Who says each event of the domain, and what their silence is called."""
    known = collections.Counter(site.event or domain.events[0] for site in domain.sites_in(city))
    rows = []
    for event in domain.events:
        fresh = domain.freshness_of(event)
        times = (fresh.period_s, fresh.slow_s, fresh.expired_s)
        frozen = f"{fresh.frozen_s} s" if fresh.alike else "never"
        said = (f"{known[event]:,}", *(f"{seconds} s" for seconds in times), frozen, " ".join(fresh.alike))
        rows.append((observation(event), *said))
    return rows


def sheets(domain: Domain, city: City) -> Iterator[Sheet]:
    """Sources, series, KPIs, rules, and the scorecard where there is one."""
    yield Sheet("Sources", SOURCES, sources(domain, city))
    yield Sheet(
        "Series",
        ("series", "event", "window", "lateness", "tags", "fields"),
        [_series(series) for series in domain.series],
    )
    yield Sheet("KPIs", ("kpi", "title", "unit", "from", "formula", "target"), [_kpi(kpi) for kpi in domain.kpis])
    yield Sheet(
        "Alert rules",
        ("rule", "title", "severity", "fires", "recovers", "for", "one for each"),
        [_rule(rule) for rule in domain.rules],
    )
    if domain.scorecard:
        yield Sheet(
            "Scorecard",
            ("indicator", "group", "points", "numerator", "denominator", "measured by"),
            [criterion(one) for one in domain.scorecard],
        )


def formula(kpi: Kpi) -> str:
    """A KPI's formula as a person writes it."""
    match kpi.formula:
        case Ratio(numerator, denominator, factor):
            scale = "" if factor == 1 else f"{factor:g} × "
            return f"{scale}Σ {numerator} / Σ {denominator}"
        case Rate(field, per_s):
            return f"Σ {field} in {per_s} s"
        case Census(field, every_s):
            return f"Σ {field} of one round ({every_s} s)"
        case Gauge(field, statistic, factor):
            scale = "" if factor == 1 else f"{factor:g} × "
            return f"{scale}{statistic} of {field}"
        case Growth(part, rest, factor):
            return f"{factor:g} × Δ {part} / (Δ {part} + Δ {rest})"
        case Counter(field, per_s):
            return f"Δ {field} in {per_s} s"


def target(kpi: Kpi) -> str:
    """`≥ 20`, or nothing."""
    return "" if kpi.target is None else f"{'≥' if kpi.target.good == 'above' else '≤'} {kpi.target.value:g}"


def fires(rule: AlertRule) -> str:
    """`traffic_mean_speed < 12`; `… < normal - 5 spreads` for what is unusual."""
    if rule.unusual:
        side = "< normal -" if rule.fires == "below" else "> normal +"
        return f"{rule.kpi} {side} {abs(rule.threshold):g} spreads"
    return f"{rule.kpi} {'<' if rule.fires == 'below' else '>'} {rule.threshold:g}"


def recovers(rule: AlertRule) -> str:
    """`> 15`, or nothing where the threshold itself ends it."""
    if rule.unusual and rule.recovers_at is not None:
        return f"within {abs(rule.recovers_at):g} spreads"
    return "" if rule.recovers_at is None else f"{'>' if rule.fires == 'below' else '<'} {rule.recovers_at:g}"


def scope(rule: AlertRule) -> str:
    """The tags that make one alert each."""
    return " ".join(rule.by) or "city"


def criterion(one: Criterion) -> tuple[str, ...]:
    """An indicator of a scorecard."""
    reason = f" ({one.why_not.en})" if one.why_not else ""
    measured = one.kpi or f"not measured{reason}"
    return one.title.en, one.group.en, str(one.points), one.numerator.en, one.denominator.en, measured


def fields(series: Series) -> tuple[str, ...]:
    """The fields of its points; a distribution in one word: `speed_bin0…12`."""
    return ("count", "final", *(name for measure in series.measures for name in _fields(measure)))


def _fields(measure: Measure) -> tuple[str, ...]:
    whole = tuple(name for name in measure.fields if name not in measure.bins)
    return (*whole, f"{measure.bins[0]}…{len(measure.bins) - 1}") if measure.bins else whole


def _series(series: Series) -> tuple[str, ...]:
    return (
        series.name,
        series.event.__name__,
        f"{series.window_s} s",
        f"{series.lateness_s} s",
        " ".join(series.tag_names),
        " ".join(fields(series)),
    )


def _kpi(kpi: Kpi) -> tuple[str, ...]:
    return kpi.name, kpi.title.en, kpi.unit, kpi.measurement, formula(kpi), target(kpi)


def _rule(rule: AlertRule) -> tuple[str, ...]:
    return (
        rule.name,
        rule.title.en,
        rule.severity,
        fires(rule),
        recovers(rule),
        f"{rule.for_s} s",
        scope(rule),
    )
