"""What boards ask beside a KPI's value."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from city.influxql import PIPELINE, SOURCES, Is, Last, Panel, conditions, name, number
from city.layout import SOURCES_SPAN
from city.quantile import quantile_fields
from city.rollup import LEVEL_TAG
from city.standing import EVERY_S, PLACES, STANDINGS, UNUSUAL_PERCENT, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from city.domain import Measure, Ratio
    from city.influxql import Filter, Span

UNCOUNTED: Final = ("late", "duplicate", "rejected")
"""What becomes of records that no window takes."""

_SOURCE_TAGS: Final = ("domain", "source", "area", "zone")
_ROUNDS = Last(5 * EVERY_S // 2)
"""The last rounds of the job that says how places stand, one of which may be on its way."""


def state_query() -> str:
    """The worst state of any place."""
    return _select(f"max({name('state')}) AS {name('state')}", PLACES, conditions((), _ROUNDS))


def counts_query(flag: str) -> str:
    """How many places stand so: `good`, `attention`, `blind` or `alarm`."""
    now = f"last({name(flag)}) AS {name(flag)}"
    one_each = f"{_select(now, PLACES, conditions((), _ROUNDS))} GROUP BY {name('area')}"
    return f"SELECT sum({name(flag)}) AS {name(flag)} FROM ({one_each})"  # noqa: S608 - every name went through `name`


def places_query(span: Span = _ROUNDS) -> str:
    """Every place that is known to observe: its state (0 to 3), now or in the rounds of another moment."""
    now = _select(f"last({name('state')}) AS {name('state')}", PLACES, conditions((), span))
    return f"{now} GROUP BY {_names('area', 'zone')}"


def standing_query(kpi: str, span: Span = _ROUNDS) -> str:
    """How a KPI stands in every place: value, state (null where nothing says what is good), change since last week (%).

    Args:
        kpi: its name.
        span: now, or the rounds of another moment.
    """
    columns = ", ".join(f"last({name(field)}) AS {name(field)}" for field in ("value", "state", "change"))
    return f"{_select(columns, STANDINGS, conditions((Is('kpi', kpi),), span))} GROUP BY {_names('area', 'zone')}"


def area_query(area: str, span: Span = _ROUNDS) -> str:
    """How every KPI stands in one place: value, state, last week's value, change since then (%)."""
    columns = ", ".join(f"last({name(field)}) AS {name(field)}" for field in ("value", "state", "week", "change"))
    return f"{_select(columns, STANDINGS, conditions((Is('area', area),), span))} GROUP BY {_names('kpi')}"


def map_query(state: State) -> str:
    """The places that stand so: where they lie."""
    columns = ", ".join(f"last({name(field)}) AS {name(field)}" for field in ("latitude", "longitude", "state"))
    where = f"{name('state')} = {state.value} AND {conditions((), _ROUNDS)}"
    return f"{_select(columns, PLACES, where)} GROUP BY {_names('area', 'zone')}"


def worst_query() -> str:
    """The KPIs of places that are not well: state, and change since last week (%)."""
    columns = ", ".join(f"last({name(field)}) AS {name(field)}" for field in ("state", "value", "change"))
    where = f"{name('state')} > {State.GOOD.value} AND {conditions((), _ROUNDS)}"
    return f"{_select(columns, STANDINGS, where)} GROUP BY {_names('area', 'zone', 'kpi')}"


def heard_query(filters: Iterable[Filter]) -> str:
    """Every known source: when its newest observation was (ms since 1970), its age (s) and its state (0 to 3)."""
    columns = ", ".join(f"last({name(field)}) AS {name(field)}" for field in ("age_s", "state"))
    columns = f"last({name('last_event_s')}) * 1000 AS {name('last_event')}, {columns}"
    last = _select(columns, SOURCES, conditions(filters, SOURCES_SPAN))
    return f"{last} GROUP BY {_names(*_SOURCE_TAGS)}"


def uncounted_query(filters: Iterable[Filter], span: Span) -> str:
    """What of each source's records was not counted in a range: those late, those said before, those rejected."""
    columns = ", ".join(f"sum({name(field)}) AS {name(field)}" for field in UNCOUNTED)
    return f"{_select(columns, SOURCES, conditions(filters, span))} GROUP BY {_names(*_SOURCE_TAGS)}"


