"""The doctor: every finding by doubles, then the command itself, without a city and beside one."""

from __future__ import annotations

import http.client
import json
import os
import socket
import time
from email.utils import formatdate
from importlib import metadata
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from kafka.errors import KafkaTimeoutError

from city.catalogue import load as load_packs
from city.errors import CatalogueError, UnreachableError
from cli._doctor import machine, servers
from cli._doctor.finding import Finding, State
from cli._doctor.servers import Answer
from infra.native.kafka import Kafka
from runtime.connect import Broker
from runtime.part import write_json
from runtime.settings import load
from tests.cli.conftest import cityops
from tests.docs.snippets import Tree
from tests.servers import needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from runtime.settings import Settings

GB = 2**30


def assert_wrong(finding: Finding, *words: str) -> None:
    """It is wrong, says how, and what to do."""
    assert finding.state is State.WRONG, finding
    assert finding.todo, "each line says what to do"
    for word in words:
        assert word in f"{finding.said} {finding.todo}", finding


# ------------------------------------------------------------------------------------------------------ machine


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 9)])
def test_the_pythons_that_are_supported_are_well(version: tuple[int, int, int]) -> None:
    assert machine.python(version, "CPython").state is State.OK


@pytest.mark.parametrize(("version", "kind"), [((3, 10, 9), "CPython"), ((3, 15, 0), "CPython"), ((3, 11, 0), "PyPy")])
def test_another_python_is_wrong_and_the_way_to_name_one_is_told(version: tuple[int, int, int], kind: str) -> None:
    assert_wrong(machine.python(version, kind), "CITYOPS_PYTHON")


LOCK = "one==1.0 \\\n    --hash=sha256:00\ntwo==2.0 \\\n    --hash=sha256:00\nthree==3 ; sys_platform == 'win32' \\\n"


def versions(**known: str) -> Callable[[str], str]:
    def installed(name: str) -> str:
        if name not in known:
            raise metadata.PackageNotFoundError(name)
        return known[name]

    return installed


def test_packages_are_compared_with_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(LOCK)
    assert machine.packages(lock, versions(one="1.0", two="2.0")).state is State.OK
    assert_wrong(machine.packages(lock, versions(one="1.0", two="2.1")), "two 2.1 for 2.0", "remove .venv")
    assert_wrong(machine.packages(lock, versions(one="1.0")), "two missing for 2.0")


def test_an_installed_cityops_has_no_lock_and_says_its_version(tmp_path: Path) -> None:
    assert "cityops 9.9" in machine.packages(tmp_path / "none", versions(cityops="9.9")).said


def test_faults_of_packs_are_told_in_one_line() -> None:
    assert machine.catalogue(load_packs()).state is State.OK
    finding = machine.catalogue(CatalogueError(["one: is wrong", "two: is wrong"]))
    assert_wrong(finding, "one: is wrong", "two: is wrong")
    assert "\n" not in finding.said


