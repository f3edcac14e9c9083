"""A Kafka that wants TLS and a password: every client of ours gets in with them, and none without."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._scram import ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from city.errors import ConfigurationError, UnreachableError
from embedded.handshake import await_kafka
from embedded.store import serve
from infra.native.kafka import Kafka
from infra.native.ports import free_port
from producers.topics import ensure
from runtime.connect import Broker
from runtime.kafka_access import KafkaAccess, kafka_access
from runtime.settings import load
from tests.infra.certificate import certificate
from tests.servers import needs
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USER, PASSWORD = "cityops", "of-this-test-alone-0123456789"
PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A Kafka whose clients speak TLS and sign in, by SCRAM or PLAIN."""
    needs(Kafka)
    folder = tmp_path_factory.mktemp("guarded")
    crt, key = certificate(folder)
    (folder / "both.pem").write_text(key.read_text() + crt.read_text())
    plain, tls, controller = free_port(), free_port(), free_port()
    listener = "listener.name.city"
    login = "org.apache.kafka.common.security"
    properties = {
        "listeners": f"PLAINTEXT://127.0.0.1:{plain},CITY://127.0.0.1:{tls},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{plain},CITY://localhost:{tls}",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CITY:SASL_SSL",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(folder / "both.pem"),
        f"{listener}.sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
        f"{listener}.scram-sha-512.sasl.jaas.config": f"{login}.scram.ScramLoginModule required;",
        f"{listener}.plain.sasl.jaas.config": f'{login}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";',
    }
    with Kafka(folder / "kafka", plain, partitions=4, properties=properties) as server:
        admin = AdminClient({"bootstrap.servers": server.address})
        scram = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        user = UserScramCredentialUpsertion(USER, scram, PASSWORD.encode())
        for one in admin.alter_user_scram_credentials([user]).values():
            one.result(30)
        access = KafkaAccess(tls=True, ca_file=crt, user=USER, password=PASSWORD)
        yield Broker(f"localhost:{tls}", embedded=False, access=access)


@pytest.mark.live
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
def test_clients_of_both_libraries_get_in(guarded: Broker, mechanism: str) -> None:
    broker = replace(guarded, access=replace(guarded.access, mechanism=mechanism))

    await_kafka([broker.address], access=broker.access)
    ensure(broker, ["city.guarded"], 4)


@pytest.mark.live
@pytest.mark.parametrize(
    "wrong",
    [{"password": "another"}, {"user": ""}, {"ca_file": None}, {"tls": False}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_nobody_gets_in_otherwise(guarded: Broker, wrong: dict[str, str]) -> None:
    with pytest.raises(UnreachableError) as refused:
        await_kafka([guarded.address], 3.0, replace(guarded.access, **wrong))  # type: ignore[arg-type]  # of the table

    assert PASSWORD not in str(refused.value)


@contextlib.contextmanager
def part(module: str, environment: dict[str, str], said: Path) -> Iterator[psutil.Process]:
    """A part of the city as a process; stopped at the end."""
    with said.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", module], env=environment, stdout=output, stderr=output)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.mark.live
def test_a_city_runs_on_it_and_tells_nobody_the_password(guarded: Broker, tmp_path: Path) -> None:
    assert guarded.access.ca_file is not None
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "token").write_text("token")
    with serve(tmp_path / "store.duckdb", "token") as url:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CITYOPS_")} | {
            "CITYOPS_DATA_DIR": str(tmp_path),
            "CITYOPS_BROKER": guarded.address,
            "CITYOPS_BROKER_TLS": "true",
            "CITYOPS_BROKER_CA_FILE": str(guarded.access.ca_file),
            "CITYOPS_BROKER_USER": USER,
            "CITYOPS_BROKER_PASSWORD_FILE": str(tmp_path / "password"),
            "CITYOPS_STORE_URL": url,
            "CITYOPS_STORE_TOKEN_FILE": str(tmp_path / "token"),
            "CITYOPS_METRICS_PORT": str(free_port()),
            "CITYOPS_LOG_LEVEL": "DEBUG",
        }
        said = [tmp_path / "said-producers", tmp_path / "said-worker"]
        with (
            part("producers.live", environment, said[0]) as producers,
            part("stream_app", environment, said[1]) as worker,
        ):
            client, deadline = Client(url), time.monotonic() + PATIENCE_S
            while not client.query("SELECT count(count) FROM traffic_flow", db="city_live").rows:
                assert time.monotonic() < deadline, "\n".join(path.read_text()[-3_000:] for path in said)
                time.sleep(0.5)
            shown = [
                text for process in (producers, worker) for text in (*process.cmdline(), *process.environ().values())
            ]

    assert PASSWORD not in " ".join(shown)
    assert all(PASSWORD not in path.read_text() for path in said)


def test_a_user_without_a_password_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="broker_password_file"):
        kafka_access(load(data_dir=tmp_path, broker="host:1", broker_user=USER))
    for content in ("", "\n"):
        (tmp_path / "password").write_text(content)
        with pytest.raises(ConfigurationError, match="is empty"):
            kafka_access(
                load(data_dir=tmp_path, broker="host:1", broker_user=USER, broker_password_file=tmp_path / "password")
            )


def test_a_file_that_is_no_authority_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca").write_text("nothing")
    for name in ("ca", "missing"):
        with pytest.raises(ConfigurationError, match=f"broker_ca_file = .*{name}"):
            kafka_access(load(data_dir=tmp_path, broker="host:1", broker_tls=True, broker_ca_file=tmp_path / name))


def test_the_password_is_in_no_text_of_the_access() -> None:
    assert PASSWORD not in repr(Broker("host:1", embedded=False, access=KafkaAccess(user=USER, password=PASSWORD)))
