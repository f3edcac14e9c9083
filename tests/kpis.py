"""A KPI over the truth's points, as the stores compute it; and between what bounds it is plausible."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from city.domain import Rate, Ratio
from city.event import encode
from city.lines import Line
from stream_app.truth import Key, Value, compute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from city.domain import Domain, Kpi
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


def value(kpi: Kpi, of: Points, seconds: int, belongs: Callable[[Key], bool] = lambda _: True) -> float | None:
    """The KPI over points of so many seconds; None where they say nothing."""
    sums: Counter[str] = Counter()
    for key, fields in of.items():
        if key.measurement == kpi.measurement and belongs(key):
            sums.update(fields)
    match kpi.formula:
        case Ratio(numerator, denominator, factor):
            return factor * sums[numerator] / sums[denominator] if sums[denominator] else None
        case Rate(field, per_s):
            return sums[field] * per_s / seconds
    raise AssertionError(kpi)


def implausible(bounds: Iterable[Bound], domain: Domain, of: Points, seconds: int) -> list[str]:
    """The KPIs that have no value, or one outside its bounds."""
    kpis = {kpi.name: kpi for kpi in domain.kpis}
    seen = [(bound, value(kpis[bound.kpi], of, seconds)) for bound in bounds]
    return [
        f"{bound.kpi} is {found}, not between {bound.least:g} and {bound.most:g}: {bound.why}"
        for bound, found in seen
        if found is None or not bound.least <= found <= bound.most
    ]
