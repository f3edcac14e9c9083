"""The public index by which a domain is scored: a figure for each indicator that is measured, a list of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.domain import Text
from city.layout import GRID_WIDTH, Panel, Row, spread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.domain import Criterion, Domain

SCORECARD: Final = "scorecard"
"""The name of its row."""


def scorecard(domain: Domain) -> Row:
    """The row of a domain's index; without panels where it has none."""
    return Row(SCORECARD, Text("Bộ chỉ số", "Public index"), tuple(_panels(domain)))


def _panels(domain: Domain) -> Iterator[Panel]:
    kpis = {kpi.name: kpi for kpi in domain.kpis}
    told = [one for one in domain.scorecard if one.kpi]
    for one, width in spread(told, per_line=3):
        title = Text(
            f"{one.title.vi} · {one.group.vi} ({one.points} điểm cả nhóm)",
            f"{one.title.en} · {one.group.en} ({one.points} points the group)",
        )
        about = Text(
            f"{one.numerator.vi} / {one.denominator.vi}, trên cả khoảng thời gian đang xem.",
            f"{one.numerator.en} / {one.denominator.en}, over the whole range that is looked at.",
        )
        yield Panel(f"criterion_{one.kpi}", "criterion", title, about, width, 5, (kpis[one.kpi],), criteria=(one,))
    if untold := tuple(one for one in domain.scorecard if not one.kpi):
        yield _untold(untold)


def _untold(criteria: tuple[Criterion, ...]) -> Panel:
    about = Text(
        "Các chỉ tiêu mà sự kiện không cho biết, và vì sao.", "The indicators that the events cannot tell, and why."
    )
    title = Text("Chỉ tiêu chưa đo được", "Indicators not measured")
    return Panel("unmeasured", "unmeasured", title, about, GRID_WIDTH, 14, criteria=criteria)
