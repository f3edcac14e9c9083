"""How a measure's values spread: how often each range was observed, and quantiles in the city and in each place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from city.domain import Text
from city.layout import Panel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.domain import Domain, Measure, Series
    from city.rollup import Resolution


def measured(domain: Domain) -> Iterator[tuple[Series, Measure]]:
    """The measures whose values are told apart, each once."""
    seen: set[str] = set()
    for series in domain.series:
        for measure in series.measures:
            if measure.bounds and measure.name not in seen:
                seen.add(measure.name)
                yield series, measure


def spreads(series: Series, measure: Measure) -> tuple[Panel, ...]:
    """A line of the board of now."""
    said, unit = _named(measure), Text(measure.unit_vi or measure.unit, measure.unit)
    bins = Panel(
        f"distribution_{series.name}_{measure.name}",
        "distribution",
        Text(f"Phân bố: {said.vi} ({unit.vi})", f"Distribution: {said.en} ({unit.en})"),
        Text(
            f"Số quan trắc trong mỗi khoảng giá trị ({unit.vi}).", f"Observations in each range of values ({unit.en})."
        ),
        8,
        9,
        series=series.name,
        measure=measure,
    )
    course = replace(quantiles(series, measure), width=8)
    places = replace(
        course,
        name=f"{course.name}_places",
        title=Text(f"Phân vị theo nơi: {said.vi}", f"Quantiles by place: {said.en}"),
        about=Text(
            "Mỗi dòng một phường, xã: trung vị và phân vị 90 của mười lăm phút tròn gần nhất; không lọc theo thẻ riêng "
            "của lĩnh vực.",
            "A line for each ward or commune: median and 90th percentile of the last whole quarter of an hour; the "
            "domain's own filters do not apply.",
        ),
        by=("zone", "area"),
    )
    return bins, course, places


def quantiles(series: Series, measure: Measure, of: Resolution | None = None) -> Panel:
    """The quantiles of the whole city over time; out of a roll-up, or of quarters of an hour."""
    said = _named(measure)
    return Panel(
        f"quantiles_{series.name}_{measure.name}",
        "quantiles",
        Text(f"Trung vị và phân vị 90: {said.vi}", f"Median and 90th percentile: {said.en}"),
        Text(
            "Cả thành phố, tính từ phân bố: sai số không quá độ rộng của khoảng giá trị chứa nó; không lọc theo nơi.",
            "The whole city, out of the distribution: off by no more than the range of values it lies in; the choice "
            "of places does not apply.",
        ),
        12,
        9,
        of=of,
        series=series.name,
        measure=measure,
    )


def _named(measure: Measure) -> Text:
    """What it is called inside a sentence."""
    plain = measure.name.replace("_", " ")
    called = measure.title or Text(plain, plain)
    return Text(called.vi[:1].lower() + called.vi[1:], called.en[:1].lower() + called.en[1:])
