"""Several processes say one city: each partition is spoken for by one of them, and together they say what one would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city import catalogue
from city.domains.tourism import simulator
from city.errors import UsageError
from city.event import encode
from city.instant import NS, nanoseconds
from embedded.broker import Broker as Embedded
from producers.live import speak
from producers.log import Log
from producers.publisher import Publisher
from producers.share import Share, areas_in, home
from producers.simulators import FOR_EVER_NS, Heard, find, loads, scenarios_of, together
from runtime.connect import Broker
from runtime.part import read_json, run_file
from tests.producers.doubles import START, FakeProducer, FakeTime, event
from tests.whole.proxy import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.event import Event
    from city.geography import City

ROOT = Path(__file__).parents[2]
PACKS = catalogue.load()
SIMULATORS = find(PACKS.domains, PACKS.city)
LOADS = loads(PACKS.domains, PACKS.city)
MONDAY = nanoseconds("2026-11-23T09:40:00+07:00")
EVERY = tuple(sorted({name for domain in PACKS.domains for name in scenarios_of(domain)}))


# ------------------------------------------------------------------------------------------------ who speaks for what


@given(
    of=st.integers(1, 5),
    count=st.integers(1, 40),
    areas=st.dictionaries(st.text("0123456789", max_size=5), st.floats(0, 1e6)),
)
def test_each_partition_has_exactly_one_publisher(of: int, count: int, areas: dict[str, float]) -> None:
    given_away = Counter(
        partition for number in range(1, of + 1) for partition in Share(number, of).partitions(areas, count)
    )
    assert given_away == Counter(range(count))


@pytest.mark.parametrize("count", [4, 12])
def test_two_processes_have_about_as_much_to_say(count: int) -> None:
    areas = [areas_in(Share(number, 2).partitions(LOADS, count), LOADS, count) for number in (1, 2)]
    one, other = (sum(LOADS[area] for area in mine) for mine in areas)
    assert sorted([*areas[0], *areas[1]]) == sorted(PACKS.city.zone_of)
    assert 0.9 < one / other < 1.1


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "½"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="1/2"):
        Share.parse(text)


# ------------------------------------------------------------------------------------------------ what they say


@pytest.mark.parametrize("scenarios", [(), EVERY], ids=["ordinary", "all scenarios"])
@pytest.mark.parametrize(("rate", "seconds"), [(3.0, 120), (60.0, 60), (15_000.0, 1)])
def test_together_they_say_exactly_what_one_would(rate: float, seconds: int, scenarios: tuple[str, ...]) -> None:
    """Partition for partition, in the same order, byte for byte, in every domain."""
    count = 4

    def said(areas: frozenset[str] | None) -> dict[tuple[str, int], list[bytes]]:
        found: dict[tuple[str, int], list[bytes]] = {}
        span = (2026, MONDAY, MONDAY + seconds * NS)
        for _, topic, one in together(SIMULATORS, *span, events_per_s=rate, scenarios=scenarios, areas=areas):
            found.setdefault((topic, home(one.area, count)), []).append(encode(one))
        return found

    shares = [said(areas_in(Share(number, 3).partitions(LOADS, count), LOADS, count)) for number in range(1, 4)]
    assert not set(shares[0]) & set(shares[1]) | set(shares[1]) & set(shares[2]) | set(shares[0]) & set(shares[2])
    assert shares[0] | shares[1] | shares[2] == said(None)
    assert all(shares)
    assert {topic for topic, _ in said(None)} == {domain.topic for domain in PACKS.domains}


def test_what_a_pack_cannot_leave_out_is_left_out_when_its_moment_comes() -> None:
    clock, producer = FakeTime(), FakeProducer()
    clock.stop_at = START + 3 * NS
    publisher = Publisher(lambda: producer, ["city.traffic"], 4, clock=clock.now)
    ours, theirs = sorted(LOADS)[:2]
    publisher.keep_to([home(ours, 4)])
    said = [
        Heard(START + at * NS // 4, "city.traffic", event(at, area=area)) for at, area in enumerate((ours, theirs) * 4)
    ]
    speak(publisher, said, clock.now, clock.stopped, frozenset({ours}))
    assert Counter((sent.key, sent.partition) for sent in producer.sent if sent.key) == {
        (ours.encode(), home(ours, 4)): 4
    }
    assert {sent.partition for sent in producer.sent} == {home(ours, 4)}, "ticks too"


def test_a_pack_that_cannot_be_asked_for_areas_says_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, span = simulator.simulate, (2026, MONDAY, MONDAY + 60 * NS)

    def simulate(seed: int, start_ns: int, end_ns: int, *, events_per_s: float, city: City) -> Iterator[Event]:
        return whole(seed, start_ns, end_ns, events_per_s=events_per_s, city=city)

    monkeypatch.setattr(simulator, "simulate", simulate)
    (simple,) = find([PACKS.domain("tourism")], PACKS.city)
    said = list(simple.simulate(*span, events_per_s=20, areas=frozenset({"00070"})))
    assert said == list(whole(*span, events_per_s=20, city=PACKS.city))


def test_a_share_in_which_nobody_of_a_pack_speaks_ends() -> None:
    for one in SIMULATORS:
        assert not list(one.simulate(2026, MONDAY, FOR_EVER_NS, events_per_s=200, areas=frozenset()))


def test_two_processes_speak_one_city_into_a_broker_each_into_its_own_partitions(tmp_path: Path) -> None:
    cluster = Embedded()  # of its own: whatever else is said there would count
    embedded = Broker(cluster.address, embedded=True)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CITYOPS_")},
        "CITYOPS_DATA_DIR": str(tmp_path),
        "CITYOPS_BROKER": embedded.address,
        "CITYOPS_BROKER_EMBEDDED": "true",
        "CITYOPS_RATE": "200",
    }
    command = [sys.executable, "-m", "producers.live", "--share"]
    processes = [subprocess.Popen([*command, f"{number}/2"], cwd=ROOT, env=environment) for number in (1, 2)]
    facts = [run_file(tmp_path, Share(number, 2).part) for number in (1, 2)]
    with ExitStack() as stack:
        try:
            wait_until(lambda: all(map(read_json, facts)), 60, "both are ready")
            begins = [int((read_json(path) or {})["begin_ns"]) for path in facts]
            log = Log(embedded, [domain.topic for domain in PACKS.domains])
            stack.callback(log.close)
            wait_until(lambda: len(log.tails(10_000)) > 800, 60, "both have spoken for some seconds")
        finally:
            for process in processes:
                process.terminate()
            ends = [process.wait(30) for process in processes]
        lines = log.tails(10_000)
    assert ends == [0, 0]

    ticks: dict[tuple[str, int], list[int]] = {}
    said: dict[int, Counter[tuple[str, str, str]]] = {1: Counter(), 2: Counter()}
    owner = {at: number for number in said for at in Share(number, 2).partitions(LOADS, 4)}
    for line in lines:
        told = json.loads(line.value)
        assert line.place
        if b"clock.v1" in line.value:
            ticks.setdefault((line.place.topic, line.place.partition), []).append(nanoseconds(told["recordedtime"]))
        else:
            said[owner[line.place.partition]][told["source"], told["id"], told["time"]] += 1
    assert len(ticks) == 4 * len(PACKS.domains), "every partition is vouched for"
    for at in ticks.values():
        assert at == sorted(at)
        assert len(at) <= (at[-1] - at[0]) / NS + 3, "by one process: the first tick, one a second, the last"
    for number, begin in zip(said, begins, strict=True):
        areas = areas_in(Share(number, 2).partitions(LOADS, 4), LOADS, 4)
        heard = together(SIMULATORS, 2026, begin, events_per_s=200, areas=areas)
        first = islice(heard, said[number].total())
        assert Counter((one.source, one.id, one.time) for _, _, one in first) == said[number]
