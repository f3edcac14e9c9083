"""The page of how the stream tells of itself: the series `sources` and `pipeline`, and the worker's metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.operations import KPIS, watch
from city.operations import PIPELINE as PIPELINE_BOOK
from cli._reference.domains import kpi_table, rule_table
from cli._reference.markdown import code, page, table
from stream_app.metrics import COUNTERS, GAUGES
from stream_app.operations import EVERY_S

if TYPE_CHECKING:
    from city.catalogue import Catalogue

SOURCES: Final = {
    "state": ("integer", "0 ok, 1 slow, 2 frozen, 3 expired"),
    "silent": ("float", "1 when expired, else 0: to be summed"),
    "frozen": ("float", "1 when frozen, else 0: to be summed"),
    "last_event_s": ("float", "the `time` of its newest event, seconds since 1970; missing before the first"),
    "age_s": ("float", "how long ago that was"),
    "late": ("integer", "its events whose window had closed, since its point before this one: to be summed"),
    "duplicate": ("integer", "its events counted before, likewise"),
    "rejected": ("integer", "rejected records that state to be its own, likewise"),
}
"""Field → type and meaning. Tests hold these tables against what a worker writes."""

PIPELINE: Final = {
    "in": ("integer", "events counted since this worker owns the partition"),
    "late": ("integer", "events whose window had closed, likewise"),
    "duplicate": ("integer", "events counted before, likewise"),
    "unattributed": ("integer", "late, duplicate and rejected records of no source that `sources` tells of, likewise"),
    "truncated": ("integer", "records that the log lost before they were read, likewise"),
    "damaged": ("integer", "windows never written, for they may be incomplete"),
    "unusable": ("integer", "rejected records of all reasons together"),
    "clock_trouble": ("integer", "of these, the ones rejected for a clock that is ahead"),
    "open_windows": ("integer", "open windows now, each group counted"),
    "pending_points": ("integer", "closed windows that are not durable yet"),
    "lag": ("float", "records between the log's end and the fold"),
    "write_s": ("float", "seconds of the last request to the store"),
    "worker_share": ("float", "one of the partitions its worker owns: a round's sum is the number of workers"),
    "retries": ("float", "requests of its worker to the store that failed, since it was started"),
    "clock_s": ("float", "the partition's clock, seconds since 1970; missing before the first record"),
    "watermark_delay_s": ("float", "how far that clock lies behind now"),
    "rejected": ("integer", "records rejected for the tag `reason`: a line of its own for each"),
}


def pages(catalogue: Catalogue) -> dict[str, str]:
    """File → page."""
    first = catalogue.domains[0]
    text = page(
        "Operational series and metrics",
        "They tell of now, by the wall clock, and are outside of the promise that every settled point equals the "
        "truth.",
        "## `sources`",
        f"Every {EVERY_S} s a point for every known source in `city_live`, silent ones too. Known are the pack's sites "
        "and those heard in the last 24 hours; of a site that has not spoken since the worker began to listen, nothing "
        "is told before it would be expired. Tags: `domain`, `source`, `area`, `zone`.",
        _fields(SOURCES),
        "## `pipeline`",
        f"Every {EVERY_S} s a point for every partition in `city_live`. Tags: `domain`, `partition`, and `reason` for "
        "[rejected](records.md#reasons-of-rejection) records.",
        _fields(PIPELINE),
        "## KPIs",
        kpi_table(KPIS),
        "## Rules",
        f"Every domain has these because it exists, here those of {first.name}; runbooks: "
        "`city/operations/runbook.vi.md` and `runbook.en.md`.",
        rule_table(watch(first).rules),
        "And the stream as a whole:",
        rule_table(PIPELINE_BOOK.rules),
        "## Metrics of a worker",
        "`http://127.0.0.1:18090/metrics` (setting `metrics_port`), as Prometheus text; `/health` beside it answers "
        "200 while the worker's loop turns. Labels: `domain`, `partition`, for `rejected` also `reason`. Counters "
        "begin at 0 with each assignment.",
        table(
            ("metric", "kind", "what"),
            [
                *((code(f"cityops_{name}_total"), "counter", about) for name, about in COUNTERS.items()),
                *((code(f"cityops_{name}"), "gauge", about) for name, about in GAUGES.items()),
            ],
        ),
    )
    return {"operations.md": text}


def _fields(of: dict[str, tuple[str, str]]) -> str:
    return table(("field", "type", "what"), [(code(name), kind, what) for name, (kind, what) in of.items()])
