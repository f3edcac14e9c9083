"""Finds every pack, and says everything that is wrong with them at once."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, get_type_hints

from msgspec import inspect

import city.domains
from city.domain import Ratio
from city.errors import CatalogueError, UsageError
from city.geography import HERE, City

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from city.domain import Domain, Kpi, Series, Text
    from city.event import Event

MAX_WINDOW_S = 300
"""A worker that dies re-reads its open windows: longer ones are roll-ups of settled points."""

LATE, REJECTED = SIDE_TOPICS = ("city.late", "city.rejected")
"""The topics of what no window took."""

SOURCES_FIELDS = frozenset({"silent", "frozen", "age_s", "last_event_s", "state"})
SOURCES_TAGS = frozenset({"domain", "observation", "source", "area", "zone"})
"""What the operational series `sources` holds, for the KPIs and rules of all packs."""


@dataclass(frozen=True)
class Catalogue:
    """All packs of one city, checked."""

    city: City
    domains: tuple[Domain, ...]

    @cached_property
    def by_name(self) -> dict[str, Domain]:
        """Name → pack."""
        return {domain.name: domain for domain in self.domains}

    @cached_property
    def series(self) -> dict[str, Series]:
        """Measurement → series."""
        return {series.name: series for domain in self.domains for series in domain.series}

    @cached_property
    def kpis(self) -> dict[str, Kpi]:
        """Name → KPI."""
        return {kpi.name: kpi for domain in self.domains for kpi in domain.kpis}

    def domain(self, name: str) -> Domain:
        """The pack of that name.

        Raises:
            UsageError: there is none; names those there are.
        """
        found = self.by_name.get(name)
        if found is None:
            raise UsageError(f"no domain {name!r}; there are: {', '.join(self.by_name)}")
        return found


def load(of: City = HERE) -> Catalogue:
    """Find the packs (each a folder below `city/domains`) and check them.

    Raises:
        CatalogueError: with every fault of every pack.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(city.domains.__path__) if module.ispkg)
    domains = tuple(importlib.import_module(f"city.domains.{name}.pack").PACK for name in names)
    if faults := faults_of(domains, of):
        raise CatalogueError(faults)
    return Catalogue(of, domains)


def scenarios_of(domain: Domain) -> Mapping[str, Text]:
    """The scenarios that the domain's simulator plays, each with what happens in it."""
    name = f"city.domains.{domain.name}.simulator"
    if importlib.util.find_spec(name) is None:
        return {}
    found: Mapping[str, Text] = getattr(importlib.import_module(name), "SCENARIOS", {})
    return found


def faults_of(domains: tuple[Domain, ...], of: City) -> list[str]:
    """All that is wrong with these packs, alone and together: a line each, the pack's name first."""
    return [*_clashes(domains), *(fault for domain in domains for fault in _faults(domain, of))]


