"""How sources and stream do, as numbers: over the measurements `sources` and `pipeline`."""

from __future__ import annotations

from typing import Final

from city.domain import Gauge, Growth, Kpi, Target, Text
from city.influxql import PIPELINE, SOURCES

QUIET: Final = Kpi(
    "sources_youngest_age",
    Text("Nguồn gửi gần nhất cách đây", "Since the last source spoke"),
    "s",
    SOURCES,
    Gauge("age_s", "min"),
    Text(
        "Tuổi của quan trắc mới nhất trong tất cả các nguồn.", "The age of the newest observation of all the sources."
    ),
    decimals=0,
)
SILENT: Final = Kpi(
    "sources_silent_share",
    Text("Tỷ lệ nguồn im lặng", "Share of sources silent"),
    "%",
    SOURCES,
    Gauge("silent", "mean", factor=100),
    Text("Nguồn đã biết không gửi gì quá hạn.", "Known sources that have not spoken for longer than they may."),
    target=Target(0.0, "below", "design: a silent source is news"),
)
FROZEN: Final = Kpi(
    "sources_frozen_share",
    Text("Tỷ lệ nguồn lặp một giá trị", "Share of sources frozen"),
    "%",
    SOURCES,
    Gauge("frozen", "mean", factor=100),
    Text(
        "Nguồn vẫn gửi nhưng lâu nay chỉ lặp lại một giá trị.",
        "Sources that speak, and have said the same for longer than a working one would.",
    ),
    target=Target(0.0, "below", "design: a frozen source is news"),
)
LAG: Final = Kpi(
    "pipeline_lag",
    Text("Bản ghi chờ xử lý", "Records waiting"),
    "records",
    PIPELINE,
    Gauge("lag", "max"),
    Text("Số bản ghi còn chờ ở phân vùng chậm nhất.", "Records between the log's end and the fold, slowest partition."),
    decimals=0,
)
DELAY: Final = Kpi(
    "pipeline_delay",
    Text("Đồng hồ dòng dữ liệu chậm", "The stream's clock is behind by"),
    "s",
    PIPELINE,
    Gauge("watermark_delay_s", "max"),
    Text(
        "Đồng hồ của phân vùng chậm nhất so với bây giờ; bên gửi báo giờ mỗi giây.",
        "How far the slowest partition's clock is behind now; publishers tell the time every second.",
    ),
)
REJECTED: Final = Kpi(
    "pipeline_rejected_share",
    Text("Tỷ lệ bản ghi không dùng được", "Share of records rejected"),
    "%",
    PIPELINE,
    Growth("unusable", "in"),
    Text("Trong số bản ghi vừa đọc; vì mọi lý do.", "Of the records read just now, for any reason."),
    target=Target(1.0, "below", "the project's own goal"),
)
CLOCKS: Final = Kpi(
    "pipeline_clock_share",
    Text("Tỷ lệ bản ghi sai giờ", "Share of records with a wrong clock"),
    "%",
    PIPELINE,
    Growth("clock_trouble", "in"),
    Text(
        "Trong số bản ghi vừa đọc: ghi giờ muộn hơn lúc được nhận.",
        "Of the records read just now: stamped later than they were recorded.",
    ),
    target=Target(1.0, "below", "the project's own goal"),
)
DAMAGED: Final = Kpi(
    "pipeline_damaged",
    Text("Cửa sổ bỏ vì thiếu", "Windows never written"),
    "windows",
    PIPELINE,
    Gauge("damaged", "max"),
    Text(
        "Cửa sổ không ghi vì nhật ký đã mất một phần: không bao giờ ghi số thiếu như số đủ.",
        "Windows that are not written, for the log lost a part of them: nothing incomplete is shown as whole.",
    ),
    decimals=0,
    target=Target(0.0, "below", "design: nothing is lost"),
)
REPORTS: Final = Kpi(
    "pipeline_reports",
    Text("Báo cáo của bộ xử lý", "Reports of the workers"),
    "reports",
    PIPELINE,
    Gauge("lag", "count"),
    Text("Mỗi phân vùng được báo cáo mười giây một lần.", "Every partition is reported on once in ten seconds."),
    decimals=0,
)
WRITE: Final = Kpi(
    "pipeline_write_time",
    Text("Thời gian ghi vào kho", "Time to write to the store"),
    "s",
    PIPELINE,
    Gauge("write_s", "max"),
    Text("Lần ghi gần đây lâu nhất.", "The longest of the recent requests."),
)

KPIS: Final = (QUIET, SILENT, FROZEN, LAG, DELAY, REJECTED, CLOCKS, DAMAGED, REPORTS, WRITE)