@pytest.mark.parametrize(("free", "state"), [(50 * GB, State.OK), (GB // 2, State.NOTE), (GB // 100, State.WRONG)])
def test_the_disk_under_the_folder_is_looked_at_made_or_not(free: int, state: State, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "not" / "yet"):
        assert machine.disk(load(data_dir=folder), lambda _: (100 * GB, 0, free)).state is state
    assert not (tmp_path / "not").exists(), "nothing is made"


def test_a_folder_of_something_else_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    assert_wrong(machine.disk(load(data_dir=tmp_path)), "holds other things", "--data-dir")


def test_a_clock_in_the_past_and_a_machine_without_zones_are_wrong() -> None:
    assert machine.clock("Asia/Ho_Chi_Minh").state is State.OK
    assert_wrong(machine.clock("Asia/Ho_Chi_Minh", lambda: 0.0), "1970-01-01", "NTP")
    assert_wrong(machine.clock("Asia/Nowhere"), "tzdata")


def test_a_taken_port_is_named_unless_it_is_the_citys_own(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = load(data_dir=tmp_path, metrics_port=taken.getsockname()[1])
        (finding,) = machine.ports(settings, running=False)
        assert_wrong(finding, str(settings.metrics_port), f"pid {os.getpid()}", "--metrics-port")
        (finding,) = machine.ports(settings, running=True)
        assert finding.state is State.OK


# ------------------------------------------------------------------------------------------------------ servers


def answering(status: int = 200, body: object = None, **headers: str) -> Callable[[str], Answer]:
    """A server that gives one answer, with the time as servers do."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}

    def fetch(_: str) -> Answer:
        return Answer(status, {"date": formatdate(usegmt=True), **named}, json.dumps(body).encode())

    return fetch


def silent(_: str) -> Answer:
    raise ConnectionRefusedError(111, "Connection refused")


def broken(_: str) -> Answer:
    raise http.client.BadStatusLine("?")


def alive(**parts: Any) -> dict[str, Any]:
    me = psutil.Process()
    return {"pid": me.pid, "started": me.create_time(), "ready": True, **parts}


def test_a_city_that_runs_is_told_with_its_parts(tmp_path: Path) -> None:
    worker = {"pid": os.getpid(), "metrics": "http://127.0.0.1:1/metrics"}
    asked: list[str] = []

    def fetch(url: str) -> Answer:
        asked.append(url)
        return Answer(200, {}, b"ok\n")

    found = list(servers.city(alive(worker=worker), load(data_dir=tmp_path), fetch))
    assert [finding.state for finding in found] == [State.OK, State.OK]
    assert asked == ["http://127.0.0.1:1/health"]


@pytest.mark.parametrize(("fetch", "words"), [(answering(503), "answers 503"), (silent, "refused"), (broken, "?")])
def test_a_worker_that_is_not_well_is_wrong(fetch: Callable[[str], Answer], words: str, tmp_path: Path) -> None:
    worker = {"pid": os.getpid(), "metrics": "http://127.0.0.1:1/metrics"}
    *_, finding = servers.city(alive(worker=worker), load(data_dir=tmp_path), fetch)
    assert_wrong(finding, words, "worker.log")


def test_a_part_that_has_died_is_named(tmp_path: Path) -> None:
    (finding,) = servers.city(alive(store={"pid": 2**22 + 1}), load(data_dir=tmp_path))
    assert_wrong(finding, "without its store", "logs")


def test_a_city_that_is_still_starting_is_a_note(tmp_path: Path) -> None:
    (finding,) = servers.city(alive(ready=False), load(data_dir=tmp_path))
    assert finding.state is State.NOTE
    assert finding.todo


def test_without_a_city_and_without_names_nothing_is_missing(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path)
    assert servers.running_city(settings) is None
    findings = [*servers.city(None, settings), servers.broker(settings, None), *servers.store(settings, None)]
    assert {finding.state for finding in findings} == {State.OK}


def test_a_broker_that_is_named_must_answer(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path, broker="host:9092")

    def refuses(addresses: list[str], _: float) -> None:
        raise UnreachableError(f"no broker at {addresses[0]}")

    well = servers.broker(settings, None, lambda *_: None, lambda _: "of version 4.1")
    assert (well.state, well.said) == (State.OK, "Kafka at host:9092 answers, of version 4.1")
    assert_wrong(servers.broker(settings, None, refuses), "no broker at host:9092", "--broker")


@pytest.mark.live
def test_a_real_kafka_is_of_the_version_that_understands_what_it_does(tmp_path: Path) -> None:
    needs(Kafka)
    with Kafka(tmp_path / "kafka") as server:
        settings = load(data_dir=tmp_path, broker=server.address)
        found = servers.broker(settings, None)
    assert found.state is State.OK
    assert found.said.endswith("answers, by what it understands of version 4.1 or later")


def test_a_kafka_that_does_not_say_what_it_understands_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(**_: object) -> None:
        raise KafkaTimeoutError("no answer")

    monkeypatch.setattr("kafka.KafkaAdminClient", silent)
    told = servers.kafka_version(Broker("host:9092", embedded=False))
    assert told == "but does not say what it understands (KafkaTimeoutError: no answer)"


def test_a_broker_of_a_city_that_does_not_say_where_is_wrong(tmp_path: Path) -> None:
    write_json(tmp_path / "city.json", alive())
    settings = load(data_dir=tmp_path)
    assert_wrong(servers.broker(settings, servers.running_city(settings)), "not ready")


@pytest.fixture
def named_store(tmp_path: Path) -> Settings:
    (tmp_path / "token").write_text("s3cret")
    return load(data_dir=tmp_path, store_url="http://host:8086", store_token_file=tmp_path / "token")


def buckets(*names: str) -> Callable[..., list[dict[str, Any]]]:
    return lambda *_: [{"series": [{"values": [[name] for name in names]}]}]


ALL = buckets("city", "city_live", "city_rollup", "_monitoring")
PING = answering(204, x_influxdb_version="v2.7.12")


def test_a_store_that_answers_is_told_with_its_version_and_never_the_token(named_store: Settings) -> None:
    (finding,) = servers.store(named_store, None, PING, ALL)
    assert finding.state is State.OK
    assert "v2.7.12" in finding.said
    assert "s3cret" not in finding.said


@pytest.mark.parametrize("fetch", [silent, broken])
def test_a_store_that_does_not_answer_is_wrong(fetch: Callable[[str], Answer], named_store: Settings) -> None:
    (finding,) = servers.store(named_store, None, fetch, ALL)
    assert_wrong(finding, "http://host:8086", "--store-url")


def test_a_store_without_a_bucket_is_wrong(named_store: Settings) -> None:
    (finding,) = servers.store(named_store, None, PING, buckets("city", "city_rollup"))
    assert_wrong(finding, "no bucket city_live")


def test_a_store_that_refuses_the_token_is_wrong(named_store: Settings) -> None:
    def refuses(*_: object) -> list[dict[str, Any]]:
        raise UnreachableError("refuses our token (401)")

    (finding,) = servers.store(named_store, None, PING, refuses)
    assert_wrong(finding, "refuses our token", "store_token_file")


def test_a_store_without_a_token_file_is_wrong(tmp_path: Path) -> None:
    (finding,) = servers.store(load(data_dir=tmp_path, store_url="http://host:8086"), None, PING, ALL)
    assert_wrong(finding, "no store token at")


@pytest.mark.parametrize(("ahead_s", "words"), [(60, "ahead of"), (-60, "behind")])
def test_a_server_whose_clock_is_another_is_wrong(ahead_s: int, words: str, named_store: Settings) -> None:
    fetch = answering(204, date=formatdate(time.time() + ahead_s, usegmt=True))
    _, finding = servers.store(named_store, None, fetch, ALL)
    assert_wrong(finding, words, "NTP")


def test_a_server_that_does_not_tell_its_time_is_believed(named_store: Settings) -> None:
    assert len(list(servers.store(named_store, None, answering(204, date="noon"), ALL))) == 1


HEALTH = {"database": "ok", "version": "12.1.0", "commit": "x"}


def test_a_grafana_that_is_well_is_told_with_its_version() -> None:
    asked: list[str] = []

    def fetch(url: str) -> Answer:
        asked.append(url)
        return answering(body=HEALTH)(url)

    (finding,) = servers.grafana("http://host:3000/", fetch)
    assert (finding.state, asked) == (State.OK, ["http://host:3000/api/health"])
    assert "12.1.0" in finding.said


@pytest.mark.parametrize(
    ("fetch", "words"),
    [
        (silent, "refused"),
        (broken, "no answer"),
        (answering(body="hello"), "not answer as Grafana"),
        (answering(404, body={}), "not answer as Grafana"),
        (answering(503, body=HEALTH | {"database": "failing"}), "database is failing"),
        (answering(body=HEALTH | {"version": "10.4.1"}), "too old"),
    ],
)
def test_a_grafana_that_is_not_well_is_wrong(fetch: Callable[[str], Answer], words: str) -> None:
    (finding,) = servers.grafana("http://host:3000", fetch)
    assert_wrong(finding, words)


# -------------------------------------------------------------------------------------------------- the command


def test_on_a_machine_where_something_is_wrong_it_says_what_to_do_and_exits_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = cityops("doctor", cwd=tmp_path, environment={"CITYOPS_METRICS_PORT": str(port)})
    assert result.returncode == 1
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("WRONG  ports"))
    assert str(port) in lines[at]
    assert lines[at + 1].lstrip().startswith("→ ")
    assert lines[-1] == "1 thing to mend"
    assert not (tmp_path / ".cityops").exists(), "nothing is made"


def test_a_setting_that_cannot_be_ends_it_there(tmp_path: Path) -> None:
    result = cityops("doctor", cwd=tmp_path, environment={"CITYOPS_RATE": "many"})
    assert result.returncode == 1
    assert "WRONG  settings   rate = 'many'" in result.stdout


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    made = Tree(tmp_path / "project")
    yield made
    made.stop_city()


def test_beside_a_city_every_part_of_it_is_well(tree: Tree) -> None:
    tree.start_city("./cityops up --rate 20")
    done = tree.sh("./cityops doctor")
    assert done.returncode == 0, done.stdout
    said = {line[7:17].strip(): line[18:] for line in done.stdout.splitlines() if line.startswith("ok ")}
    assert {"city", "worker", "broker", "store", "ports"} <= set(said)
    assert "producers" in said["city"]
    assert "embedded at 127.0.0.1:" in said["broker"]
    assert done.stdout.endswith("nothing is wrong\n")
