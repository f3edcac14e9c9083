"""The store as a process: what was acknowledged outlives it, and every way not to start is one line."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from embedded.store import serve
from runtime.part import EX_CONFIG, read_json
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, port: int) -> dict[str, str]:
    secrets = folder / "secrets"
    secrets.mkdir(parents=True, exist_ok=True)
    (secrets / "store-token").write_text("token")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CITYOPS_")}
    return {**kept, "CITYOPS_DATA_DIR": str(folder), "CITYOPS_STORE_PORT": str(port), "PYTHONPATH": str(ROOT)}


@contextmanager
def store(folder: Path) -> Iterator[tuple[Client, subprocess.Popen[bytes]]]:
    """`python -m embedded.store`, ready; killed at the end if it still runs."""
    announced = folder / "run" / "store.json"
    announced.unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "embedded.store"], env=environment(folder, free_port()), cwd=folder
    )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while (facts := read_json(announced)) is None:
            assert process.poll() is None, "the store ended before it was ready"
            assert time.monotonic() < deadline, "the store is not ready"
            time.sleep(0.02)
        assert facts["pid"] == process.pid
        yield Client(facts["url"]), process
    finally:
        process.kill()
        process.wait()


def refused_start(folder: Path, port: int) -> str:
    """The one line that a store which cannot start says."""
    ended = subprocess.run(
        [sys.executable, "-m", "embedded.store"],
        env=environment(folder, port),
        cwd=folder,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.decode().strip().splitlines()
    return line


def test_what_was_acknowledged_outlives_sigkill_in_the_middle_of_writing(tmp_path: Path) -> None:
    acknowledged: list[int] = []
    now = int(time.time())
    with store(tmp_path) as (client, process):

        def write() -> None:
            for batch in range(10_000):
                lines = "\n".join(f"m,s=s{i} x={batch}i {now}" for i in range(50))
                try:
                    status = client.write(f"{lines}\nn,b=b{batch} x=1 {now}", precision="s").status
                except OSError:
                    return
                assert status == 204
                acknowledged.append(batch)

        writer = threading.Thread(target=write)
        writer.start()
        deadline = time.monotonic() + PATIENCE_S
        while len(acknowledged) < 20 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        writer.join()

    assert len(acknowledged) >= 20
    with store(tmp_path) as (client, _):
        kept = {row[1] for row in client.query("SHOW TAG VALUES FROM n WITH KEY = b").rows}
        counted = client.query("SELECT count(x) FROM n").rows[0][1]
        values = {row[1] for row in client.query("SELECT x FROM m").rows}
    # The write under way when it was killed may be there too, but only whole.
    assert set(map("b{}".format, acknowledged)) <= kept
    assert counted == len(kept) <= len(acknowledged) + 1
    assert len(values) == 1, "a batch was written in part"
    assert values.pop() in {acknowledged[-1], acknowledged[-1] + 1}


def test_sigterm_ends_it_soon_and_cleanly(tmp_path: Path) -> None:
    with store(tmp_path) as (client, process):
        assert client.write("m x=1").status == 204
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    with store(tmp_path) as (client, _):
        assert client.query("SELECT count(x) FROM m").rows[0][1] == 1


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        line = refused_start(tmp_path, port)

    assert f"port {port}" in line
    assert "taken" in line


def test_a_store_that_another_process_has_open_is_named(tmp_path: Path) -> None:
    with store(tmp_path):
        line = refused_start(tmp_path, free_port())

    assert str(tmp_path / "store.duckdb") in line
    assert "in use by another process" in line


@pytest.mark.parametrize("content", [b"not a database at all" * 1000, b"x", b"\x00" * 20_000])
def test_a_damaged_file_is_named_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "store.duckdb").write_bytes(content)
    line = refused_start(tmp_path, free_port())

    assert str(tmp_path / "store.duckdb") in line
    assert (tmp_path / "store.duckdb").read_bytes() == content


def test_without_a_token_it_does_not_start(tmp_path: Path) -> None:
    environment(tmp_path, 1)
    (tmp_path / "secrets" / "store-token").unlink()
    (tmp_path / "secrets" / "store-token").mkdir()

    ended = subprocess.run(
        [sys.executable, "-m", "embedded.store"],
        env={**os.environ, "CITYOPS_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert ended.returncode == EX_CONFIG
    assert "no store token" in ended.stderr.decode()
    assert len(ended.stderr.decode().strip().splitlines()) == 1


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(tmp_path / "store.duckdb", "token") as url:
        client = Client(url)
        assert client.write("m x=1").status == 204
        monkeypatch.setattr("embedded.store.writer.FREE_BYTES", 2**62)
        reply = client.write("m x=2")
        monkeypatch.undo()

        assert reply.status == 503
        assert "disk full" in reply.json["message"]
        assert int(reply.headers["Retry-After"]) > 0
        assert client.query("SELECT x FROM m").rows[0][1] == 1
        assert client.write("m x=3").status == 204


def write_turns(url: str, table: int, faults: list[str]) -> None:
    client, now = Client(url), int(time.time())
    for turn in range(40):
        body = "\n".join(f"m{table},s=s{i} x={turn}i,f{turn % 7}={turn} {now}" for i in range(10))
        if client.write(body, precision="s").status != 204:
            faults.append(f"a write to m{table} was refused")


def read_turns(url: str, done: threading.Event, faults: list[str]) -> None:
    client = Client(url)
    while not done.is_set():
        results = client.query("SELECT x FROM m0; SELECT x FROM m1; SELECT x FROM m2").json["results"]
        for result in results:
            values = {row[1] for series in result.get("series", []) for row in series["values"]}
            if len(values) > 1 or "error" in result:
                faults.append(f"a reader saw {result}")


def test_writers_and_readers_at_once_see_whole_batches(tmp_path: Path) -> None:
    """Each body gives all its ten series one value: no reader may ever see two values in an answer."""
    with serve(tmp_path / "store.duckdb", "token") as url:
        faults: list[str] = []
        done = threading.Event()
        writers = [threading.Thread(target=write_turns, args=(url, table, faults)) for table in range(3)]
        readers = [threading.Thread(target=read_turns, args=(url, done, faults)) for _ in range(3)]
        for thread in [*writers, *readers]:
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        for thread in readers:
            thread.join()
        last = Client(url).query("SELECT last(x) FROM m0; SELECT last(x) FROM m1; SELECT last(x) FROM m2").json

    assert faults == []
    assert [result["series"][0]["values"][0][1] for result in last["results"]] == [39, 39, 39]
