"""How the data itself does: what comes in, what waits, what cannot be used, how soon it is stored, who is silent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from city import operations
from city.boards.parts import OVERVIEW, PIPELINE_BOARD, course, sources_row
from city.domain import Census, Counter, Gauge, Kpi, Tag, Text
from city.influxql import DOMAIN, PIPELINE, ROUND_S
from city.layout import GRID_WIDTH, RUNBOOK, Layout, Panel, Row, Way, spread

if TYPE_CHECKING:
    from city.domain import Domain


def _gauge(name: str, title: Text, unit: str, field: str, about: Text) -> Kpi:
    """A KPI that is the greatest of a figure's last values."""
    return Kpi(f"pipeline_{name}", title, unit, PIPELINE, Gauge(field, "max"), about, decimals=0)


def _counted(name: str, title: Text, field: str, about: Text) -> Kpi:
    return Kpi(f"pipeline_{name}", title, "records/s", PIPELINE, Counter(field), about, decimals=1)


IN: Final = _counted(
    "in", Text("Bản ghi vào", "Records in"), "in", Text("Bản ghi đọc được mỗi giây.", "Records read in a second.")
)
LATE: Final = _counted(
    "late",
    Text("Bản ghi đến muộn", "Records late"),
    "late",
    Text("Đến sau khi cửa sổ của chúng đã đóng.", "They came after their window had closed."),
)
DUPLICATE: Final = _counted(
    "duplicate",
    Text("Bản ghi trùng", "Records twice"),
    "duplicate",
    Text("Đã được tính một lần rồi.", "They had been counted before."),
)
OPEN: Final = _gauge(
    "open_windows",
    Text("Cửa sổ đang mở", "Open windows"),
    "windows",
    "open_windows",
    Text("Ở phân vùng có nhiều nhất.", "In the partition that has most."),
)
PENDING: Final = _gauge(
    "pending_points",
    Text("Điểm chờ ghi", "Points waiting to be stored"),
    "points",
    "pending_points",
    Text("Cửa sổ đã đóng nhưng chưa ghi xong.", "Windows that have closed and are not stored yet."),
)
RETRIES: Final = Kpi(
    "pipeline_retries",
    Text("Ghi lại vào kho", "Requests tried again"),
    "retries/min",
    PIPELINE,
    Counter("retries", per_s=60),
    Text(
        "Yêu cầu ghi vào kho không thành và được gửi lại, cộng mọi phân vùng.",
        "Requests to the store that failed and are sent again, over all partitions.",
    ),
    unit_vi="lần/phút",
)
WORKERS: Final = Kpi(
    "pipeline_workers",
    Text("Bộ xử lý đang làm việc", "Workers at work"),
    "workers",
    PIPELINE,
    Census("worker_share", every_s=ROUND_S),
    Text("Số bộ xử lý có phân vùng của mình.", "Those that own partitions."),
    decimals=0,
    unit_vi="bộ",
)
COUNTED: Final = (IN, LATE, DUPLICATE)


def pipeline_board(domains: tuple[Domain, ...]) -> Layout:
    """The board of the stream itself."""
    known = operations.KPIS
    kpis = (*known, OPEN, PENDING, RETRIES)
    values = [WORKERS, *(kpi for kpi in known if kpi.measurement == PIPELINE)]
    rows = (
        Row(
            "now",
            Text("Bây giờ", "Now"),
            tuple(
                Panel(f"now_{kpi.name}", "value", kpi.title, kpi.about, width, 5, (kpi,))
                for kpi, width in spread(values, per_line=4)
            ),
        ),
        Row(
            "flow",
            Text("Dòng bản ghi theo lĩnh vực", "Flow of records by domain"),
            (*(_by_domain(kpi, 6) for kpi in COUNTED), _rejected()),
        ),
        Row(
            "course",
            Text("Diễn biến theo lĩnh vực", "Over time, by domain"),
            tuple(_by_domain(kpi, width) for kpi, width in spread(kpis, per_line=3)),
        ),
        sources_row(),
        Row("heard", Text("Lần cuối nghe từng nguồn", "When each source was heard last"), (_heard(),)),
        Row("runbook", Text("Khi có cảnh báo", "When an alert fires"), (_runbook(),)),
    )
    about = Text(
        "Dữ liệu vào, chờ, muộn, trùng, bị loại; đồng hồ, cửa sổ, thời gian ghi, và nguồn nào im lặng.",
        "Data in, waiting, late, twice, rejected; clocks, windows, time to write, and which source is silent.",
    )
    names = {DOMAIN: {domain.name: domain.title for domain in domains}}
    return Layout(
        PIPELINE_BOARD,
        Text("Dòng dữ liệu", "Pipeline"),
        about,
        (operations.PIPELINE, *domains),
        rows,
        names=names,
        labels={DOMAIN: Text("Lĩnh vực", "Domain")},
        range="now-1h",
        filters=(Tag(DOMAIN, "", tuple(names[DOMAIN])),),
        ways=(
            Way(OVERVIEW, Text("Toàn thành phố", "The city"), "now-3h"),
            *(Way(domain.name, domain.title, "now-3h") for domain in domains),
        ),
    )


def _by_domain(kpi: Kpi, width: int) -> Panel:
    """A line for each domain, under the name that rules link to."""
    return replace(course(kpi, width), by=(DOMAIN,))


def _heard() -> Panel:
    about = Text(
        "Mọi nguồn đã biết ở nơi đang chọn: quan trắc mới nhất lúc nào, tình trạng ra sao, và trong khoảng thời gian "
        "đang xem bao nhiêu bản ghi đến muộn, trùng hay bị loại.",
        "Every known source in the chosen places: when its newest observation was, how it is, and how many of its "
        "records were late, duplicate or rejected in the range.",
    )
    title = Text("Quan trắc mới nhất theo nguồn", "Last event by source")
    return Panel("heard", "heard", title, about, GRID_WIDTH, 12)


def _rejected() -> Panel:
    about = Text("Số bản ghi không dùng được mỗi giây, theo lý do.", "Records that no rule may count, by reason.")
    return Panel("rejected", "rejected", Text("Bản ghi bị loại", "Records rejected"), about, 6, 8, by=("reason",))


def _runbook() -> Panel:
    about = Text("Việc cần làm khi một cảnh báo của dòng dữ liệu bật.", "What to do when an alert of the stream fires.")
    return Panel(RUNBOOK, "runbook", Text("Cách xử lý", "What to do"), about, GRID_WIDTH, 10)
