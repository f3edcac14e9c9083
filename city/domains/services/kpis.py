"""What operators steer public services by. Every figure is a ratio of sums, so it is right at any grouping."""

from __future__ import annotations

from typing import Final

from city.domain import Census, Kpi, Rate, Ratio, Target, Text

_APPLICATIONS: Final = "services_applications"
_COUNTERS: Final = "services_counters"
_JULY_2025: Final = "asked of every ward and commune by the city for 30 July 2025"
_OWN: Final = "the pack's own goal; the city has published none"


def _share(name: str, field: str, title: Text, about: Text, target: Target | None = None) -> Kpi:
    """The share of yes among those that state it, in percent."""
    return Kpi(name, title, "%", _APPLICATIONS, Ratio(f"{field}_sum", f"{field}_count", factor=100), about, 1, target)


KPIS: Final = (
    Kpi(
        "services_submissions_per_minute",
        Text("Hồ sơ nộp mỗi phút", "Submissions per minute"),
        "applications/min",
        _APPLICATIONS,
        Rate("submitted_sum", per_s=60),
        Text("Hồ sơ được nộp, qua mọi kênh.", "Applications submitted, by every channel."),
        unit_vi="hồ sơ/phút",
    ),
    _share(
        "services_online_share",
        "online",
        Text("Tỷ lệ nộp trực tuyến", "Online share"),
        Text(
            "Hồ sơ nộp qua cổng dịch vụ công trên tổng hồ sơ nộp có nêu kênh.",
            "Applications submitted through a portal, of all whose channel is stated.",
        ),
        Target(60.0, "above", _JULY_2025),
    ),
    _share(
        "services_on_time_rate",
        "on_time",
        Text("Tỷ lệ đúng hạn", "On-time rate"),
        Text(
            "Hồ sơ có kết quả trước hoặc đúng hạn, trên số đã có kết quả hoặc đã quá hạn; mỗi hồ sơ tính một lần.",
            "Applications with a result by their due time, of those that have one or are overdue; each counts once.",
        ),
        Target(100.0, "above", _JULY_2025),
    ),
    Kpi(
        "services_processing_hours",
        Text("Thời gian giải quyết trung bình", "Mean processing time"),
        "h",
        _APPLICATIONS,
        Ratio("processing_hours_sum", "processing_hours_count"),
        Text(
            "Số giờ từ khi tiếp nhận đến khi kết thúc, cả đêm và ngày nghỉ.",
            "Hours from acceptance to the end, nights and days off included.",
        ),
        unit_vi="giờ",
    ),
    Kpi(
        "services_waiting_minutes",
        Text("Thời gian chờ tại quầy", "Waiting time at counters"),
        "min",
        _COUNTERS,
        Ratio("waiting_minutes_wsum", "waiting_minutes_weight_sum"),
        Text(
            "Số phút chờ của người vừa được gọi, trung bình theo người; không có số khi quầy đóng.",
            "Minutes that those just called had waited, a mean over people; none while counters are closed.",
        ),
        target=Target(15.0, "below", _OWN),
        unit_vi="phút",
    ),
    Kpi(
        "services_people_waiting",
        Text("Người chờ mỗi quầy", "People waiting at a counter"),
        "people",
        _COUNTERS,
        Ratio("waiting_sum", "waiting_count"),
        Text("Trung bình các quầy đang mở.", "The mean over open counters."),
        unit_vi="người",
    ),
    Kpi(
        "services_satisfaction",
        Text("Mức độ hài lòng", "Satisfaction"),
        "of 5",
        _APPLICATIONS,
        Ratio("satisfaction_sum", "satisfaction_count"),
        Text("Điểm trung bình 1–5 của người đã đánh giá.", "Mean mark, 1 to 5, of those who have answered."),
        decimals=2,
        target=Target(4.0, "above", _OWN),
        unit_vi="trên 5",
    ),
    _share(
        "services_returned_share",
        "returned",
        Text("Tỷ lệ trả lại hồ sơ", "Share returned"),
        Text(
            "Hồ sơ bị trả lại trên số hồ sơ đã kết thúc.",
            "Applications returned without a result, of those that have ended.",
        ),
    ),
    _share(
        "services_supplement_share",
        "supplement",
        Text("Tỷ lệ yêu cầu bổ sung", "Share asked for more"),
        Text(
            "Lần yêu cầu bổ sung giấy tờ trên số lần xem xét hồ sơ.",
            "Requests for further papers, of all times that papers were looked through.",
        ),
    ),
    Kpi(
        "services_overdue_per_hour",
        Text("Hồ sơ quá hạn tăng mỗi giờ", "Growth of the overdue backlog"),
        "applications/h",
        _APPLICATIONS,
        Rate("overdue_change_sum", per_s=3_600),
        Text(
            "Số hồ sơ vừa quá hạn trừ số hồ sơ quá hạn đã giải quyết xong; số âm là tồn đọng giảm.",
            "Applications that have become overdue less overdue ones that have ended; below zero it shrinks.",
        ),
        unit_vi="hồ sơ/giờ",
    ),
    _share(
        "services_full_online_share",
        "full_online",
        Text("Tỷ lệ trực tuyến toàn trình", "Share fully online"),
        Text(
            "Hồ sơ trực tuyến toàn trình trên tổng hồ sơ nộp có nêu mức độ.",
            "Applications that go online all the way, of all whose level is stated.",
        ),
        Target(20.0, "above", _JULY_2025),
    ),
    _share(
        "services_paid_online_share",
        "paid_online",
        Text("Tỷ lệ thanh toán trực tuyến", "Share paid online"),
        Text(
            "Hồ sơ nộp phí, lệ phí trực tuyến trên số hồ sơ phải nộp.",
            "Applications whose fee was paid online, of those that have one.",
        ),
    ),
    _share(
        "services_electronic_result_share",
        "electronic_result",
        Text("Tỷ lệ cấp kết quả điện tử", "Share with electronic result"),
        Text(
            "Hồ sơ có kết quả bản điện tử trên số hồ sơ hoàn thành.",
            "Applications whose result was issued electronically, of those completed.",
        ),
        Target(100.0, "above", _JULY_2025),
    ),
    _share(
        "services_satisfied_share",
        "satisfied",
        Text("Tỷ lệ hài lòng", "Share satisfied"),
        Text("Người chấm 4 hoặc 5 trên số người đã đánh giá.", "Those who gave 4 or 5, of those who have answered."),
        Target(90.0, "above", _OWN),
    ),
    Kpi(
        "services_silent_counters",
        Text("Quầy mất tín hiệu", "Silent counters"),
        "counters",
        "sources",
        Census("silent", every_s=10),
        Text(
            "Số quầy đã biết không gửi dữ liệu quá hạn; quầy đóng cửa vẫn gửi.",
            "Known counters that have not spoken for longer than they may; closed ones still speak.",
        ),
        decimals=0,
        target=Target(0.0, "below", "design: a silent source is news"),
        unit_vi="quầy",
    ),
)
