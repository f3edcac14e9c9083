"""The rules over sources and stream. What they find is told once: a dead source by its own rule, not by every value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city.domain import AlertRule, Text
from city.influxql import PIPELINE as STREAM
from city.influxql import ROUND_S, SOURCES
from city.operations.kpis import (
    CLOCKS,
    DAMAGED,
    DELAY,
    FROZEN,
    KPIS,
    LAG,
    QUIET,
    REJECTED,
    REPORTS,
    SILENT,
    WRITE,
)

if TYPE_CHECKING:
    from city.domain import Domain, Kpi, Series, Severity

_ROUNDS_S: Final = 3 * ROUND_S
"""What "now" is for a measurement of rounds, one of which may be on its way."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A book of rules over `sources` and `pipeline`: of one domain, or of the stream as a whole."""

    name: str
    group: str
    title: Text
    rules: tuple[AlertRule, ...]
    package: str = "city.operations"
    kpis: tuple[Kpi, ...] = KPIS
    series: tuple[Series, ...] = ()


def watch(domain: Domain) -> Watched:
    """What every domain is watched for: that it speaks, that its sources are well, that its records are used."""
    return Watched(domain.name, f"{domain.name}-stream", domain.title, (*_sources(domain), *_partitions(domain)))


def _sources(domain: Domain) -> tuple[AlertRule, ...]:
    vi, en = domain.title.vi, domain.title.en
    quiet_s = 2 * domain.freshness.slow_s
    return (
        AlertRule(
            f"{domain.name}_no_data",
            QUIET.name,
            Text(f"{vi}: không có dữ liệu", f"{en}: no data"),
            Text(
                "Không nguồn nào gửi gì đã {value} giây.",
                "No source has said anything for {value} s.",
            ),
            severity="critical",
            fires="above",
            threshold=float(quiet_s),
            by=(),
            over_s=_ROUNDS_S,
            for_s=60,
            no_data="alerting",
            on_error="keep_last",
            panel=SOURCES,
        ),
        AlertRule(
            f"{domain.name}_silent",
            SILENT.name,
            Text(f"{vi}: nguồn im lặng", f"{en}: sources silent"),
            Text(
                "{value} % nguồn ở {area} im lặng: số liệu của nơi này không còn đáng tin.",
                "{value} % of the sources in {area} are silent: its figures are not to be trusted.",
            ),
            severity="warning",
            fires="above",
            threshold=50.0,
            recovers_at=40.0,
            over_s=_ROUNDS_S,
            for_s=60,
            no_data="keep_last",
            on_error="keep_last",
            panel=SOURCES,
        ),
        AlertRule(
            f"{domain.name}_frozen",
            FROZEN.name,
            Text(f"{vi}: nguồn lặp một giá trị", f"{en}: sources frozen"),
            Text(
                "{value} % nguồn ở {zone} chỉ lặp lại một giá trị.",
                "{value} % of the sources in {zone} keep saying the same.",
            ),
            severity="warning",
            fires="above",
            threshold=20.0,
            recovers_at=10.0,
            by=("zone",),
            over_s=_ROUNDS_S,
            for_s=120,
            no_data="keep_last",
            on_error="keep_last",
            panel=SOURCES,
        ),
    )


def _partitions(domain: Domain) -> tuple[AlertRule, ...]:
    vi, en = domain.title.vi, domain.title.en
    return (
        _of_the_stream(
            f"{domain.name}_lag",
            LAG,
            Text(f"{vi}: xử lý không kịp", f"{en}: the stream lags"),
            Text("{value} bản ghi đang chờ ở một phân vùng.", "{value} records wait in one partition."),
            threshold=5_000.0,
            recovers_at=1_000.0,
        ),
        _of_the_stream(
            f"{domain.name}_clock_stands",
            DELAY,
            Text(f"{vi}: đồng hồ dòng dữ liệu đứng", f"{en}: the stream's clock stands"),
            Text(
                "Không ai báo giờ cho dòng dữ liệu đã {value} giây: không cửa sổ nào đóng được.",
                "Nobody has told the stream the time for {value} s: no window can close.",
            ),
            threshold=60.0,
            recovers_at=20.0,
            severity="critical",
        ),
        _of_the_stream(
            f"{domain.name}_rejects",
            REJECTED,
            Text(f"{vi}: bản ghi không dùng được", f"{en}: records rejected"),
            Text(
                "{value} % bản ghi vừa nhận không dùng được.",
                "{value} % of the records of the last minutes cannot be used.",
            ),
            threshold=5.0,
            recovers_at=2.0,
            over_s=300,
            for_s=120,
        ),
        _of_the_stream(
            f"{domain.name}_clock_trouble",
            CLOCKS,
            Text(f"{vi}: nguồn sai giờ", f"{en}: clocks of sources are wrong"),
            Text(
                "{value} % bản ghi vừa nhận ghi giờ ở tương lai.",
                "{value} % of the records of the last minutes are stamped in the future.",
            ),
            threshold=2.0,
            recovers_at=1.0,
            over_s=300,
            for_s=300,
        ),
    )


def _of_the_stream(
    name: str,
    kpi: Kpi,
    title: Text,
    summary: Text,
    *,
    threshold: float,
    recovers_at: float,
    severity: Severity = "warning",
    over_s: int = _ROUNDS_S,
    for_s: int = 60,
) -> AlertRule:
    """A rule over partitions: where nothing is told of them the worker is gone, which its own rule says."""
    return AlertRule(
        name,
        kpi.name,
        title,
        summary,
        severity=severity,
        fires="above",
        threshold=threshold,
        recovers_at=recovers_at,
        by=(),
        over_s=over_s,
        for_s=for_s,
        no_data="keep_last",
        on_error="keep_last",
        board=STREAM,
    )


PIPELINE: Final = Watched(
    STREAM,
    STREAM,
    Text("Dòng dữ liệu", "Pipeline"),
    (
        AlertRule(
            "pipeline_worker_gone",
            REPORTS.name,
            Text("Không bộ xử lý nào làm việc", "No worker is at work"),
            Text(
                "Không bộ xử lý nào báo cáo: số liệu trên mọi bảng đang đứng yên.",
                "No worker reports: the figures on every board stand still.",
            ),
            severity="critical",
            fires="below",
            threshold=1.0,
            by=(),
            over_s=60,
            for_s=30,
            no_data="alerting",
            on_error="keep_last",
        ),
        AlertRule(
            "pipeline_store_failing",
            WRITE.name,
            Text("Kho dữ liệu có sự cố", "The store is failing"),
            Text(
                "Kho dữ liệu không trả lời, hoặc mất {value} giây cho một lần ghi.",
                "The store does not answer, or takes {value} s for a request.",
            ),
            severity="critical",
            fires="above",
            threshold=5.0,
            recovers_at=2.0,
            by=(),
            over_s=60,
            for_s=60,
            no_data="keep_last",
            on_error="alerting",
        ),
        AlertRule(
            "pipeline_damaged",
            DAMAGED.name,
            Text("Mất dữ liệu", "Data was lost"),
            Text(
                "{value} cửa sổ không ghi được trọn vẹn vì nhật ký đã mất một phần.",
                "{value} windows could not be written whole, for the log lost a part of them.",
            ),
            severity="critical",
            fires="above",
            threshold=0.0,
            by=(),
            over_s=300,
            for_s=0,
            no_data="keep_last",
            on_error="keep_last",
        ),
    ),
)
