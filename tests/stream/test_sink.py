from __future__ import annotations

import asyncio
import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from city.errors import CityopsError
from runtime.connect import Store
from stream_app import sink as sinks
from stream_app.sink import MAX_LINES, BackOff, Sink, StoreAwayError
from tests.stream.store_double import Answer, Request, store_double
from tests.whole.city import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOKEN = "the token of a test"
LINES = [f"traffic_flow,area=00070 count={number}i {number}" for number in range(100)]
BAD = "traffic_flow,area=00070 count=1.5 77"


@contextmanager
def sink_at(url: str, folder: Path) -> Iterator[Sink]:
    sink = Sink(Store(url, "cityops", TOKEN), folder / "refused")
    try:
        yield sink
    finally:
        sink.close()


def write(sink: Sink, *lines: str) -> None:
    asyncio.run(sink.write("city", lines))


def refused(folder: Path) -> list[str]:
    return (folder / "refused" / "city.lp").read_text().splitlines()


# ------------------------------------------------------------------------------------------------ what is written


def test_lines_that_the_store_takes_are_written_once_in_whole_seconds_and_counted(tmp_path: Path) -> None:
    with store_double(lambda _: Answer()) as store, sink_at(store.url, tmp_path) as sink:
        write(sink, *LINES)
        assert store.requests == [Request("city", "s", tuple(LINES))]
        assert (sink.figures.points, sink.figures.refused, sink.figures.retries) == (100, 0, 0)
        assert sink.figures.write_s > 0


def test_nothing_to_write_asks_nothing_of_the_store(tmp_path: Path) -> None:
    with store_double(lambda _: Answer()) as store, sink_at(store.url, tmp_path) as sink:
        write(sink)
        assert store.requests == []


def test_more_lines_than_a_request_may_hold_go_in_several(tmp_path: Path) -> None:
    lines = [f"m f=1i {number}" for number in range(2 * MAX_LINES + 1)]
    with store_double(lambda _: Answer()) as store, sink_at(store.url, tmp_path) as sink:
        write(sink, *lines)
        assert [len(request.lines) for request in store.requests] == [MAX_LINES, MAX_LINES, 1]
        assert store.written == lines


# ------------------------------------------------------------------------------------------------ what is refused


def malformed(request: Request) -> Answer:
    """InfluxDB 2 on a malformed line: 400, and nothing of the request is written."""
    if BAD in request.lines:
        return Answer(400, b'{"code":"invalid","message":"unable to parse \'' + BAD.encode() + b"': bad number\"}")
    return Answer()


def conflicting(request: Request) -> Answer:
    """InfluxDB 2 on another field type: 422, the lines before and after are written."""
    if BAD in request.lines:
        return Answer(422, b'{"code":"unprocessable entity","message":"partial write: field type conflict dropped=1"}')
    return Answer()


@pytest.mark.parametrize(("script", "status"), [(malformed, 400), (conflicting, 422)])
@pytest.mark.parametrize("place", [0, 57, 100])
def test_a_refused_line_is_set_aside_with_its_reason_and_every_other_one_is_written(
    tmp_path: Path, script: Callable[[Request], Answer], status: int, place: int
) -> None:
    with store_double(script) as store, sink_at(store.url, tmp_path) as sink:
        write(sink, *LINES[:place], BAD, *LINES[place:])
        assert sorted(store.written) == sorted(LINES)
        reason, line = refused(tmp_path)
        assert line == BAD
        assert reason.startswith(f"# {status} {{")
        assert (sink.figures.points, sink.figures.refused, sink.figures.retries) == (100, 1, 0)


def test_several_refused_lines_are_all_set_aside_and_later_ones_are_added_to_the_same_file(tmp_path: Path) -> None:
    other = "traffic_flow,area=00071 count=2.5 78"

    def script(request: Request) -> Answer:
        return Answer(400, b"bad") if {BAD, other} & set(request.lines) else Answer()

    with store_double(script) as store, sink_at(store.url, tmp_path) as sink:
        write(sink, BAD, *LINES, other)
        write(sink, BAD)
        assert store.written == LINES
        assert refused(tmp_path) == ["# 400 bad", BAD, "# 400 bad", other, "# 400 bad", BAD]
        assert sink.figures.refused == 3


def test_a_batch_refused_as_a_whole_is_set_aside_at_once_and_loudly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told = (  # as InfluxDB 2.7 says it; the number comes last
        b'{"code":"unprocessable entity","message":"failure writing points to database: partial write: field type '
        b'conflict: input field \\"count\\" on measurement \\"traffic_flow\\" is type integer, already exists as type '
        b'string dropped=100"}'
    )
    with store_double(lambda _: Answer(422, told)) as store, sink_at(store.url, tmp_path) as sink:
        with caplog.at_level(logging.ERROR):
            write(sink, *LINES)
        assert len(store.requests) == 1
        reason, *kept = refused(tmp_path)
        assert kept == LINES
        assert "field type conflict" in reason
        assert (sink.figures.points, sink.figures.refused) == (0, 100)
        (record,) = caplog.records
        assert "refused 100 lines" in record.getMessage()
        assert "city.lp" in record.getMessage()


def test_refused_lines_can_be_read_by_their_owner_only(tmp_path: Path) -> None:
    with store_double(malformed) as store, sink_at(store.url, tmp_path) as sink:
        write(sink, BAD)
    assert (tmp_path / "refused").stat().st_mode & 0o077 == 0


def test_refused_lines_that_the_disk_does_not_take_do_not_count_as_written(tmp_path: Path) -> None:
    (tmp_path / "refused").write_text("a file where the folder should be")
    with store_double(malformed) as store, sink_at(store.url, tmp_path) as sink:
        with pytest.raises(StoreAwayError, match="refused lines cannot be kept in"):
            write(sink, BAD)
        assert sink.figures.refused == 0


