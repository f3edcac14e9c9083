"""A page for each domain: its events, series, KPIs, rules and scenarios, as the pack says them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, get_type_hints

from city.domain import NOT_STATED
from cli._reference.markdown import code, codes, page, table
from cli._reference.schemas import attributes, file_of, type_name
from cli._sheets import SOURCES, criterion, fires, formula, recovers, scope, sources, target
from producers.simulators import scenarios_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from city.catalogue import Catalogue
    from city.domain import AlertRule, Domain, Kpi, Measure, Series
    from city.event import Event
    from city.geography import City


def pages(catalogue: Catalogue) -> dict[str, str]:
    """File → page: one of each domain, and the list of them."""
    made = {f"domains/{domain.name}.md": _page(domain, catalogue.city) for domain in catalogue.domains}
    return made | {"domains/index.md": _index(catalogue)}


def _index(catalogue: Catalogue) -> str:
    return page(
        "Domains",
        "Each is one folder below `city/domains/`; topics, schemas, series, boards and these pages follow from it.",
        table(
            ("domain", "", "topic", "series", "KPIs", "rules"),
            (
                (
                    f"[{domain.name}]({domain.name}.md)",
                    f"{domain.title.en} · {domain.title.vi}",
                    code(domain.topic),
                    codes(series.name for series in domain.series),
                    str(len(domain.kpis)),
                    str(len(domain.rules)),
                )
                for domain in catalogue.domains
            ),
        ),
        "`./cityops catalogue` prints the same on a terminal. What every record must be: "
        "[records](../records.md); how the stream tells of itself: [operational series](../operations.md).",
    )


def _page(domain: Domain, city: City) -> str:
    scenarios = scenarios_of(domain)
    return page(
        f"{domain.title.en} · {domain.title.vi}",
        _about(domain, city),
        "## Sources",
        _sources(domain, city),
        "## Events",
        *(_event(event, domain) for event in domain.events),
        "## Series",
        *(_series(series) for series in domain.series),
        "## KPIs",
        kpi_table(domain.kpis),
        "## Alert rules" if domain.rules else "",
        rule_table(domain.rules),
        "Beside them stand the rules that every domain has: [operational series](../operations.md#rules).",
        "## Scorecard" if domain.scorecard else "",
        table(
            ("indicator", "group", "points", "numerator", "denominator", "measured by"),
            map(criterion, domain.scorecard),
        ),
        "## Scenarios" if scenarios else "",
        table(("scenario", "", ""), ((code(name), text.en, text.vi) for name, text in sorted(scenarios.items()))),
    )


def _source(target: object) -> str:
    source = getattr(target, "source", "")
    return f" Target: {source}." if source else ""


def _about(domain: Domain, city: City) -> str:
    return (
        f"Topic `{domain.topic}`. Known sources: {len(domain.sites_in(city)):,}. Everything that fires has a runbook: "
        f"`city/domains/{domain.name}/runbook.vi.md` and `runbook.en.md`."
    )


def _sources(domain: Domain, city: City) -> str:
    rows = [(code(name), *told, codes(alike.split())) for name, *told, alike in sources(domain, city)]
    return table(SOURCES, rows)


def _event(event: type[Event], domain: Domain) -> str:
    units = {m.path: m.unit for series in domain.series if series.event is event for m in series.measures}
    rows = [
        (code(one.name), one.kind, units.get(one.name, ""), "yes" if one.required else "") for one in attributes(event)
    ]
    about = " ".join((inspect.getdoc(event) or "").split())
    schema = f"[JSON Schema](../{file_of(event)})"
    stated = table(("attribute", "type", "unit", "required"), rows)
    return f"### `{type_name(event)}`\n\n{about} {schema}\n\n{stated}{_following(event, units)}"


def _following(event: type[Event], units: dict[str, str]) -> str:
    """What follows from the attributes of an event: tags and measures are made of it as of them."""
    data = get_type_hints(event)["data"]
    rows = [
        (code(name), units.get(name, ""), inspect.getdoc(made) or "")
        for name, made in vars(data).items()
        if isinstance(made, property)
    ]
    return f"\n\nWhat follows from them:\n\n{table(('attribute', 'unit', 'what'), rows)}" if rows else ""


def _series(series: Series) -> str:
    tags = [("`area`", "the code of the unit"), ("`zone`", "the zone it lies in")]
    tags += [(code(tag.name), _values(tag.path, tag.values)) for tag in series.tags]
    measured = [row for measure in series.measures for row in _fields(measure)]
    fields = [
        ("`count`", "integer", "", "events"),
        ("`final`", "integer", "", "1 when the window is settled, else 0"),
        *measured,
    ]
    about = (
        f"Events `{type_name(series.event)}` in windows of {series.window_s} s; a window closes "
        f"{series.lateness_s} s after its end."
    )
    tables = table(("tag", "values"), tags), table(("field", "type", "unit", "what"), fields)
    return "\n\n".join((f"### `{series.name}`", about, *tables))


def _values(path: str, values: tuple[str, ...]) -> str:
    return f"{codes((*values, NOT_STATED))} (`{NOT_STATED}`: not stated)" if values else f"every `{path}`"


def _fields(measure: Measure) -> Iterator[tuple[str, str, str, str]]:
    name, path, unit = measure.name, f"`{measure.path}`", measure.unit
    yield code(f"{name}_count"), "integer", "", f"observations that state {path}"
    words = {"sum": "their sum", "min": "the least", "max": "the greatest"}
    for part in measure.keep:
        yield code(f"{name}_{part}"), "float", unit, words[part]
    if measure.weight:
        yield code(f"{name}_wsum"), "float", "", f"Σ {path} × `{measure.weight}` (1 where that is not stated)"
        yield code(f"{name}_weight_sum"), "float", "", "Σ of these weights"
    if measure.bins:
        bounds = ", ".join(f"{bound:g}" for bound in measure.bounds)
        bins = f"`{measure.bins[0]}` … `{measure.bins[-1]}`"
        yield bins, "integer", "", f"observations between the bounds {bounds} {unit}; a bin without any is not written"


def rule_table(rules: Iterable[AlertRule]) -> str:
    """Alert rules, a line each."""
    return table(
        ("rule", "", "severity", "fires when", "for", "recovers", "one for each", "no data", "query fails"),
        (
            (
                code(rule.name),
                f"{rule.title.en} · {rule.title.vi}",
                rule.severity,
                code(fires(rule)),
                f"{rule.for_s} s",
                code(recovers(rule)),
                codes(scope(rule).split()),
                rule.no_data,
                rule.on_error,
            )
            for rule in rules
        ),
    )


def kpi_table(kpis: Iterable[Kpi]) -> str:
    """KPIs, a line each, and what each means below."""
    named = tuple(kpis)
    rows = (
        (code(one.name), f"{one.title.en} · {one.title.vi}", one.unit, code(one.measurement), formula(one), target(one))
        for one in named
    )
    meant = "\n".join(f"- `{kpi.name}`: {kpi.about.en}{_source(kpi.target)}" for kpi in named)
    return table(("KPI", "", "unit", "of", "formula", "target"), rows) + "\n\n" + meant
