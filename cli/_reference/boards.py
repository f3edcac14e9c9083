"""The page of boards: what each shows, what it reads, and where it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.boards import layouts
from city.domain import NOT_STATED, Domain
from city.quantile import quantile_fields
from city.rollup import HOUR_TAG, LEVEL_TAG, QUARTER
from city.standing import PLACES, PLACES_FIELDS, PLACES_TAGS, STANDINGS, STANDINGS_FIELDS, STANDINGS_TAGS, State
from cli._reference.markdown import code, codes, page, table
from summary.quantiles import binned
from summary.rollup import steps_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.catalogue import Catalogue
    from city.layout import Layout, Panel

KINDS: Final = {
    "value": "a figure now: value, standing, change since last week, sources speaking",
    "course": "over time, last week beside it",
    "places": "a table, a line for each place",
    "sources": "sources that are slow, frozen or silent",
    "runbook": "what to do when a rule fires",
    "heatmap": "by day and hour",
    "distribution": "how often each range was observed",
    "quantiles": "median and 90th percentile, of the city over time or of each place",
    "criterion": "an indicator of a public index, with numerator and denominator",
    "unmeasured": "indicators that are not measured, and why",
    "unusual": "places far from last week",
    "state": "the city in one sentence",
    "counts": "how many places stand how",
    "map": "places by state",
    "alerts": "what fires",
    "worst": "places that are not well",
    "levels": "here, in the zone, in the city",
    "heard": "when each source was heard last",
    "rejected": "records that no rule may count",
}
"""Kind of panel → what it shows."""


def pages(catalogue: Catalogue) -> dict[str, str]:
    """File → page."""
    known = layouts(catalogue)
    return {
        "boards.md": page(
            "Boards",
            "What stands in `dashboards/provisioned/boards/{vi,en}/`, each in both languages. They follow from the "
            "packs: `./cityops dashboards build` writes them, `./cityops dashboards check` looks for faults. "
            "How to add a panel: [how-to](../how-to/add-a-panel.md).",
            table(
                ("board", "", "begins with", "choices", "panels"),
                (
                    (
                        f"[{layout.name}](#{layout.name})",
                        f"{layout.title.en} · {layout.title.vi}",
                        code(layout.range),
                        codes(_choices(layout)),
                        str(len(layout.panels)),
                    )
                    for layout in known
                ),
            ),
            *(section for layout in known for section in _board(layout)),
            *_written_by_the_job(catalogue),
        )
    }


def _board(layout: Layout) -> Iterator[str]:
    yield f"## {layout.name}"
    yield f"{layout.about.en} Uids: {code(f'{layout.name}-vi')}, {code(f'{layout.name}-en')}."
    rows = [(panel, row.title.en) for row in layout.rows for panel in row.panels]
    yield table(
        ("row", "panel", "", "shows", "reads"),
        ((row, code(panel.name), panel.title.en, KINDS[panel.kind], _reads(layout, panel)) for panel, row in rows),
    )
    if layout.ways:
        yield f"Leads to: {codes(way.board for way in layout.ways if way.board != layout.name)}."


def _written_by_the_job(catalogue: Catalogue) -> Iterator[str]:
    """What `python -m summary` writes for boards to read."""
    yield "## What the job writes"
    yield (
        "`python -m summary` makes roll-ups of settled points and says how places stand "
        "([decision 7](../decisions/0007-roll-ups.md))."
    )
    rows = [
        (code(STANDINGS), code("city_live"), codes(STANDINGS_TAGS), codes(STANDINGS_FIELDS)),
        (code(PLACES), code("city_live"), codes(PLACES_TAGS), codes(PLACES_FIELDS)),
    ]
    for series in catalogue.series.values():
        for step in steps_of(series):
            tags = (*step.tags, HOUR_TAG) if step.by_hour else step.tags
            names = codes(name for name in (step.target, step.week_later) if name)
            rows.append((names, code("city_rollup"), codes(tags), f"those of {code(series.name)} but `final`"))
            if step.quantiles:
                told = (name for one in binned(series) for name in (*quantile_fields(one), f"{one.name}_count"))
                rows.append(
                    (code(step.quantiles), code("city_rollup"), codes(("area", LEVEL_TAG, "zone")), codes(told))
                )
    yield table(("measurement", "bucket", "tags", "fields"), rows)
    yield (
        f"Quantiles are of one area, of a zone (`area` is then `{NOT_STATED}`) or of the city, as `{LEVEL_TAG}` says: "
        "the bins of all its points added up ([decision 11](../decisions/0011-quantiles.md))."
    )
    yield "States: " + ", ".join(f"{state.value} {state.name.lower()}" for state in State) + "."


def _choices(layout: Layout) -> tuple[str, ...]:
    places = {"places": ("zone", "area"), "one_area": ("area",), "none": ()}[layout.choices]
    return (*places, *(tag.name for tag in layout.filters))


def _reads(layout: Layout, panel: Panel) -> str:
    """The measurements it is about; roll-ups by their resolution."""
    names = list(dict.fromkeys(kpi.measurement for kpi in panel.kpis)) or [panel.series] * bool(panel.series)
    if panel.kind == "quantiles":
        return codes((panel.of or QUARTER).quantiles(name) for name in names)
    if panel.kind == "heatmap":
        return codes(f"{name}_1h_of_day" for name in names)
    if panel.kind in {"sources", "heard", "unusual", "state", "counts", "map", "worst", "rejected"}:
        about = {
            "sources": "sources",
            "heard": "sources",
            "unusual": "standings",
            "worst": "standings",
            "rejected": "pipeline",
        }
        return code(about.get(panel.kind, "places"))
    if panel.of is None:
        return codes(names)
    series = {one.name for book in layout.books if isinstance(book, Domain) for one in book.series}
    return codes(panel.of.of(name) for name in names if name in series)