def test_a_request_that_is_too_large_is_halved_until_it_fits(tmp_path: Path) -> None:
    def script(request: Request) -> Answer:
        return Answer(413, b"too large") if len(request.lines) > 30 else Answer()

    with store_double(script) as store, sink_at(store.url, tmp_path) as sink:
        write(sink, *LINES)
        assert store.written == LINES
        assert [len(request.lines) for request in store.requests] == [100, 50, 25, 25, 50, 25, 25]
        assert (sink.figures.points, sink.figures.refused) == (100, 0)


# -------------------------------------------------------------------------------------------- the store is away


@pytest.mark.parametrize(
    ("answer", "retry_after_s"),
    [
        (Answer(429, headers={"Retry-After": "7"}), 7.0),
        (Answer(503, headers={"Retry-After": "3"}), 3.0),
        (Answer(503), None),
        (Answer(503, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), None),
        (Answer(500, b"boom"), None),
        (Answer(502, b"<h1>Bad Gateway \xe9</h1>"), None),  # a proxy's page, not even UTF-8
        (Answer(302, headers={"Location": "/elsewhere"}), None),
        (Answer(hangs_up=True), None),
    ],
    ids=lambda value: "cut" if isinstance(value, Answer) and value.hangs_up else None,
)
def test_a_store_that_cannot_now_is_tried_once_and_told_to_be_away(
    tmp_path: Path, answer: Answer, retry_after_s: float | None
) -> None:
    with store_double(lambda _: answer) as store, sink_at(store.url, tmp_path) as sink:
        with pytest.raises(StoreAwayError) as told:
            write(sink, *LINES)
        assert told.value.retry_after_s == retry_after_s
        assert len(store.requests) == 1, "neither influxdb-client nor urllib3 tries again behind our back"
        assert (sink.figures.points, sink.figures.refused, sink.figures.retries) == (0, 0, 1)
        assert TOKEN not in str(told.value)


def test_a_store_that_nobody_listens_for_is_away(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with sink_at(url, tmp_path) as sink, pytest.raises(StoreAwayError, match="refused") as told:
        write(sink, *LINES)
    assert str(told.value).startswith(url)


@pytest.mark.parametrize("silent", ["before it answers", "in the middle of its answer"])
def test_a_silent_store_is_away_when_the_time_is_over_and_is_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silent: str
) -> None:
    monkeypatch.setattr(sinks, "_TIMEOUT_MS", 300)

    def script(_: Request) -> Answer:
        if silent == "before it answers":
            store.released.wait(30)
        return Answer(200, b"half", stalls=True)

    with store_double(script) as store, sink_at(store.url, tmp_path) as sink:
        began = time.monotonic()
        with pytest.raises(StoreAwayError):
            write(sink, *LINES)
        assert time.monotonic() - began < 10, "0.3 s are the limit; a retry or a second deadline would not end at all"
        assert len(store.requests) == 1


def test_a_time_out_ends_a_write_before_a_worker_loses_its_partitions() -> None:
    assert sinks._TIMEOUT_MS <= 10_000


def test_after_an_outage_the_same_sink_writes_again(tmp_path: Path) -> None:
    answers = [Answer(hangs_up=True), Answer(503), Answer()]
    with store_double(lambda _: answers.pop(0)) as store, sink_at(store.url, tmp_path) as sink:
        for _ in range(2):
            with pytest.raises(StoreAwayError):
                write(sink, *LINES)
        write(sink, *LINES)
        assert store.written == LINES


def test_an_outage_in_the_middle_of_halving_sets_nothing_aside_that_was_not_refused(tmp_path: Path) -> None:
    answers = [Answer(400, b"bad"), Answer(), Answer(503)]
    with store_double(lambda _: answers.pop(0)) as store, sink_at(store.url, tmp_path) as sink:
        with pytest.raises(StoreAwayError):
            write(sink, *LINES)
        assert store.written == LINES[:50]
    assert not (tmp_path / "refused").exists()


# ------------------------------------------------------------------------------------------- wrongly configured


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_store_that_refuses_us_is_one_line_that_names_what_to_check(tmp_path: Path, status: int) -> None:
    body = f'{{"code":"unauthorized","message":"no: {TOKEN}"}}'.encode()
    with store_double(lambda _: Answer(status, body)) as store, sink_at(store.url, tmp_path) as sink:
        with pytest.raises(CityopsError) as told:
            write(sink, *LINES)
        text = str(told.value)
        assert text.count("\n") == 0
        for named in (store.url, str(status), "token", "organisation 'cityops'", "bucket 'city'"):
            assert named in text
        assert TOKEN not in text
        assert len(store.requests) == 1
        assert not (tmp_path / "refused").exists()


# ------------------------------------------------------------------------------------------------------ waiting


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ([None] * 9, [0.5, 1, 2, 4, 8, 16, 30, 30, 30]),
        ([None, 7.0, None], [0.5, 7, 2]),
        ([120.0, None], [120, 1]),
        ([0.0, 1.0], [0.5, 1]),
    ],
)
def test_each_failure_waits_twice_as_long_up_to_half_a_minute_or_what_the_store_asks(
    asked: list[float | None], waits: list[float]
) -> None:
    back_off = BackOff()
    assert [back_off.after(StoreAwayError("away", seconds)) for seconds in asked] == waits


def test_a_success_ends_the_waiting() -> None:
    back_off = BackOff()
    for _ in range(5):
        back_off.after(StoreAwayError("away"))
    back_off.reset()
    assert back_off.after(StoreAwayError("away")) == 0.5
