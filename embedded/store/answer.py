"""Results in the forms InfluxDB 1.x answers in: JSON, or CSV when a client asks for it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from embedded.store.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embedded.store.influxql.result import ResultSeries
    from embedded.store.influxql.zone import Zone

EPOCH_NS = {
    "ns": 1,
    "n": 1,
    "u": 1_000,
    "µ": 1_000,
    "us": 1_000,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3_600 * 10**9,
}


def epoch_ns(name: str) -> int:
    """The length of the `epoch` parameter's unit in ns; 0: times as RFC 3339 text."""
    if not name:
        return 0
    if name not in EPOCH_NS:
        raise MalformedError(f"invalid epoch {name!r}: one of {', '.join(EPOCH_NS)}")
    return EPOCH_NS[name]


def as_json(results: Sequence[list[ResultSeries] | str], epoch: int, *, pretty: bool = False) -> bytes:
    """The body of an answer; a text among the results is the error of that statement."""
    texts: dict[int, str] = {}
    body: list[dict[str, Any]] = []
    for number, result in enumerate(results):
        entry: dict[str, Any] = {"statement_id": number}
        if isinstance(result, str):
            entry["error"] = result
        elif result:
            entry["series"] = [_series(series, epoch, texts) for series in result]
        body.append(entry)
    encoded = msgspec.json.encode({"results": body})
    return (msgspec.json.format(encoded, indent=4) if pretty else encoded) + b"\n"


def as_csv(results: Sequence[list[ResultSeries] | str], epoch: int) -> bytes:
    """The answer as InfluxDB's CSV: name, tags, then the columns; a blank line between different headers.

    Raises:
        MalformedError: a statement failed; CSV has no place for an error.
    """
    texts: dict[int, str] = {}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    header: tuple[str, ...] = ()
    for result in results:
        if isinstance(result, str):
            raise MalformedError(result)
        for series in result:
            tags = ",".join(f"{name}={value}" for name, value in series.tags.items())
            if series.columns != header:
                out.write("\n" if header else "")
                writer.writerow(["name", "tags", *series.columns])
                header = series.columns
            # CSV gives times as integers whatever `epoch` is not given, as InfluxDB does.
            for row in _times(series, epoch or 1, texts):
                writer.writerow([series.name, tags, *map(_cell, row)])
    return out.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value


def _series(series: ResultSeries, epoch: int, texts: dict[int, str]) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if series.name:
        entry["name"] = series.name
    if series.tags:
        entry["tags"] = series.tags
    entry["columns"] = series.columns
    if series.rows:
        entry["values"] = _times(series, epoch, texts)
    return entry


def _times(series: ResultSeries, epoch: int, texts: dict[int, str]) -> Sequence[Sequence[Any]]:
    if not series.has_time or epoch == 1:
        return series.rows
    if epoch:
        return [(row[0] // epoch, *row[1:]) for row in series.rows]
    rows = []
    for row in series.rows:
        time = row[0]
        text = texts.get(time)
        if text is None:
            # Groups share their windows: each distinct time is written once.
            text = texts[time] = rfc3339(time, series.zone)
        rows.append((text, *row[1:]))
    return rows


def rfc3339(time: int, zone: Zone | None = None) -> str:
    """A time in ns as InfluxDB writes it: in UTC or the zone, as many decimals as it needs."""
    ahead = 0 if zone is None else zone.offset(time)
    seconds, ns = divmod(time + ahead, 10**9)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{ns:09d}".rstrip("0") if ns else ""
    if not ahead:
        return f"{text}{fraction}Z"
    hours, minutes = divmod(abs(ahead) // (60 * 10**9), 60)
    return f"{text}{fraction}{'+' if ahead > 0 else '-'}{hours:02d}:{minutes:02d}"
