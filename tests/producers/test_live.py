from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from city import catalogue
from city.errors import UsageError
from city.instant import NS, nanoseconds
from producers.live import speak
from producers.log import Log
from producers.publisher import Publisher
from producers.simulators import Heard, find, shares, together
from tests.producers.doubles import START, FakeProducer, FakeTime, event

if TYPE_CHECKING:
    from runtime.connect import Broker

ROOT = Path(__file__).parents[2]
SIMULATORS = find(catalogue.load().domains)


def _speak(*seconds: float, stop_s: float) -> list[tuple[float, bool]]:
    """What went out, as (seconds since the start, whether a tick), partition 0 and the events."""
    time, producer = FakeTime(), FakeProducer()
    time.stop_at = START + round(stop_s * NS)
    publisher = Publisher(lambda: producer, ["city.traffic"], 4, clock=time.now)
    events = [Heard(START + round(s * NS), "city.traffic", event(n)) for n, s in enumerate(seconds)]
    speak(publisher, events, time.now, time.stopped)
    out = []
    for sent in producer.sent:
        is_tick = b"clock.v1" in sent.value
        if not is_tick or sent.partition == 0:
            heard = nanoseconds(msgspec.json.decode(sent.value)["recordedtime"])
            out.append(((heard - START) / NS, is_tick))
    return out


def test_each_event_goes_out_when_it_is_heard_and_a_tick_each_second() -> None:
    # The fake clock begins inside a second: ticks come at whole ones.
    assert START % NS == 0
    assert _speak(0.5, 0.5, 2.25, stop_s=3.5) == [
        (0, True),
        (0.5, False),
        (0.5, False),
        (1, True),
        (2, True),
        (2.25, False),
        (3, True),
        (3.5, True),
    ]


def test_with_nothing_to_say_the_ticks_go_on() -> None:
    assert _speak(stop_s=2.5) == [(0, True), (1, True), (2, True), (2.5, True)]


def test_who_cannot_say_so_much_says_how_far_behind_it_is_but_not_each_second(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level("WARNING", "producers.live"):
        _speak(-7, -7, stop_s=3)
    assert [record.getMessage() for record in caplog.records] == [
        "7 s behind: this machine cannot say so many events/s"
    ]
    caplog.clear()
    _speak(-1, 0.5, 1.5, stop_s=3)
    assert not caplog.records


def test_what_comes_after_the_stop_is_not_said() -> None:
    assert _speak(0.5, 10, stop_s=1.5) == [(0, True), (0.5, False), (1, True), (1.5, True)]


def test_pieces_of_a_simulation_join_exactly() -> None:
    def said(begin: int, end: int) -> list[Heard]:
        return list(together(SIMULATORS, 7, START + begin * NS, START + end * NS, events_per_s=50))

    assert said(0, 20) == said(0, 1) + said(1, 7) + said(7, 20)
    heard = [one.at for one in said(0, 20)]
    assert heard == sorted(heard)
    assert 0.8 * 1_000 < len(heard) < 1.2 * 1_000


def test_the_rate_is_shared_as_in_the_real_city() -> None:
    rates = {simulator.domain.name: rate for simulator, rate in shares(SIMULATORS, 100)}
    assert sum(rates.values()) == pytest.approx(100)
    full = {simulator.domain.name: simulator.full_rate for simulator in SIMULATORS}
    assert full["traffic"] == 200, "2,000 sensors, each every 10 s"
    assert all(rates[name] / rates["traffic"] == pytest.approx(full[name] / 200) for name in rates)


def test_an_unknown_scenario_names_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no scenario 'nope'; there are: .*flood-rush-hour"):
        together(SIMULATORS, 1, START, events_per_s=1, scenarios=("nope",))


def test_no_rate_is_silence() -> None:
    assert list(together(SIMULATORS, 1, START, START + NS, events_per_s=0)) == []


def test_the_live_part_speaks_says_it_is_ready_and_ends_whole_on_sigterm(embedded: Broker, tmp_path: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CITYOPS_")},
        "CITYOPS_DATA_DIR": str(tmp_path),
        "CITYOPS_BROKER": embedded.address,
        "CITYOPS_BROKER_EMBEDDED": "true",
        "CITYOPS_RATE": "100",
    }
    process = subprocess.Popen([sys.executable, "-m", "producers.live"], cwd=ROOT, env=environment)
    try:
        ready = tmp_path / "run" / "producers.json"
        deadline = time.monotonic() + 30
        while not ready.exists():
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.02)
        assert json.loads(ready.read_text())["pid"] == process.pid
        time.sleep(2.5)  # it speaks for so long
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        assert time.monotonic() - asked < 1.5
    finally:
        process.kill()
        process.wait(5)
    log = Log(embedded, ["city.traffic"])
    try:
        lines = log.tails(10_000)
    finally:
        log.close()
    ticks = Counter(line.place.partition for line in lines if line.place and b"clock.v1" in line.value)
    assert set(ticks) == {0, 1, 2, 3}
    assert min(ticks.values()) >= 3
    assert len(lines) - ticks.total() > 100
    last = {line.place.partition: line.value for line in lines if line.place}
    assert all(b"clock.v1" in value for value in last.values())
