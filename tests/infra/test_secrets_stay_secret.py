"""A token is in its file and in the requests that need it: not in `ps`, not in a log, not in what a command prints."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from infra.native.ports import free_port
from infra.secret_files import make
from runtime.connect import Store
from runtime.part import read_json
from runtime.settings import load
from stream_app.sink import Sink, StoreAwayError
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from infra.native.influxdb import InfluxDB

SECRET = "s3cret-of-this-test-0123456789"
PATIENCE_S = 60.0


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "store-token").write_text(SECRET)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CITYOPS_")}
    return {
        **kept,
        "CITYOPS_DATA_DIR": str(tmp_path),
        "CITYOPS_STORE_PORT": str(free_port()),
        "CITYOPS_LOG_LEVEL": "DEBUG",
    }


@contextmanager
def store(environment: dict[str, str], folder: Path) -> Iterator[tuple[psutil.Process, str, Path]]:
    """The embedded store as a process: itself, its address, and the file that has what it says."""
    said = folder / "said"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "embedded.store"], env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while (facts := read_json(folder / "run" / "store.json")) is None:
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < deadline, "the store is not ready"
            time.sleep(0.05)
        yield psutil.Process(process.pid), facts["url"], said
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def test_the_store_shows_its_token_neither_in_ps_nor_in_its_log(environment: dict[str, str], tmp_path: Path) -> None:
    with store(environment, tmp_path) as (process, url, said):
        assert Client(url, SECRET).write("m x=1").status == 204
        assert Client(url, SECRET).write("m x=").status == 400
        assert Client(url, f"{SECRET}-not-quite").write("m x=1").status == 401
        assert SECRET not in " ".join(process.cmdline())
        assert SECRET not in " ".join(process.environ().values())

    assert SECRET not in said.read_text()


@pytest.mark.parametrize(
    "command",
    [
        ["query", "SHOW MEASUREMENTS"],
        ["settings"],
        ["doctor"],
        ["worker"],
    ],
    ids=lambda command: command[0],
)
def test_a_command_that_fails_does_not_print_the_token(environment: dict[str, str], command: list[str]) -> None:
    nowhere = {"CITYOPS_STORE_URL": "http://127.0.0.1:1", "CITYOPS_BROKER": "127.0.0.1:1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", *command],
        env=environment | nowhere,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        said, _ = process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()  # a worker waits for its broker for ever, and says so
        said, _ = process.communicate()

    assert b"127.0.0.1:1" in said
    assert SECRET.encode() not in said


def test_settings_and_addresses_do_not_carry_it(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(SECRET)
    settings = load(data_dir=tmp_path, store_token_file=tmp_path / "token")

    assert settings.store_token() == SECRET
    assert SECRET not in repr(settings)
    assert SECRET not in " ".join(settings.environment().values())
    assert SECRET not in repr(Store("http://127.0.0.1:1", "cityops", settings.store_token()))


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1"])
def test_a_sink_that_cannot_write_does_not_tell_it(tmp_path: Path, url: str) -> None:
    sink = Sink(Store(url, "cityops", SECRET), tmp_path)
    try:
        with pytest.raises(StoreAwayError) as failed:
            asyncio.run(sink.write("city", ["m x=1 1"]))
    finally:
        sink.close()

    assert SECRET not in f"{failed.value} {failed.value.__cause__}"


@pytest.mark.live
def test_a_real_influxdb_is_not_started_with_its_token(influxdb: InfluxDB) -> None:
    assert influxdb.pid is not None
    process = psutil.Process(influxdb.pid)

    assert influxdb.token not in " ".join([*process.cmdline(), *process.environ().values()])
    assert influxdb.token not in influxdb.log.read_text(encoding="utf-8", errors="replace")


def test_the_secrets_command_prints_where_they_are_not_what(tmp_path: Path) -> None:
    made = make(tmp_path / "secrets")
    ended = subprocess.run(
        [sys.executable, "-m", "cli.main", "secrets", "--dir", tmp_path / "secrets"],
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
    )

    assert ended.returncode == 0
    assert all(path.read_bytes() not in ended.stdout + ended.stderr for path in made)
