"""What boards say beside what the packs say, in both languages, and Grafana's codes for units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.bands import Standing
from city.domain import Text
from city.standing import State
from city.units import written

if TYPE_CHECKING:
    from city.language import Language


NO_DATA: Final = Text("Không có dữ liệu", "No data")
ALL: Final = Text("Tất cả", "All")
ZONE: Final = Text("Khu vực", "Zone")
AREA: Final = Text("Phường, xã", "Ward or commune")
STANDING: Final = Text("Đánh giá", "Standing")
FRESH: Final = Text("Nguồn còn gửi", "Sources speaking")
SOURCE: Final = Text("Nguồn", "Source")
STATE: Final = Text("Tình trạng", "State")
LAST_EVENT: Final = Text("Quan trắc mới nhất", "Last event")
UNCOUNTED: Final = {
    "late": Text("Đến muộn", "Late"),
    "duplicate": Text("Trùng", "Duplicate"),
    "rejected": Text("Bị loại", "Rejected"),
}
AGE: Final = Text("Im lặng đã", "Quiet for")
OTHER_LANGUAGE: Final = Text("English", "Tiếng Việt")
RUNBOOK: Final = Text("Cách xử lý", "What to do")
TARGET: Final = Text("Mục tiêu", "Target")
NO_TARGET: Final = Text("không đặt", "none set")
FOLDER: Final = Text("Điều hành", "Operations")
ALERTS: Final = Text("Cảnh báo", "Alerts")
NONE_QUIET: Final = Text("Không nguồn nào được báo chậm hoặc im lặng", "No source is reported slow or silent")
NONE_UNUSUAL: Final = Text("Không nơi nào lệch nhiều so với tuần trước", "No place is far from last week")
NONE_UNWELL: Final = Text("Không nơi nào được báo chưa đạt", "No place is reported off target")
NOTES: Final = Text("Ghi chú của người vận hành", "Operators' notes")
NOW: Final = Text("Bây giờ", "Now")
VALUE: Final = Text("Giá trị", "Value")
LAST_WEEK: Final = Text("Tuần trước", "Last week")
CHANGE: Final = Text("Hơn (kém) tuần trước", "Above (below) last week")
FAR: Final = Text("Độ lệch", "How far")
HERE: Final = Text("Nơi này", "Here")
CITY: Final = Text("Thành phố", "City")
DOMAIN: Final = Text("Lĩnh vực", "Domain")
KPI: Final = Text("Chỉ số", "Figure")
QUANTILES: Final = {
    "p50": Text("Trung vị", "Median"),
    "p90": Text("Phân vị 90: chín phần mười không vượt quá", "90th percentile: nine in ten do not exceed it"),
}
BRIEF_QUANTILES: Final = {"p50": Text("Trung vị", "Median"), "p90": Text("Phân vị 90", "90th percentile")}
OBSERVATIONS: Final = Text("Số quan trắc", "Observations")
CRITERION: Final = (
    Text("Nhóm (điểm)", "Group (points)"),
    Text("Chỉ tiêu", "Indicator"),
    Text("Tử số", "Numerator"),
    Text("Mẫu số", "Denominator"),
    Text("Giá trị", "Value"),
)
"""The columns of what is not measured of an index."""

NOT_MEASURED: Final = Text("**chưa đo được**", "**not measured**")
SHOW_AREA: Final = Text("Mọi lĩnh vực ở nơi này", "Every domain there")
SHOW_ALONE: Final = Text("Chỉ xem nơi này", "This place alone")

STANDINGS: Final = {
    Standing.GOOD: Text("✔ Đạt mục tiêu", "✔ On target"),
    Standing.ATTENTION: Text("▲ Chú ý", "▲ Attention"),
    Standing.ALARM: Text("✖ Báo động", "✖ Alarm"),
}
"""Sign and words: colour only repeats them."""

STATES: Final = {
    0: (Text("✔ Ổn", "✔ Well"), Standing.GOOD),
    1: (Text("▲ Gửi chậm", "▲ Slow"), Standing.ATTENTION),
    2: (Text("▲ Lặp một giá trị", "▲ Frozen"), Standing.ATTENTION),
    3: (Text("✖ Im lặng", "✖ Silent"), Standing.ALARM),
}
"""The states of a source."""

BRIEF_STANDINGS: Final = {
    Standing.GOOD: Text("✔ Đạt", "✔ OK"),
    Standing.ATTENTION: Text("▲ Chú ý", "▲ Watch"),
    Standing.ALARM: Text("✖ Báo động", "✖ Alarm"),
}
"""The same for a wall that is read from afar."""

COLOURS: Final = {Standing.GOOD: "green", Standing.ATTENTION: "orange", Standing.ALARM: "red"}

PLACE_STATES: Final = {
    State.GOOD: (Text("✔ Đạt", "✔ On target"), "green"),
    State.ATTENTION: (Text("▲ Chú ý", "▲ Attention"), "orange"),
    State.BLIND: (Text("■ Mất dữ liệu", "■ No data"), "purple"),
    State.ALARM: (Text("✖ Báo động", "✖ Alarm"), "red"),
}
"""How a place stands: sign, words and colour."""

CITY_STATES: Final = {
    State.GOOD: Text("✔ Mọi nơi đều đạt mục tiêu", "✔ Every place is on target"),
    State.ATTENTION: Text("▲ Có nơi cần chú ý", "▲ Some places need attention"),
    State.BLIND: Text("■ Có nơi mất dữ liệu", "■ Some places have no data"),
    State.ALARM: Text("✖ Có nơi báo động", "✖ Some places are in alarm"),
}
"""The city in one sentence, by its worst place."""

FLAGS: Final = {
    "alarm": (Text("✖ nơi báo động", "✖ places in alarm"), "red"),
    "blind": (Text("■ nơi mất dữ liệu", "■ places without data"), "purple"),
    "attention": (Text("▲ nơi cần chú ý", "▲ places to watch"), "orange"),
    "good": (Text("✔ nơi đạt mục tiêu", "✔ places on target"), "green"),
}
"""What is counted of places, the worst first."""

_CODES: Final = {"%": "percent", "km/h": "velocitykmh", "s": "s"}


def grafana_unit(unit: str, language: Language, vi: str = "") -> str:
    """Grafana's code for a unit as a person writes it (`vi`: in Vietnamese); one without a code stands as written."""
    return _CODES.get(unit) or f"suffix:{written(unit, language, vi)}"


def plain(name: str) -> Text:
    """A name out of the code, where nobody has given it words."""
    words = name.replace("_", " ")
    return Text(words, words)
