"""The vocabulary: what a pack says about its domain. One table describes a domain; logic sits in the row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from city.event import Event
    from city.geography import City

NOT_STATED: Final = "all"
"""The tag value of an observation that does not state an optional attribute: it speaks for all of them."""


@dataclass(frozen=True, slots=True)
class Text:
    """What an operator reads: Vietnamese first, English beside it."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A dimension of a series.

    Attributes:
        name: the InfluxDB tag.
        path: where the event holds it, as in `source` or `data.vehicleType`; empty: no event does, the stream sets it.
        values: the closed vocabulary; empty only for `source`, whose values are bounded by the city's sensors.
    """

    name: str
    path: str
    values: tuple[str, ...] = ()


Part = Literal["sum", "min", "max"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that observations carry, and the mergeable parts that are kept of it.

    A measure counts its own observations (`<name>_count`), for an attribute may be missing. Sums are kept as
    integers of `1 / scale` units, so that no grouping can change them.

    Attributes:
        name: prefix of its fields.
        path: the attribute, below `data`.
        unit: as a person writes it (`km/h`).
        scale: smallest steps in a unit; 100 keeps hundredths.
        keep: which parts beside the count.
        weight: the attribute (an integer) that weighs each value: keeps `<name>_wsum` and `<name>_weight_sum`.
            An observation without it weighs 1.
        bounds: ascending; where values are told apart for a distribution. `<name>_bin<i>` counts the observations
            for which `i` bounds are not greater than the value, so bins add up over any grouping. A bin that holds
            none is not written.
        title: what operators call it, where its distribution is shown; empty: its name.
        unit_vi: its unit as a person writes it in Vietnamese, where that differs.
    """

    name: str
    path: str
    unit: str
    scale: int = 1
    keep: tuple[Part, ...] = ("sum",)
    weight: str | None = None
    bounds: tuple[float, ...] = ()
    title: Text | None = None
    unit_vi: str = ""

    def steps(self, value: float) -> int:
        """The value in smallest steps. The worker and the truth both round here, and nowhere else."""
        return round(value * self.scale)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields it gives, in the order of a line."""
        parts = [f"{self.name}_{part}" for part in self.keep]
        weighed = [f"{self.name}_wsum", f"{self.name}_weight_sum"] if self.weight else []
        return (f"{self.name}_count", *parts, *weighed, *self.bins)

    @property
    def bins(self) -> tuple[str, ...]:
        """The fields of its distribution, from the smallest values to the greatest; none without bounds."""
        return tuple(f"{self.name}_bin{i}" for i in range(len(self.bounds) + 1)) if self.bounds else ()


@dataclass(frozen=True, slots=True)
class Series:
    """Events of one type, grouped by tags (the area always first) and by windows `[start, start + window)`.

    Fields: `count` (events), `final` (0 or 1), and those of each measure.

    Attributes:
        citywide: its events concern the whole city (area `01`): it has no lines by place, and choosing a place on a
            board does not hide it.
    """

    name: str
    event: type[Event]
    window_s: int
    lateness_s: int
    measures: tuple[Measure, ...]
    tags: tuple[Tag, ...] = ()
    citywide: bool = False

    @property
    def tag_names(self) -> tuple[str, ...]:
        """All tags of its points."""
        return ("area", "zone", *(tag.name for tag in self.tags))

    @property
    def field_names(self) -> tuple[str, ...]:
        """All fields of its points."""
        return ("count", "final", *(name for measure in self.measures for name in measure.fields))


@dataclass(frozen=True, slots=True)
class Ratio:
    """`factor × Σ numerator / Σ denominator`: right at any grouping, for both sums merge."""

    numerator: str
    denominator: str
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Rate:
    """`Σ field` for each `per_s` seconds of the grouping interval."""

    field: str
    per_s: int = 60


@dataclass(frozen=True, slots=True)
class Census:
    """`Σ field` of one round: a measurement that has a point for each member every `every_s` seconds."""

    field: str
    every_s: int


@dataclass(frozen=True, slots=True)
class Gauge:
    """`factor × statistic(field)` over the points of a range: for measurements that tell of now, round by round."""

    field: str
    statistic: Literal["min", "max", "mean", "count"]
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Growth:
    """`factor × Δ part / (Δ part + Δ rest)`: the share of a counter in what two counters grew by in a range.

    Counters begin at 0 again with a new owner: what each series grew by is its last value less its least.
    """

    part: str
    rest: str
    factor: float = 100.0


@dataclass(frozen=True, slots=True)
class Counter:
    """What a counter grew by, for each `per_s` seconds: over time groups only."""

    field: str
    per_s: int = 1


@dataclass(frozen=True, slots=True)
class Target:
    """What the city has promised itself, and which side of it is good."""

    value: float
    good: Literal["above", "below"]
    source: str


@dataclass(frozen=True, slots=True)
class Kpi:
    """A number that operators steer by.

    Attributes:
        name: unique in the catalogue; becomes ids and links.
        measurement: the series it is computed from, `sources` or `pipeline`.
        unit: as a person writes it; Grafana's code for it is the dashboards' matter.
        about: what it means, and what it does where an optional attribute is missing.
        unit_vi: the unit as a person writes it in Vietnamese, where that differs and is not common to all packs.
    """

    name: str
    title: Text
    unit: str
    measurement: str
    formula: Ratio | Rate | Census | Gauge | Growth | Counter
    about: Text
    decimals: int = 1
    target: Target | None = None
    unit_vi: str = ""


Severity = Literal["critical", "warning", "info"]
WhenBlind = Literal["alerting", "no_data", "keep_last"]
"""What a rule does when it cannot see. `ok` is not a value: no data is never green."""


@dataclass(frozen=True, slots=True)
class AlertRule:
    """A threshold on a KPI, with dwell and recovery, for each value of its scope.

    Attributes:
        name: unique in the catalogue; becomes the rule's uid.
        kpi: whose value is watched.
        summary: one sentence with `{value}`, `{normal}` where it is `unusual`, and its tags; `{area}` and `{zone}`
            become names with their kind (`phường Hoàn Kiếm`, `the Hoan Kiem zone`).
        by: tags that make one alert each (`area`), none for the whole city.
        over_s: the range each evaluation looks at.
        fires: `above` or `below` the threshold.
        recovers_at: the value that ends it (hysteresis); None is the threshold itself.
        for_s: how long the condition must hold.
        keep_firing_s: how long it goes on after the condition ended.
        no_data: no value at all. `on_error`: the query failed; `no_data` is then an alert of the rule itself, once,
            where `alerting` would be one for each value of its scope.
        missing_rounds: evaluations without its series after which an alert ends (MissingSeries). While a query fails
            Grafana has no series either: 12 let what fires outlive two minutes of that.
        panel: the panel it links to, on the board of its name; empty: the course of its KPI.
        board: the board it links to; empty: that of its book.
        unusual: the threshold counts robust spreads from what is normal for the place and the hour, negative ones
            below it (`city/deviation.py`). Wards and communes alone have a normal.
    """

    name: str
    kpi: str
    title: Text
    summary: Text
    severity: Severity
    fires: Literal["above", "below"]
    threshold: float
    recovers_at: float | None = None
    by: tuple[str, ...] = ("area",)
    over_s: int = 300
    for_s: int = 120
    keep_firing_s: int = 0
    no_data: WhenBlind = "no_data"
    on_error: WhenBlind = "no_data"
    missing_rounds: int = 12
    panel: str = ""
    board: str = ""
    unusual: bool = False


@dataclass(frozen=True, slots=True)
class Criterion:
    """One indicator of a public index by which a domain is scored, and the KPI that measures it.

    Attributes:
        group, points: the group of the index it belongs to, and what the whole group counts.
        numerator, denominator: what is put in relation, in the words of the index.
        kpi: the pack's KPI for it; empty: not measured, and `why_not` says what the events cannot tell.
    """

    group: Text
    points: int
    title: Text
    numerator: Text
    denominator: Text
    kpi: str = ""
    why_not: Text | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A place that is known to observe: its silence is news. Coordinates in degrees.

    Attributes:
        event: what it says; None: the pack's first event.
    """

    source: str
    area: str
    latitude: float
    longitude: float
    event: type[Event] | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How often a source of the domain speaks, and what its silence is called.

    Attributes:
        period_s: it speaks about this often.
        slow_s, expired_s: quiet for longer than this.
        frozen_s: says the same for longer than this.
        alike: the attributes below `data` that a working sensor varies.
    """

    period_s: int
    slow_s: int
    expired_s: int
    frozen_s: int
    alike: tuple[str, ...]


class RuleBook(Protocol):
    """Who has alert rules: a domain, or the stream itself."""

    @property
    def name(self) -> str:
        """The label `domain` of its alerts, and its board."""

    @property
    def group(self) -> str:
        """Names its group of rules."""

    @property
    def title(self) -> Text:
        """What operators call it."""

    @property
    def package(self) -> str:
        """Where its runbooks and rule tests lie."""

    @property
    def series(self) -> tuple[Series, ...]:
        """The series its KPIs are computed from."""

    @property
    def kpis(self) -> tuple[Kpi, ...]:
        """What its rules watch."""

    @property
    def rules(self) -> tuple[AlertRule, ...]:
        """Its rules."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A pack: all that the rest of the project needs to know about one domain, in any city.

    Attributes:
        freshness: of its sources.
        freshness_by: of those sources that say an event with another pace.
        sites: the places known to observe, or what places them over a city's table.
        scorecard: the public index by which the domain is scored, where there is one.
    """

    name: str
    title: Text
    events: tuple[type[Event], ...]
    series: tuple[Series, ...]
    kpis: tuple[Kpi, ...]
    freshness: Freshness
    sites: tuple[Site, ...] | Callable[[City], tuple[Site, ...]]
    rules: tuple[AlertRule, ...] = field(default=())
    scorecard: tuple[Criterion, ...] = ()
    freshness_by: Mapping[type[Event], Freshness] = field(default_factory=dict, hash=False)

    @property
    def topic(self) -> str:
        """The Kafka topic of its events."""
        return f"city.{self.name}"

    @property
    def group(self) -> str:
        """Its group of alert rules."""
        return self.name

    @property
    def package(self) -> str:
        """Where its files lie: runbooks, rule tests, samples."""
        return f"city.domains.{self.name}"

    def sites_in(self, city: City) -> tuple[Site, ...]:
        """The places of a city that are known to observe."""
        return self.sites(city) if callable(self.sites) else self.sites

    def freshness_of(self, kind: type[Event]) -> Freshness:
        """How often a source that says such events speaks, and what its silence is called."""
        return self.freshness_by.get(kind, self.freshness)
