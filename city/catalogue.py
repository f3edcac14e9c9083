"""Finds every pack, and says everything that is wrong with them at once."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, get_type_hints

import city.domains
from city.errors import CatalogueError, UsageError
from city.geography import HANOI, City

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.domain import Domain, Kpi, Series

MAX_WINDOW_S = 300
"""A worker that dies re-reads its open windows: longer ones are roll-ups of settled points."""


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


def load(of: City = HANOI) -> Catalogue:
    """Find the packs (each a folder below `city/domains`) and check them.

    Raises:
        CatalogueError: with every fault of every pack.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(city.domains.__path__) if module.ispkg)
    domains = tuple(importlib.import_module(f"city.domains.{name}.pack").PACK for name in names)
    if faults := [*_clashes(domains), *(fault for domain in domains for fault in _faults(domain, of))]:
        raise CatalogueError(faults)
    return Catalogue(of, domains)


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
        known = fields.get(kpi.measurement, {"silent", "age_s", "last_event_s", "state"})
        if kpi.measurement != "sources" and kpi.measurement not in fields:
            yield f"{domain.name}: KPI {kpi.name} reads {kpi.measurement!r}, which is no series of the pack"
        needs = {
            getattr(kpi.formula, name) for name in ("numerator", "denominator", "field") if hasattr(kpi.formula, name)
        }
        for name in sorted(needs - known):
            yield f"{domain.name}: KPI {kpi.name} needs {kpi.measurement}.{name}, which is not kept"
    kpis = {kpi.name for kpi in domain.kpis}
    for rule in domain.rules:
        if rule.kpi not in kpis:
            yield f"{domain.name}: rule {rule.name} watches {rule.kpi!r}, which is no KPI of the pack"
    for site in domain.sites:
        if site.area not in of.zone_of:
            yield f"{domain.name}: site {site.source} lies in the unknown area {site.area!r}"


def _series_faults(domain: Domain, series: Series) -> Iterator[str]:
    where = f"{domain.name}: series {series.name}"
    if series.event not in domain.events:
        yield f"{where} is made of {series.event.__name__}, which is no event of the pack"
        return
    if not 0 < series.window_s <= MAX_WINDOW_S:
        yield f"{where}: a window lasts 1 to {MAX_WINDOW_S} s, not {series.window_s}"
    if series.lateness_s < 0:
        yield f"{where}: lateness cannot be negative"
    attributes = get_type_hints(get_type_hints(series.event)["data"])
    paths = [f"data.{measure.path}" for measure in series.measures] + [tag.path for tag in series.tags]
    paths += [f"data.{measure.weight}" for measure in series.measures if measure.weight]
    for path in paths:
        if path != "source" and path.removeprefix("data.") not in attributes:
            yield f"{where}: the event has no {path!r}"
    for tag in series.tags:
        if tag.path != "source" and not tag.values:
            yield f"{where}: tag {tag.name} needs a closed vocabulary"
