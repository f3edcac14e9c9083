"""KPI + grouping + range → InfluxQL text, and the quoting that whoever writes InfluxQL goes through.

docs/decisions/0012-where-influxql-is-written.md names the few others that do.

The text may hold Grafana's macros (`$timeFilter`, `$__interval`, `$__interval_ms`) and variables in regular
expressions (`/^$area$/`); whoever sends it fills them in. What it uses is accepted alike by InfluxDB 1.8, InfluxDB
2.7 (`/query`) and the embedded store.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, assert_never

from city.deviation import BASELINE
from city.domain import Census, Counter, Gauge, Growth, Rate, Ratio
from city.event import observation
from city.instant import NS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from city.domain import Kpi, RuleBook

SOURCES: Final = "sources"
"""The measurement that has a point for every known source, silent ones too."""

PIPELINE: Final = "pipeline"
"""The measurement that has a point for every partition: how the stream does."""

DOMAIN: Final = "domain"
"""The tag that tells their domains apart."""

OPERATIONAL: Final = frozenset({SOURCES, PIPELINE})
"""Measurements that all domains share. Their points tell of now: nothing is open."""

ROUND_S: Final = 10
"""Seconds between two points of one source in `sources`."""

AUTO: Final = "auto"
"""The grouping interval that Grafana chooses for the panel's width: `$__interval`."""

Step = int | Literal["auto"]
"""Seconds of a time group, or `AUTO`."""

_PARTITION: Final = (DOMAIN, "partition")
"""What tells the counters of `pipeline` apart."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Panel:
    """The range of whoever asks: Grafana's time picker, or a rule's relative range.

    Attributes:
        seconds: how long it is, where that is fixed; a rate without time groups needs it.
    """

    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Last:
    """`seconds` that ended `ago_s` before the server's now: whole windows, not the one still filling."""

    seconds: int
    ago_s: int = 0


@dataclass(frozen=True, slots=True)
class Around:
    """`seconds` with the server's now in their middle: for points that are stamped later than their own time."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Between:
    """Half-open, `[start_ns, end_ns)`, in nanoseconds since 1970."""

    start_ns: int
    end_ns: int


Span = Panel | Last | Around | Between


@dataclass(frozen=True, slots=True)
class Is:
    """The tag has this value."""

    tag: str
    value: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tag has one of the values chosen in the dashboard variable of that name."""

    tag: str
    variable: str


Filter = Is | Chosen


def kpi_query(
    kpi: Kpi,
    span: Span,
    *,
    step: Step | None = None,
    by: Iterable[str] = (),
    filters: Iterable[Filter] = (),
    named: tuple[str, ...] = ("value",),
    shift: str = "",
) -> str:
    """The KPI's value for each time group (none: one for the whole range) and each value of the tags `by`.

    A ratio leaves out the points whose denominator is zero: they say nothing, and InfluxDB calls n / 0 zero.

    Args:
        kpi: what to compute.
        span: the range to look at.
        step: the time groups; a group without points is null, so that a gap looks like one.
        by: tags that make one series each.
        filters: which points count.
        named: the columns' names; more than one repeats the value, for a second way of showing it.
        shift: where time groups begin, as a duration: `-7h` for days that begin at midnight in Hanoi.

    Raises:
        ValueError: a rate over a range of unknown length needs a step.
    """
    where, tags = [*map(_filter, filters), _range(span)], tuple(by)
    source = name(kpi.measurement)
    match kpi.formula:
        case Ratio(numerator, denominator, factor):
            value = f"{_scale(factor)}sum({name(numerator)}) / sum({name(denominator)})"
            where.insert(0, f"{name(denominator)} > 0")
        case Rate(field, per_s):
            value = f"sum({name(field)}) * {_per(per_s, span, step)}"
        case Census(field, every_s):
            # The mean over rounds of each round's sum: right for any interval, whole rounds in it or not.
            one_round = f"sum({name(field)}) AS {name('round')}"
            source = f"({_select(one_round, source, where, _groups(every_s, tags, fill='none'))})"
            value, where = f"mean({name('round')})", [_range(span)]
        case Gauge(field, statistic, factor):
            value = f"{_scale(factor)}{statistic}({name(field)})"
        case Growth(part, rest, factor):
            # What each series grew by, for a counter begins at 0 again with each owner; then their sums.
            grown = ", ".join(f"last({name(f)}) - min({name(f)}) AS {name(f)}" for f in (part, rest))
            source = f"({_select(grown, source, where, _groups(step, _each(tags), fill='none'))})"
            value = f"{_scale(factor)}sum({name(part)}) / (sum({name(part)}) + sum({name(rest)}))"
            where = [_range(span)]
        case Counter(field, per_s):
            # What each counter grew by, group by group; one that begins at 0 again with a new owner loses a group.
            grown = f"non_negative_difference(max({name(field)})) AS {name('grown')}"
            source = f"({_select(grown, source, where, _groups(step, _each(tags)))})"
            value, where = f"sum({name('grown')}) * {_per(per_s, span, step)}", [_range(span)]
        case never:
            assert_never(never)
    columns = ", ".join(f"{value} AS {name(column)}" for column in named)
    return _select(columns, source, where, _groups(step, tags, shift=shift))


