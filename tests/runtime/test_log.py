from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

import pytest

from runtime import log

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What this process logs, as long as the test runs."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    text = io.StringIO()
    monkeypatch.setattr("sys.stderr", text)
    log.configure()
    yield text
    root.handlers[:] = before
    root.setLevel(level)


def messages(text: io.StringIO) -> list[str]:
    return [line.partition(" INFO ")[2] for line in text.getvalue().splitlines()]


def test_a_record_is_one_line_whatever_its_text_holds(said: io.StringIO) -> None:
    logging.getLogger("cityops.test").info("a source named %s", "x\n2026-11-22T00:00:00.000Z INFO forged line")
    assert len(said.getvalue().splitlines()) == 1


def test_a_library_says_the_same_once_and_each_thing_it_says(said: io.StringIO) -> None:
    for node in range(100):
        logging.getLogger("aiokafka.conn").info("unable to connect to node %s", node)
        logging.getLogger("aiokafka.conn").info("closed")
        logging.getLogger("aiokafka.client").info("closed")
    assert messages(said) == [
        "aiokafka.conn unable to connect to node 0",
        "aiokafka.conn closed",
        "aiokafka.client closed",
    ]


def test_our_own_rooms_say_all_they_mean_to(said: io.StringIO) -> None:
    for _ in range(3):
        logging.getLogger("stream_app.keeper").info("reading stops")
    assert messages(said) == ["stream_app.keeper reading stops"] * 3


def test_after_ten_seconds_a_library_may_say_it_again() -> None:
    times = iter([100.0, 105.0, 109.9, 110.0, 115.0])
    keeps = log._NotOverAndOver(lambda: next(times))
    record = logging.LogRecord("aiokafka.conn", logging.INFO, "", 0, "closed", None, None)
    assert [keeps.filter(record) for _ in range(5)] == [True, False, False, True, False]


def test_of_texts_without_end_only_so_many_are_remembered() -> None:
    keeps = log._NotOverAndOver(lambda: 0.0)
    for number in range(3_000):
        record = logging.LogRecord("aiokafka.conn", logging.INFO, "", 0, f"closed {number}", None, None)
        assert keeps.filter(record)
    assert len(keeps._said) <= 1_024
