from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from city.errors import CityopsError
from embedded.parts import MOST_OF_ONE, STOP_ORDER, parts_of
from embedded.post import State, rest_s
from embedded.supervisor import STOP_LIMIT_S
from runtime.part import read_json
from runtime.settings import Settings, load
from tests.supervisor.conftest import ROOT, eventually, fake, gone

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.supervisor.conftest import Run

    Begin = Callable[..., Run]


def test_parts_start_one_after_the_other_and_hear_what_the_earlier_ones_announced(city: Begin) -> None:
    run = city(fake("broker"), fake("store", after=("broker",)), fake("worker", after=("broker", "store")))
    run.await_ready()
    assert run.history() == [
        "broker broker= store=",
        "store broker=broker.invalid:1 store=",
        "worker broker=broker.invalid:1 store=http://store.invalid",
    ]


def test_the_city_file_names_addresses_and_pids_while_the_city_runs_and_is_gone_after(
    city: Begin, settings: Settings
) -> None:
    run = city(fake("broker"), fake("store"))
    run.await_ready()
    path = settings.data_dir / "city.json"
    eventually(lambda: (read_json(path) or {}).get("ready"), "city.json says ready")
    written = read_json(path)
    assert written is not None
    assert written["broker"] == {
        "address": "broker.invalid:1",
        "url": "http://broker.invalid",
        "embedded": True,
        "pid": run.pid("broker"),
    }
    assert written["pid"] == os.getpid()
    assert path.stat().st_mode & 0o777 == 0o600
    run.stop()
    assert not path.exists()
    assert list((settings.data_dir / "run").iterdir()) == []


def test_a_part_that_dies_is_started_again_and_its_neighbours_are_left_alone(city: Begin) -> None:
    run = city(fake("store"), fake("worker", after=("store",)))
    run.await_ready()
    worker = run.pid("worker")
    os.kill(run.pid("store"), signal.SIGKILL)
    eventually(lambda: run.restarts("store") == 1 and run.supervisor.ready, "the store is back")
    assert run.pid("worker") == worker
    assert any("was killed by signal 9" in status.detail for seen in run.statuses for status in seen)


def test_the_death_of_the_broker_starts_broker_worker_and_producers_anew_and_says_what_was_lost(
    city: Begin,
) -> None:
    run = city(
        fake("broker", again=("--begin",), takes_along=("producers", "worker"), loss="its log is gone"),
        fake("store"),
        fake("worker", after=("broker", "store")),
        fake("producers", after=("worker",)),
    )
    run.await_ready()
    store = run.pid("store")
    os.kill(run.pid("broker"), signal.SIGKILL)
    eventually(lambda: run.restarts("producers") == 1 and run.supervisor.ready, "the city is back")
    assert run.pid("store") == store
    assert [line.split(" broker=")[0] for line in run.history()[4:]] == ["broker begin", "worker", "producers"]
    assert any("its log is gone" in status.detail for seen in run.statuses for status in seen)


def test_a_part_is_ready_only_when_its_health_page_answers(city: Begin, settings: Settings) -> None:
    url = f"http://127.0.0.1:{settings.metrics_port}/health"
    unwell = city(fake("worker", health_url=url))
    eventually((settings.data_dir / "run" / "worker.json").exists, "the part has announced itself")
    time.sleep(0.3)  # long enough for three looks at it
    assert unwell.state("worker") is State.STARTING
    unwell.stop()
    well = city(fake("worker", "web", health_url=url))
    well.await_ready()


def test_a_part_that_only_a_person_can_help_ends_the_run_with_its_own_last_words(city: Begin) -> None:
    run = city(fake("store"), fake("producers", "refuses", after=("store",)))
    run.wait()
    assert isinstance(run.error, CityopsError)
    assert str(run.error).startswith("producers cannot run: no scenario 'rain' (log: ")
    assert run.state("store") is State.STOPPED


def test_a_part_that_never_was_ready_is_given_up_after_three_deaths(city: Begin) -> None:
    run = city(fake("worker", "breaks"))
    run.wait()
    assert "worker cannot run: something is broken" in str(run.error)
    assert run.history() == ["worker broker= store="] * 3


def test_a_stubborn_part_is_killed_and_what_it_started_too(city: Begin, settings: Settings) -> None:
    run = city(fake("worker", "stubborn", "parent", stop_s=0.3))
    run.await_ready()
    offspring = int((settings.data_dir / "offspring").read_text())
    began = time.monotonic()
    run.stop()
    assert time.monotonic() - began < STOP_LIMIT_S
    eventually(lambda: gone(offspring), "the part's own child is gone")


