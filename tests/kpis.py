"""A KPI over the truth's points, as the stores compute it; and between what bounds it is plausible."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from city.domain import Rate, Ratio
from city.event import encode
from city.lines import Line
from stream_app.truth import Key, Value, compute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from city.domain import AlertRule, Domain, Kpi
    from city.event import Event
    from city.geography import City

Points = dict[Key, dict[str, Value]]


@dataclass(frozen=True)
class Bound:
    """Between what a KPI of the whole city lies, and why."""

    kpi: str
    least: float
    most: float
    why: str


def points(said: Iterable[Event], domain: Domain, city: City, start: int, end: int) -> Points:
    """The settled points of the windows that begin in `[start, end)`."""
    true = compute((Line(encode(event)) for event in said), domain, city)
    return {key: fields for key, fields in true.points.items() if start <= key.start < end}


def value(kpi: Kpi, of: Points, seconds: int) -> float | None:
    """The KPI over points of so many seconds; None where they say nothing."""
    return value_by(kpi, of, seconds, ()).get(())


def value_by(kpi: Kpi, of: Points, seconds: int, tags: tuple[str, ...]) -> dict[tuple[str, ...], float]:
    """The KPI of each value of some tags, as `value`; those of which the points say nothing are left out."""
    sums: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for key, fields in of.items():
        if key.measurement == kpi.measurement:
            by_name = dict(key.tags)
            sums[tuple(by_name[tag] for tag in tags)].update(fields)
    found = {scope: of_sums(kpi, each, seconds) for scope, each in sums.items()}
    return {scope: seen for scope, seen in found.items() if seen is not None}


def of_sums(kpi: Kpi, sums: Counter[str], seconds: int) -> float | None:
    """The KPI of sums over so many seconds; None where it would divide by nothing."""
    match kpi.formula:
        case Ratio(numerator, denominator, factor):
            return factor * sums[numerator] / sums[denominator] if sums[denominator] else None
        case Rate(field, per_s):
            return sums[field] * per_s / seconds
    raise AssertionError(kpi)


def beyond(rule: AlertRule, seen: float) -> bool:
    """Whether a value is where the rule asks it to be to fire."""
    return seen < rule.threshold if rule.fires == "below" else seen > rule.threshold


def implausible(bounds: Iterable[Bound], domain: Domain, of: Points, seconds: int) -> list[str]:
    """The KPIs that have no value, or one outside its bounds."""
    kpis = {kpi.name: kpi for kpi in domain.kpis}
    seen = [(bound, value(kpis[bound.kpi], of, seconds)) for bound in bounds]
    return [
        f"{bound.kpi} is {found}, not between {bound.least:g} and {bound.most:g}: {bound.why}"
        for bound, found in seen
        if found is None or not bound.least <= found <= bound.most
    ]