def recent(domain: RuleBook, kpi: Kpi, over_s: int) -> Last:
    """What "now" is for a KPI: the last `over_s` seconds whose windows have closed; for a census, its last round."""
    if isinstance(kpi.formula, Census):
        return Last(kpi.formula.every_s, kpi.formula.every_s)
    if kpi.measurement in OPERATIONAL:
        return Last(over_s)
    lateness_s = next(series.lateness_s for series in domain.series if series.name == kpi.measurement)
    return Last(over_s, lateness_s)


def scope(domain: RuleBook, kpi: Kpi) -> tuple[Filter, ...]:
    """The filters that keep other domains' points out: `sources` is shared, a domain's own series are not."""
    ours = kpi.measurement in OPERATIONAL and domain.name != PIPELINE
    return (Is(DOMAIN, domain.name),) if ours else ()


def speakers(domain: RuleBook, kpi: Kpi) -> tuple[Filter, ...]:
    """The filters that leave the sources whose events a KPI is made of; none where all of the domain's are alike."""
    events = {series.event for series in domain.series}
    own = next((series.event for series in domain.series if series.name == kpi.measurement), None)
    return () if own is None or len(events) == 1 else (Is("observation", observation(own)),)


def fresh_query(domain: RuleBook, span: Span, *, by: Iterable[str] = (), filters: Iterable[Filter] = ()) -> str:
    """The share (0 to 1) of the domain's known sources that are not silent; null where none is known."""
    where = [_filter(Is(DOMAIN, domain.name)), *map(_filter, filters), _range(span)]
    return _select(f"1 - mean({name('silent')}) AS {name('fresh')}", name(SOURCES), where, _groups(None, tuple(by)))


def baseline_query(domain: RuleBook, kpi: Kpi, field: str, span: Span, by: Iterable[str]) -> str:
    """What is normal for a KPI, as the last point of the range has it: `median` or `spread`."""
    where = [_filter(Is(DOMAIN, domain.name)), _filter(Is("kpi", kpi.name)), _range(span)]
    return _select(f"last({name(field)}) AS {name(field)}", name(BASELINE), where, _groups(None, tuple(by)))


def quiet_query(domain: RuleBook | None, span: Span, *, filters: Iterable[Filter] = ()) -> str:
    """Every source that was not well in the range: its last state (1 to 3) and age in seconds.

    Args:
        domain: whose sources; None: of all domains.
        span: the range to look at.
        filters: which points count.
    """
    own = [] if domain is None else [_filter(Is(DOMAIN, domain.name))]
    where = [*own, *map(_filter, filters), f"{name('state')} > 0", _range(span)]
    columns = ", ".join(f"last({name(field)}) AS {name(field)}" for field in ("state", "age_s"))
    tags = ("source", "area", "zone") if domain else (DOMAIN, "source", "area", "zone")
    return _select(columns, name(SOURCES), where, _groups(None, tags))