def test_nothing_outlives_a_supervisor_that_is_killed(settings: Settings) -> None:
    script = """
import os, pathlib
from embedded.supervisor import Supervisor
from runtime.settings import load
from tests.supervisor.conftest import fake
Supervisor(load(), lambda: [fake("store"), fake("worker", "parent")], os.environ, lambda _: None, lambda: None).run()
"""
    environment = {"CITYOPS_DATA_DIR": str(settings.data_dir), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environment) as supervisor:
        path = settings.data_dir / "city.json"
        eventually(lambda: (read_json(path) or {}).get("ready"), "the city is ready")
        written = read_json(path)
        assert written is not None
        supervisor.kill()
    pids = [written["store"]["pid"], written["worker"]["pid"], int((settings.data_dir / "offspring").read_text())]
    eventually(lambda: all(map(gone, pids)), "the parts, and what one of them started, are gone")


def test_producers_stop_first_then_the_worker_then_the_servers(city: Begin) -> None:
    run = city(*(fake(name) for name in ("broker", "store", "worker", "producers")))
    run.await_ready()
    alive = {name: psutil.Process(run.pid(name)) for name in ("producers", "worker", "broker", "store")}
    gone: list[str] = []
    run.supervisor.ask_stop()

    def all_gone() -> bool:
        gone.extend(name for name, process in alive.items() if name not in gone and not process.is_running())
        return len(gone) == len(alive)

    eventually(all_gone, "all parts gone")
    assert gone == ["producers", "worker", "broker", "store"]


def test_a_reset_stops_everything_empties_the_city_and_starts_it_anew(city: Begin, settings: Settings) -> None:
    run = city(fake("broker", again=("--begin",)), fake("worker", after=("broker",)))
    run.await_ready()
    before = run.pid("worker")
    run.supervisor.ask_reset()
    eventually(lambda: (read_json(settings.data_dir / "city.json") or {}).get("resets") == 1, "the reset is told")
    run.await_ready()
    assert run.emptied == 1
    assert run.pid("worker") != before
    assert not any("begin" in line for line in run.history()), "an emptied city needs no begin tick"


def test_a_run_for_a_time_ends_by_itself(city: Begin) -> None:
    run = city(fake("store"), seconds=0.3)
    run.wait()
    assert run.error is None
    assert run.state("store") is State.STOPPED


def test_a_log_that_grows_is_cut_and_the_older_half_kept(
    city: Begin, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embedded.child.rotate.__defaults__", (150_000,))
    run = city(fake("store", "chatty"))
    log = settings.data_dir / "logs" / "store.log"
    eventually(log.with_name("store.log.1").exists, "the log is rotated")
    run.stop()
    assert log.stat().st_size < 5_000_000


@pytest.mark.parametrize(("failures", "expected"), [(1, 0.5), (2, 1), (3, 2), (6, 16), (7, 30), (1000, 30)])
def test_the_rest_doubles_with_each_failure_up_to_its_cap(failures: int, expected: float) -> None:
    assert rest_s(failures) == expected


@pytest.mark.parametrize("flags", [{"rate": 1}, {"rate": 15_000, "broker": "host:9092"}])
def test_all_parts_together_stop_within_the_supervisors_limit(flags: dict[str, object], tmp_path: Path) -> None:
    parts = parts_of(load(data_dir=tmp_path, **flags))
    assert {part.stops_as for part in parts} <= set(STOP_ORDER)
    assert sum({part.stops_as: part.stop_s for part in parts}.values()) < STOP_LIMIT_S


@pytest.mark.parametrize(
    ("rate", "partitions", "shares"),
    [
        (0, 4, {}),
        (200, 4, {"producers": "1/1"}),
        (MOST_OF_ONE, 4, {"producers": "1/1"}),
        (15_000, 4, {"producers": "1/2", "producers-2": "2/2"}),
        (15_000, 1, {"producers": "1/1"}),
    ],
    ids=["nobody", "the default", "as much as one says", "more", "one partition has one publisher"],
)
def test_two_processes_speak_where_one_cannot_say_it(
    rate: float, partitions: int, shares: dict[str, str], tmp_path: Path
) -> None:
    parts = parts_of(load(data_dir=tmp_path, rate=rate, partitions=partitions, broker="host:9092"))
    assert {part.name: part.argv[-1] for part in parts if part.crew == "producers"} == shares


def test_the_rate_from_which_on_two_speak_stands_in_the_settings() -> None:
    assert f"above {MOST_OF_ONE:,.0f} `up` says them by two" in str(Settings.model_fields["rate"].description)


def test_a_crew_is_asked_to_stop_at_once(city: Begin) -> None:
    run = city(*(fake(name, "stubborn", crew="producers", stop_s=1.5) for name in ("producers", "producers-2")))
    run.await_ready()
    began = time.monotonic()
    run.stop()
    assert time.monotonic() - began < 2 * 1.5
