"""A domain over longer ranges: one board for each resolution, so that the board itself picks what fits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from city.boards.distributions import measured, quantiles
from city.boards.domain import heatmap
from city.boards.parts import BEGINS, PAST, course, local_kpis, own_kpis
from city.boards.scorecard import SCORECARD
from city.domain import Text
from city.layout import GRID_WIDTH, Layout, Panel, Row, spread
from city.rollup import HOUR, QUARTER, finest

if TYPE_CHECKING:
    from collections.abc import Callable

    from city.domain import Domain, Kpi
    from city.rollup import Resolution

RANGES: Final = tuple(PAST)


def history_board(now: Layout, domain: Domain, past: str) -> Layout:
    """The domain's board of that range, with the names and filters of its board of now."""
    asked, title = PAST[past]
    kpis = own_kpis(domain)

    def reads(kpi: Kpi) -> Resolution:
        return finest(next(series for series in domain.series if series.name == kpi.measurement), asked)

    rows = (
        Row(
            "course",
            Text("Diễn biến, so với tuần trước", "Over time, against last week"),
            tuple(course(kpi, width, of=reads(kpi)) for kpi, width in spread(kpis, per_line=2)),
        ),
        Row("places", Text("Theo khu vực", "By place"), _places(local_kpis(domain), asked)),
        *(_past(row, reads) for row in now.rows if row.name.startswith("by_") or row.name == SCORECARD),
        Row("distribution", Text("Phân bố", "Distribution"), _quantiles(domain, asked)),
        Row(
            "hours",
            Text("Theo ngày và giờ", "By day and hour"),
            tuple(heatmap(kpi, width) for kpi, width in spread(kpis, per_line=3)) if asked == HOUR else (),
        ),
    )
    titled = Text(f"{domain.title.vi}: {title.vi.lower()}", f"{domain.title.en}: {title.en.lower()}")
    step = Text(title.vi.partition(", ")[2], title.en.partition(", ")[2])
    about = Text(
        f"{domain.title.vi} từ các điểm đã chốt, tính {step.vi}. Chọn khoảng thời gian khác bằng các liên kết.",
        f"{domain.title.en} out of settled points, {step.en}. The links lead to other ranges.",
    )
    return Layout(
        f"{domain.name}-{past}",
        titled,
        about,
        now.books,
        tuple(row for row in rows if row.panels),
        names=now.names,
        labels=now.labels,
        range=BEGINS[past],
        filters=now.filters,
        ways=now.ways,
        refresh="1m" if past == "day" else "",
    )


def _past(row: Row, reads: Callable[[Kpi], Resolution]) -> Row:
    """A row of the board of now, reading roll-ups: a pack may have chosen its panels, and found better words."""
    return replace(row, panels=tuple(replace(one, of=reads(one.kpis[0])) if one.kpis else one for one in row.panels))


def _quantiles(domain: Domain, asked: Resolution) -> tuple[Panel, ...]:
    """The quantiles of each measure that has a distribution, in the resolution that is asked for or the least."""
    drawn = [quantiles(series, measure, max(asked, QUARTER, key=_length)) for series, measure in measured(domain)]
    return tuple(replace(panel, width=width) for panel, width in spread(drawn, per_line=2))


def _length(of: Resolution) -> int:
    return of.seconds


def _places(kpis: tuple[Kpi, ...], of: Resolution) -> tuple[Panel, ...]:
    about = Text(
        "Mỗi dòng một phường, xã, tính trên cả khoảng thời gian đang xem.",
        "A line for each ward or commune, over the whole range that is looked at.",
    )
    title = Text("Phường, xã", "Wards and communes")
    if not kpis:
        return ()
    return (Panel("places", "places", title, about, GRID_WIDTH, 12, kpis, ("zone", "area"), of),)