def tag_values_query(measurement: str, tag: str, filters: Iterable[Filter] = ()) -> str:
    """The values a tag has, among the series that pass the filters."""
    where = " AND ".join(map(_filter, filters))
    return f"SHOW TAG VALUES FROM {name(measurement)} WITH KEY = {name(tag)}" + (f" WHERE {where}" if where else "")


def conditions(filters: Iterable[Filter], span: Span) -> str:
    """What stands behind WHERE: the filters and the range."""
    return " AND ".join([*map(_filter, filters), _range(span)])


def name(identifier: str) -> str:
    """A measurement, field, tag or column, quoted.

    Raises:
        ValueError: it is empty or holds control characters.
    """
    return f'"{_escaped(identifier, chr(34))}"'


def text(value: str) -> str:
    """A string literal.

    Raises:
        ValueError: it holds control characters.
    """
    return f"'{_escaped(value, chr(39))}'"


def chosen(variable: str) -> str:
    """The regular expression that a dashboard variable's chosen values match, whole.

    Raises:
        ValueError: the variable's name is no identifier.
    """
    if not _VARIABLE.fullmatch(variable):
        raise ValueError(f"no name of a variable: {variable!r}")
    return f"/^${variable}$/"


def _escaped(value: str, quote: str) -> str:
    if _CONTROL.search(value) or (quote == '"' and not value):
        raise ValueError(f"neither a name nor a text of InfluxQL: {value!r}")
    return value.replace("\\", r"\\").replace(quote, f"\\{quote}")


def _select(columns: str, source: str, where: list[str], groups: str) -> str:
    query = f"SELECT {columns} FROM {source} WHERE {' AND '.join(where)}"  # noqa: S608 - every name went through `name`
    return query + groups


def _each(tags: tuple[str, ...]) -> tuple[str, ...]:
    """The tags that keep counters of different owners apart."""
    return tuple(dict.fromkeys((*tags, *_PARTITION)))


def _groups(step: Step | None, tags: tuple[str, ...], fill: str = "null", shift: str = "") -> str:
    length = "$__interval" if step == AUTO else f"{step}s"
    interval = [] if step is None else [f"time({length}, {shift})" if shift else f"time({length})"]
    groups = ", ".join([*interval, *map(name, tags)])
    return (f" GROUP BY {groups}" if groups else "") + (f" fill({fill})" if interval else "")


def _filter(one: Filter) -> str:
    match one:
        case Is(tag, value):
            return f"{name(tag)} = {text(value)}"
        case Chosen(tag, variable):
            return f"{name(tag)} =~ {chosen(variable)}"


def _range(span: Span) -> str:
    match span:
        case Panel():
            return "$timeFilter"
        case Last(seconds, ago_s):
            until = f"now() - {ago_s}s" if ago_s else "now()"
            return f"time >= now() - {seconds + ago_s}s AND time < {until}"
        case Around(seconds):
            return f"time >= now() - {seconds // 2}s AND time < now() + {seconds - seconds // 2}s"
        case Between(start_ns, end_ns):
            return f"time >= {start_ns} AND time < {end_ns}"


def _per(per_s: int, span: Span, step: Step | None) -> str:
    """What turns a sum over one group into an amount for each `per_s` seconds."""
    if step == AUTO:
        return f"{per_s * 1000} / $__interval_ms"
    if step is not None:
        return f"{per_s} / {step}"
    match span:
        case Panel(int(seconds)) | Last(seconds) | Around(seconds):
            return f"{per_s} / {seconds}"
        case Panel():
            raise ValueError("a rate over a range of unknown length needs a step")
        case Between(start_ns, end_ns):
            return f"{per_s * NS} / {end_ns - start_ns}"


def _scale(factor: float) -> str:
    return "" if factor == 1 else f"{number(factor)} * "


def number(value: float) -> str:
    """A finite number, never with an exponent: InfluxQL has none."""
    return f"{value:.10f}".rstrip("0").rstrip(".")
