"""The index by which public service is scored: Decision 766/QĐ-TTg of 23 June 2022, 100 points in five groups.

What the events can tell is a KPI of the pack; the rest is said to be not measured, and why. Indicators are those of the
decision that its summaries name; points are those of whole groups.
"""

from __future__ import annotations

from typing import Final

from city.domain import Criterion, Text

_OPENNESS: Final = Text("Công khai, minh bạch", "Openness")
_PROGRESS: Final = Text("Tiến độ, kết quả giải quyết", "Progress and results")
_DIGITISATION: Final = Text("Số hóa hồ sơ", "Digitisation")
_ONLINE: Final = Text("Cung cấp dịch vụ trực tuyến", "Online provision")
_SATISFACTION: Final = Text("Mức độ hài lòng", "Satisfaction")

_NO_REGISTER: Final = Text(
    "cần cơ sở dữ liệu thủ tục hành chính, không có trong sự kiện hồ sơ",
    "needs the register of procedures, which applications do not speak of",
)
_NO_PAPERS: Final = Text(
    "sự kiện không nêu từng giấy tờ của hồ sơ", "the events do not speak of an application's single papers"
)
_NO_FEEDBACK: Final = Text(
    "phản ánh, kiến nghị không phải là hồ sơ thủ tục hành chính", "feedback is no application, and not in the events"
)

SCORECARD: Final = (
    Criterion(
        _OPENNESS,
        18,
        Text("Thủ tục công bố đúng hạn", "Procedures announced in time"),
        Text("thủ tục công bố đúng hạn", "procedures announced in time"),
        Text("thủ tục đã công bố trong kỳ", "procedures announced in the period"),
        why_not=_NO_REGISTER,
    ),
    Criterion(
        _OPENNESS,
        18,
        Text("Hồ sơ đồng bộ lên Cổng Dịch vụ công quốc gia", "Applications synchronised with the national portal"),
        Text("hồ sơ đã đồng bộ", "applications synchronised"),
        Text("hồ sơ tiếp nhận", "applications accepted"),
        why_not=Text("sự kiện không nêu việc đồng bộ", "the events do not speak of synchronisation"),
    ),
    Criterion(
        _PROGRESS,
        20,
        Text("Hồ sơ xử lý đúng hạn", "Applications on time"),
        Text("hồ sơ có kết quả trước hoặc đúng hạn", "applications with a result by their due time"),
        Text("hồ sơ đã có kết quả hoặc đã quá hạn", "applications that have a result or are overdue"),
        kpi="services_on_time_rate",
    ),
    Criterion(
        _DIGITISATION,
        22,
        Text("Hồ sơ cấp kết quả điện tử", "Results issued electronically"),
        Text("hồ sơ có kết quả điện tử", "applications with an electronic result"),
        Text("hồ sơ hoàn thành", "applications completed"),
        kpi="services_electronic_result_share",
    ),
    Criterion(
        _DIGITISATION,
        22,
        Text("Số hóa hồ sơ", "Papers digitised"),
        Text("hồ sơ được số hóa giấy tờ", "applications whose papers were digitised"),
        Text("hồ sơ tiếp nhận", "applications accepted"),
        why_not=_NO_PAPERS,
    ),
    Criterion(
        _DIGITISATION,
        22,
        Text("Khai thác, sử dụng lại dữ liệu số hóa", "Digitised data used again"),
        Text("hồ sơ dùng lại dữ liệu đã có", "applications that use data at hand"),
        Text("hồ sơ tiếp nhận", "applications accepted"),
        why_not=_NO_PAPERS,
    ),
    Criterion(
        _ONLINE,
        22,
        Text("Hồ sơ nộp trực tuyến", "Applications submitted online"),
        Text("hồ sơ nộp qua cổng", "applications submitted through a portal"),
        Text("hồ sơ nộp", "applications submitted"),
        kpi="services_online_share",
    ),
    Criterion(
        _ONLINE,
        22,
        Text("Thanh toán trực tuyến", "Fees paid online"),
        Text("hồ sơ nộp phí, lệ phí trực tuyến", "applications whose fee was paid online"),
        Text("hồ sơ phải nộp phí, lệ phí", "applications with a fee"),
        kpi="services_paid_online_share",
    ),
    Criterion(
        _ONLINE,
        22,
        Text("Dịch vụ công trực tuyến có phát sinh hồ sơ", "Online procedures in use"),
        Text("thủ tục trực tuyến có hồ sơ", "online procedures with an application"),
        Text("thủ tục cung cấp trực tuyến", "procedures offered online"),
        why_not=_NO_REGISTER,
    ),
    Criterion(
        _SATISFACTION,
        18,
        Text("Hài lòng trong tiếp nhận, giải quyết thủ tục", "Satisfied with the procedure"),
        Text("người đánh giá 4 hoặc 5", "applicants who gave 4 or 5"),
        Text("người đã đánh giá", "applicants who answered"),
        kpi="services_satisfied_share",
    ),
    Criterion(
        _SATISFACTION,
        18,
        Text("Phản ánh, kiến nghị xử lý đúng hạn", "Feedback handled on time"),
        Text("phản ánh, kiến nghị xử lý trước hoặc đúng hạn", "feedback handled by its due time"),
        Text("phản ánh, kiến nghị thuộc thẩm quyền", "feedback that is the city's to handle"),
        why_not=_NO_FEEDBACK,
    ),
    Criterion(
        _SATISFACTION,
        18,
        Text("Hài lòng trong xử lý phản ánh, kiến nghị", "Satisfied with how feedback was handled"),
        Text("phản ánh, kiến nghị không bị chê, không quá hạn", "feedback neither complained of nor overdue"),
        Text("phản ánh, kiến nghị đã xử lý", "feedback handled"),
        why_not=_NO_FEEDBACK,
    ),
)