def unusual_query(filters: Iterable[Filter]) -> str:
    """The KPIs of places that are far from last week: value, last week's, change (%), and how far that is."""
    fields = ("value", "week", "change", "unusual")
    columns = ", ".join(f"last({name(field)}) AS {name(field)}" for field in fields)
    where = f"{name('unusual')} >= {UNUSUAL_PERCENT} AND {conditions(filters, _ROUNDS)}"
    return f"{_select(columns, STANDINGS, where)} GROUP BY {_names('area', 'zone', 'kpi')}"


def bins_query(measure: Measure, series: str, filters: Iterable[Filter]) -> str:
    """How many observations fell into each bin over the board's range, a column each."""
    labels = zip(measure.bins, bin_labels(measure), strict=True)
    columns = ", ".join(f"sum({name(field)}) AS {name(label)}" for field, label in labels)
    return _select(columns, series, conditions(filters, Panel()))


def parts_query(ratio: Ratio, measurement: str, filters: Iterable[Filter], span: Span) -> str:
    """A ratio with what it is made of: `value`, `part` (its numerator) and `whole` (its denominator)."""
    part, whole = f"sum({name(ratio.numerator)})", f"sum({name(ratio.denominator)})"
    value = f"{number(ratio.factor)} * {part} / {whole}"
    columns = f"{value} AS {name('value')}, {part} AS {name('part')}, {whole} AS {name('whole')}"
    return _select(columns, measurement, f"{name(ratio.denominator)} > 0 AND {conditions(filters, span)}")


def quantiles_query(measure: Measure, measurement: str, filters: Iterable[Filter], span: Span) -> str:
    """The quantiles of a measure in each window of the range."""
    columns = ", ".join(f"{name(field)} AS {name(field)}" for field in quantile_fields(measure))
    return _select(columns, measurement, conditions(filters, span))


def place_quantiles_query(measure: Measure, measurement: str, filters: Iterable[Filter], span: Span) -> str:
    """The quantiles of a measure in each area, in the last window of the range, and of how many observations."""
    fields = (*quantile_fields(measure), f"{measure.name}_count")
    columns = ", ".join(f"last({name(field)}) AS {name(field)}" for field in fields)
    where = conditions((Is(LEVEL_TAG, "area"), *filters), span)
    return f"{_select(columns, measurement, where)} GROUP BY {_names('area', 'zone')}"


def bin_labels(measure: Measure) -> tuple[str, ...]:
    """The ranges of a measure's bins: `< 10`, `10–20`, `≥ 20`."""
    bounds = [f"{bound:g}" for bound in measure.bounds]
    between = (f"{low}–{high}" for low, high in pairwise(bounds))
    return (f"< {bounds[0]}", *between, f"≥ {bounds[-1]}")


def mean_query(each: str, by: Iterable[str], named: Iterable[str]) -> str:
    """The mean over time of another question's `value`, for each value of the tags `by`."""
    columns = ", ".join(f"mean({name('value')}) AS {name(column)}" for column in named)
    return f"SELECT {columns} FROM ({each}) WHERE {conditions((), Panel())} GROUP BY {_names(*by)}"  # noqa: S608 - every name went through `name`


def counted_query(fields: Iterable[str], span: Span) -> str:
    """What the stream's counters grew by in a range: a series for each domain and partition, a column for each field.

    They begin at 0 again with a new owner: what each grew by is its last value less its least.
    """
    grown = ", ".join(f"last({name(field)}) - min({name(field)}) AS {name(field)}" for field in fields)
    return f"{_select(grown, PIPELINE, conditions((), span))} GROUP BY {_names('domain', 'partition')}"


def rejected_query(filters: Iterable[Filter] = ()) -> str:
    """Records that no rule may count, for each second, by reason."""
    grown = f"non_negative_difference(max({name('rejected')})) AS {name('grown')}"
    where = conditions(filters, Panel())
    each = f"{_select(grown, PIPELINE, where)} GROUP BY time($__interval), {_names('domain', 'partition', 'reason')}"
    return (
        f"SELECT sum({name('grown')}) * 1000 / $__interval_ms AS {name('value')} FROM ({each}) "  # noqa: S608 - every name went through `name`
        f"WHERE {conditions((), Panel())} GROUP BY time($__interval), {name('reason')} fill(none)"
    )


def _select(columns: str, measurement: str, where: str) -> str:
    return f"SELECT {columns} FROM {name(measurement)} WHERE {where}"  # noqa: S608 - every name went through `name`


def _names(*names: str) -> str:
    return ", ".join(map(name, names))
