"""The board of public services: the default one, by what operators ask for, with the names that they use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from city.boards.scorecard import SCORECARD
from city.domain import NOT_STATED, Text

if TYPE_CHECKING:
    from city.layout import Layout, Row

NAMES: Final = {
    "procedure_group": {
        "certification": Text("Chứng thực", "Certification"),
        "civil_status": Text("Hộ tịch", "Civil status"),
        "land": Text("Đất đai", "Land"),
        "construction": Text("Xây dựng", "Construction"),
        "business": Text("Đăng ký kinh doanh", "Business registration"),
        "social": Text("Bảo trợ xã hội", "Social assistance"),
        NOT_STATED: Text("Không phân nhóm", "Not told apart"),
    },
    "channel": {
        "city_portal": Text("Cổng của Thành phố", "City portal"),
        "national_portal": Text("Cổng quốc gia", "National portal"),
        "one_stop": Text("Bộ phận một cửa", "One-stop counter"),
        NOT_STATED: Text("Không rõ kênh", "Channel not stated"),
    },
    "step": {
        "submitted": Text("Nộp", "Submitted"),
        "accepted": Text("Tiếp nhận", "Accepted"),
        "supplement_asked": Text("Yêu cầu bổ sung", "Supplement asked"),
        "completed": Text("Hoàn thành", "Completed"),
        "returned": Text("Trả lại", "Returned"),
        "overdue": Text("Quá hạn", "Overdue"),
    },
}

_TOLD_APART: Final = {
    "by_procedure_group": (
        Text("Theo nhóm thủ tục", "By procedure group"),
        Text("theo nhóm thủ tục", "by procedure group"),
        {
            "services_submissions_per_minute",
            "services_on_time_rate",
            "services_processing_hours",
            "services_returned_share",
        },
    ),
    "by_channel": (
        Text("Theo kênh nộp", "By channel"),
        Text("theo kênh nộp", "by channel"),
        {
            "services_submissions_per_minute",
            "services_on_time_rate",
            "services_processing_hours",
            "services_satisfaction",
        },
    ),
}
"""Row → its heading, the end of its panels' titles, and the KPIs that mean something in it.

There is no row by step: what a KPI counts is stated by one or two steps, so by step it says nothing.
"""

_INDEX: Final = Text("Bộ chỉ số theo Quyết định 766/QĐ-TTg", "Index of Decision 766/QĐ-TTg")


def board(layout: Layout) -> Layout:
    """The default layout, told apart by procedure group and channel."""
    rows = tuple(_named(row) for row in layout.rows if row.name != "by_step")
    return replace(layout, rows=rows, names=NAMES)


def _named(row: Row) -> Row:
    if row.name == SCORECARD:
        return replace(row, title=_INDEX)
    if row.name not in _TOLD_APART:
        return row
    title, by, kpis = _TOLD_APART[row.name]
    panels = (
        replace(panel, title=Text(f"{panel.title.vi} {by.vi}", f"{panel.title.en} {by.en}"), width=12)
        for panel in row.panels
        if {kpi.name for kpi in panel.kpis} & kpis
    )
    return replace(row, title=title, panels=tuple(panels))