def _clashes(domains: tuple[Domain, ...]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for domain in domains:
        named = [*(s.name for s in domain.series), *(k.name for k in domain.kpis), *(r.name for r in domain.rules)]
        for name in named:
            if name in seen:
                yield f"{domain.name}: the name {name!r} is taken by {seen[name]}"
            seen[name] = domain.name


def _faults(domain: Domain, of: City) -> Iterator[str]:
    yield from (fault for series in domain.series for fault in _series_faults(domain, series))
    fields = {series.name: set(series.field_names) for series in domain.series}
    for kpi in domain.kpis:
        known = fields.get(kpi.measurement, SOURCES_FIELDS)
        if kpi.measurement != "sources" and kpi.measurement not in fields:
            yield f"{domain.name}: KPI {kpi.name} reads {kpi.measurement!r}, which is no series of the pack"
        needs = {
            getattr(kpi.formula, name)
            for name in ("numerator", "denominator", "field", "part", "rest")
            if hasattr(kpi.formula, name)
        }
        for name in sorted(needs - known):
            yield f"{domain.name}: KPI {kpi.name} needs {kpi.measurement}.{name}, which is not kept"
    yield from _rule_faults(domain)
    yield from _scorecard_faults(domain)
    yield from _freshness_faults(domain)
    for site in domain.sites_in(of):
        if site.area not in of.zone_of:
            yield f"{domain.name}: site {site.source} lies in the unknown area {site.area!r}"
        if site.event is not None and site.event not in domain.events:
            yield f"{domain.name}: site {site.source} says {site.event.__name__}, which is no event of the pack"


def _rule_faults(domain: Domain) -> Iterator[str]:
    kpis = {kpi.name: kpi for kpi in domain.kpis}
    tags = {series.name: set(series.tag_names) for series in domain.series}
    for rule in domain.rules:
        where = f"{domain.name}: rule {rule.name}"
        if rule.kpi not in kpis:
            yield f"{where} watches {rule.kpi!r}, which is no KPI of the pack"
            continue
        for tag in sorted(set(rule.by) - tags.get(kpis[rule.kpi].measurement, SOURCES_TAGS)):
            yield f"{where} is by {tag!r}, which is no tag of {kpis[rule.kpi].measurement}"
        if rule.unusual and (rule.by != ("area",) or not isinstance(kpis[rule.kpi].formula, Ratio)):
            yield f"{where} compares with what is normal: that is known by area, and of a ratio"
        if rule.recovers_at is not None:
            back = rule.recovers_at - rule.threshold
            if back < 0 if rule.fires == "below" else back > 0:
                yield f"{where} fires {rule.fires} {rule.threshold:g} and recovers at {rule.recovers_at:g}: at once"


def _scorecard_faults(domain: Domain) -> Iterator[str]:
    ratios = {kpi.name for kpi in domain.kpis if isinstance(kpi.formula, Ratio)}
    for criterion in domain.scorecard:
        where = f"{domain.name}: criterion {criterion.title.en!r}"
        if criterion.kpi and criterion.kpi not in ratios:
            yield f"{where} is measured by {criterion.kpi!r}, which is no ratio among the pack's KPIs"
        if bool(criterion.kpi) == (criterion.why_not is not None):
            yield f"{where} needs either a KPI or a reason why it is not measured"


def _freshness_faults(domain: Domain) -> Iterator[str]:
    for event in domain.freshness_by:
        if event not in domain.events:
            yield f"{domain.name}: freshness of {event.__name__}, which is no event of the pack"
    for freshness in dict.fromkeys((domain.freshness, *domain.freshness_by.values())):
        events = [event for event in domain.events if domain.freshness_of(event) == freshness]
        if not 0 < freshness.period_s <= freshness.slow_s <= freshness.expired_s:
            yield f"{domain.name}: freshness wants period ≤ slow ≤ expired, all above 0"
        stated = {name for event in events for name in _attributes(event)}
        for name in sorted(set(freshness.alike) - stated if events else ()):
            yield f"{domain.name}: freshness compares {name!r}, which no event of that pace has"


def _attributes(event: type[Event]) -> set[str]:
    """The names below `data` of an event: what it states, and what follows from that."""
    data = get_type_hints(event)["data"]
    return set(get_type_hints(data)) | _derived(data).keys()


def _derived(data: type) -> dict[str, Any]:
    """The properties of an event's data, and the types they are annotated with."""
    properties = {name: found.fget for name, found in vars(data).items() if isinstance(found, property)}
    return {name: get_type_hints(get, include_extras=True)["return"] for name, get in properties.items() if get}


def _series_faults(domain: Domain, series: Series) -> Iterator[str]:
    where = f"{domain.name}: series {series.name}"
    if series.event not in domain.events:
        yield f"{where} is made of {series.event.__name__}, which is no event of the pack"
        return
    if not 0 < series.window_s <= MAX_WINDOW_S:
        yield f"{where}: a window lasts 1 to {MAX_WINDOW_S} s, not {series.window_s}"
    if series.lateness_s < 0:
        yield f"{where}: lateness cannot be negative"
    attributes = _attributes(series.event)
    paths = [f"data.{measure.path}" for measure in series.measures] + [tag.path for tag in series.tags]
    paths += [f"data.{measure.weight}" for measure in series.measures if measure.weight]
    for path in paths:
        if path != "source" and path.removeprefix("data.") not in attributes:
            yield f"{where}: the event has no {path!r}"
    for tag in series.tags:
        if tag.path != "source" and not tag.values:
            yield f"{where}: tag {tag.name} needs a closed vocabulary"
    yield from (f"{where}: {fault}" for fault in _measure_faults(series, attributes))


def _measure_faults(series: Series, attributes: set[str]) -> Iterator[str]:
    bounded = _bounded(series.event)
    for name in sorted({name for measure in series.measures for name in (measure.path, measure.weight) if name}):
        if name in attributes and name not in bounded:
            yield f"{name!r} is summed, so it needs a least and a greatest value"
    for measure in series.measures:
        steps = [measure.steps(bound) for bound in measure.bounds]
        if any(one >= other for one, other in pairwise(steps)):
            yield f"the bounds of {measure.name} do not ascend by at least a step"


def _bounded(event: type[Event]) -> set[str]:
    """The attributes below `data` that are numbers between two bounds, or a yes and no."""
    data = get_type_hints(event)["data"]
    types = {one.encode_name: one.type for one in getattr(inspect.type_info(data), "fields", ())}
    types |= {name: inspect.type_info(kind) for name, kind in _derived(data).items()}
    return {name for name, kind in types.items() if all(map(_is_bounded, getattr(kind, "types", (kind,))))}


def _is_bounded(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.IntType | inspect.FloatType):
        least = kind.ge if kind.ge is not None else kind.gt
        greatest = kind.le if kind.le is not None else kind.lt
        return least is not None and greatest is not None
    return isinstance(kind, inspect.BoolType | inspect.NoneType)
