"""A worker as a process: how it starts, what it does with what it cannot count, and where it stops reading."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import psutil
import pytest

from city.event import Reason
from city.instant import NS, nanoseconds, rfc3339
from city.partition import partition_of
from runtime.part import EX_CONFIG
from tests.stream.brokers import PARTITIONS
from tests.stream.poison import poisons
from tests.stream.town import Relay, headers_of, town_in
from tests.whole.city import free_port, truth_of
from tests.whole.proxy import away, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stream.town import Town


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture
def town(shared: Town) -> Iterator[Town]:
    yield shared
    shared.end_workers()


# ------------------------------------------------------------------------------------------------------- starting


def test_faust_s_own_command_runs_the_worker_and_listens_on_loopback_alone(town: Town) -> None:
    faust = Path(sys.executable).with_name("faust")
    command = (faust, "-A", "stream_app", "worker", "-l", "info", "--web-port", str(free_port()))
    run = town.start(*command)
    town.city.settles_to(town.publish_hour())
    connections = psutil.Process(run.process.pid).net_connections("tcp")
    listening = {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}
    assert run.stop() == 0


def test_a_worker_waits_for_a_store_that_is_away_at_its_start_and_catches_up(town: Town) -> None:
    town.city.proxy.do(away)
    true = town.publish_hour()
    run = town.start().ready()
    run.says("the store is away, nothing is lost")
    assert town.city.difference(true).missing
    town.city.proxy.do(None)
    town.city.settles_to(true)
    assert "Traceback" not in run.log


def test_a_worker_waits_for_a_broker_that_is_away_at_its_start(town: Town) -> None:
    port = free_port()
    run = town.start(broker=f"127.0.0.1:{port}")
    run.says(f"no broker answers at 127.0.0.1:{port}")
    true = town.publish_hour()
    relay = Relay(port, town.address)
    try:
        run.ready()
        town.city.settles_to(true)
    finally:
        relay.close()
    assert "Traceback" not in run.log


# ------------------------------------------------------------------------------------------ what cannot be counted


def test_every_record_that_may_not_be_counted_is_set_aside_with_its_reason_and_the_worker_goes_on(town: Town) -> None:
    lines, over = town.hour()
    bad = poisons(lines[0], nanoseconds(msgspec.json.decode(lines[0])["time"]))
    assert {poison.reason for poison in bad} == set(Reason)
    run = town.start().ready()
    places = town.produce([(p.partition, p.key, p.value, p.timestamp_ms) for p in bad])
    town.city.say(lines)
    town.city.tick(over)

    found = town.read("city.rejected", set(places))
    for place, poison in zip(places, bad, strict=True):
        headers = headers_of(found[place])
        assert headers["reason"] == poison.reason
        assert headers["size"] == str(len(poison.value or b""))
        assert headers["detail"]
        assert (found[place].key(), found[place].value() or b"") == (poison.key, poison.value or b"")

    wait_until(lambda: run.figure("cityops_rejected_total") == len(bad), 30, "each is counted once")
    assert run.process.poll() is None, "it is the same process still"
    assert "Traceback" not in run.log


def test_a_late_event_is_set_aside_with_the_series_that_it_missed(town: Town) -> None:
    lines, over = town.hour()
    first = msgspec.json.decode(lines[0])
    area = first["area"].encode()
    at = nanoseconds(first["time"]) // (60 * NS) * 60 * NS

    def event(number: int, heard: int) -> bytes:
        said = {"id": f"late-{number}", "time": rfc3339(at), "recordedtime": rfc3339(heard)}
        return msgspec.json.encode(first | said)

    series = town.series()
    closes = sorted((one.window_s + one.lateness_s, name) for name, one in series.items())
    assert [name for _, name in closes] == ["traffic_flow", "traffic_site"]
    heards = [at + after_s * NS for after_s, _ in closes]
    bodies = [event(number, heard) for number, heard in enumerate(heards)]
    here = partition_of(area, PARTITIONS)
    places = town.produce([(here, area, body, over // 1_000_000) for body in bodies])
    town.city.tick(over)
    town.start()

    found = town.read("city.late", set(places))
    missed = [headers_of(found[place])["series"] for place in places]
    assert missed == ["traffic_flow", "traffic_flow,traffic_site"]
    for place, body in zip(places, bodies, strict=True):
        assert (found[place].key(), found[place].value()) == (area, body)


# --------------------------------------------------------------------------------------------------------- bounds


def test_a_store_away_for_long_stops_the_reading_and_costs_nothing(town: Town) -> None:
    run = town.start(max_pending_points=50).ready()
    town.city.settles_to(town.publish_hour())
    before = run.figure("cityops_bounds_hit_total")
    town.city.proxy.do(away)
    first = town.publish_hour(minutes=3)
    wait_until(lambda: run.figure("cityops_bounds_hit_total") > before, 30, "the reading stops")
    assert "max_pending_points" in run.log
    counted = run.figure("cityops_in_total")

    lines, over = town.hour()
    town.city.say(lines)
    town.city.tick(over)
    wait_until(lambda: run.figure("cityops_lag") >= len(lines), 40, "the lag grows")
    assert run.figure("cityops_in_total") == counted, "nothing more was read"
    assert town.city.difference(first).missing

    town.city.proxy.do(None)
    town.city.settles_to(first)
    wait_until(lambda: run.figure("cityops_lag") == 0, 40, "all is read")


@pytest.mark.parametrize("setting", ["max_open_windows", "max_remembered_ids"])
def test_a_bound_that_no_store_relieves_ends_the_worker_and_names_the_setting_and_nothing_is_dropped(
    town: Town, setting: str
) -> None:
    run = town.start(group=setting, **{setting: 3})
    lines, over = town.hour()
    town.city.say(lines)
    assert run.ends() == EX_CONFIG
    assert re.match(rf"cityops: .*{setting} = 3 .*Raise {setting}", run.log.splitlines()[-1])
    assert "Traceback" not in run.log
    town.city.tick(over)  # not before: a batch that holds the hour's end as well leaves nothing to be bounded
    true = truth_of(lines)
    assert town.city.difference(true).missing

    town.start(group=setting)
    town.city.settles_to(true)


# ---------------------------------------------------------------------------------------------------------- health


def test_sources_beyond_those_it_may_tell_of_are_counted_and_their_events_too(town: Town) -> None:
    run = town.start(max_series=1).ready()
    lines, over = town.hour()
    strangers = [re.sub(rb'"source":"[^"]*"', b'"source":"bus/%d"' % number, line) for number, line in enumerate(lines)]
    town.city.say(strangers)
    town.city.tick(over)
    wait_until(lambda: run.figure("cityops_overlooked_total") > 0, 40, "a source too many is counted")
    assert run.figure("cityops_in_total") >= len(lines)


def test_a_running_worker_is_healthy_and_says_what_it_did(town: Town) -> None:
    run = town.start().ready()
    lines, over = town.hour()
    town.city.say([lines[0], *lines])
    town.city.tick(over)
    wait_until(lambda: run.figure("cityops_duplicate_total") == 1, 30, "the copy is counted")
    wait_until(lambda: run.figure("cityops_in_total") > len(lines), 30, "all are counted, in however many batches")
    wait_until(
        lambda: run.figure("cityops_points_total") and run.figure("cityops_flushes_total"), 30, "points are written"
    )
    assert run.asked("/health") == "ok\n"
    assert run.stop() == 0
