"""`./cityops catalogue`: what the packs say, and whether it holds together."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from city import catalogue as packs
from city.domain import Census, Gauge, Growth, Rate, Ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.domain import AlertRule, Criterion, Domain, Kpi, Series
    from city.geography import City


class Sheet(NamedTuple):
    """A table of one domain."""

    title: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]


def catalogue(
    domain: Annotated[str | None, typer.Argument(metavar="DOMAIN", help="Only this one.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only check the packs; fail with every fault found.")] = False,
) -> None:
    """Show the domains: series, KPIs, rules; check the packs."""
    found = packs.load()
    chosen = found.domains if domain is None else (found.domain(domain),)
    if check:
        print(f"{len(chosen)} domain{'' if len(chosen) == 1 else 's'} without fault")
        return
    show = _show if sys.stdout.isatty() else _print
    for one in chosen:
        show(_heading(one, found.city), list(sheets(one)))


def sheets(domain: Domain) -> Iterator[Sheet]:
    """What the pack says, as tables."""
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
            [_criterion(one) for one in domain.scorecard],
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
            return f"{'' if factor == 1 else f'{factor:g} × '}{statistic} {field}"
        case Growth(part, rest, factor):
            return f"{factor:g} × Δ {part} / (Δ {part} + Δ {rest})"


def _heading(domain: Domain, city: City) -> str:
    fresh, sites = domain.freshness, domain.sites_in(city)
    return (
        f"{domain.name}: {domain.title.en} ({domain.title.vi}), topic {domain.topic}, {len(sites)} known "
        f"sources every {fresh.period_s} s, slow after {fresh.slow_s} s, silent after {fresh.expired_s} s"
    )


def _series(series: Series) -> tuple[str, ...]:
    return (
        series.name,
        series.event.__name__,
        f"{series.window_s} s",
        f"{series.lateness_s} s",
        " ".join(series.tag_names),
        " ".join(series.field_names),
    )


def _kpi(kpi: Kpi) -> tuple[str, ...]:
    target = "" if kpi.target is None else f"{'≥' if kpi.target.good == 'above' else '≤'} {kpi.target.value:g}"
    return kpi.name, kpi.title.en, kpi.unit, kpi.measurement, formula(kpi), target


def _rule(rule: AlertRule) -> tuple[str, ...]:
    sign, back = ("<", ">") if rule.fires == "below" else (">", "<")
    recovers = "" if rule.recovers_at is None else f"{back} {rule.recovers_at:g}"
    return (
        rule.name,
        rule.title.en,
        rule.severity,
        f"{rule.kpi} {sign} {rule.threshold:g}",
        recovers,
        f"{rule.for_s} s",
        " ".join(rule.by) or "city",
    )


def _criterion(criterion: Criterion) -> tuple[str, ...]:
    reason = f" ({criterion.why_not.en})" if criterion.why_not else ""
    return (
        criterion.title.en,
        criterion.group.en,
        str(criterion.points),
        criterion.numerator.en,
        criterion.denominator.en,
        criterion.kpi or f"not measured{reason}",
    )


def _print(heading: str, tables: list[Sheet]) -> None:
    """Plain: a line for each, tabs between, so that other programs can read it."""
    print(f"# {heading}")
    for table in tables:
        print("\t".join(table.header))
        for row in table.rows:
            print("\t".join(row))


def _show(heading: str, tables: list[Sheet]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False, highlight=False)
    console.print(heading, style="bold")
    for table in tables:
        shown = Table(title=table.title, title_justify="left", box=None, header_style="bold")
        for at, name in enumerate(table.header):
            # A name is what a person types next: never cut, and first in its line whole.
            shown.add_column(name, overflow="fold", no_wrap=at == 0)
        for row in table.rows:
            shown.add_row(*row)
        console.print()
        console.print(shown)
