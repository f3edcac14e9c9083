"""A store behind TLS: asked and written to when its certificate is one we trust, and never when it is not."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from embedded.store import serve
from tests.infra.certificate import certificate
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRITE = """
import asyncio, pathlib, sys
from runtime.connect import Store
from stream_app.sink import Sink, StoreAwayError
sink = Sink(Store(sys.argv[1], "cityops", "token"), pathlib.Path(sys.argv[2]))
try:
    asyncio.run(sink.write("city", ["m x=1 1795132800"]))
except StoreAwayError as error:
    sys.exit(f"away: {error}")
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of our own for localhost, and its key."""
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secured(tmp_path: Path, pair: tuple[Path, Path]) -> Iterator[tuple[str, Client]]:
    """The address of a store through TLS, and a client that goes to it directly."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    with serve(tmp_path / "store.duckdb", "token") as url, socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(url.rpartition(":")[2])
        threading.Thread(target=_accept, args=(listener, context, port), daemon=True).start()
        yield f"https://localhost:{listener.getsockname()[1]}", Client(url)


def _accept(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    """Take connections until the listener closes; each goes on to `port` without TLS."""
    with contextlib.suppress(OSError):
        while True:
            plain, _ = listener.accept()
            threading.Thread(target=_serve, args=(plain, context, port), daemon=True).start()


def _serve(plain: socket.socket, context: ssl.SSLContext, port: int) -> None:
    # A client that does not trust the certificate ends the handshake.
    with (
        contextlib.suppress(OSError),
        context.wrap_socket(plain, server_side=True) as outside,
        socket.create_connection(("127.0.0.1", port)) as inside,
    ):
        back = threading.Thread(target=_pump, args=(inside, outside), daemon=True)
        back.start()
        _pump(outside, inside)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def run(arguments: list[str], folder: Path, url: str, trusted: Path | None) -> subprocess.CompletedProcess[str]:
    """A Python of ours that trusts the system's authorities, and this certificate when it is named."""
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "secrets" / "store-token").write_text("token")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CITYOPS_", "SSL_CERT"))}
    trust = {} if trusted is None else {"SSL_CERT_FILE": str(trusted)}
    return subprocess.run(
        [sys.executable, *arguments],
        env={**kept, **trust, "CITYOPS_DATA_DIR": str(folder), "CITYOPS_STORE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_trusted_store_is_written_to_and_asked(
    secured: tuple[str, Client], pair: tuple[Path, Path], tmp_path: Path
) -> None:
    url, direct = secured
    written = run(["-c", WRITE, url, str(tmp_path)], tmp_path, url, pair[0])
    asked = run(["-m", "cli.main", "query", "SELECT x FROM m", "--db", "city"], tmp_path, url, pair[0])

    assert written.returncode == 0, written.stderr
    assert direct.query("SELECT x FROM m").rows == [["2026-11-20T00:00:00Z", 1]]
    assert asked.returncode == 0, asked.stderr
    assert "2026-11-20" in asked.stdout


def test_a_store_whose_certificate_nobody_vouches_for_gets_neither_points_nor_questions(
    secured: tuple[str, Client], tmp_path: Path
) -> None:
    url, direct = secured
    written = run(["-c", WRITE, url, str(tmp_path)], tmp_path, url, None)
    asked = run(["-m", "cli.main", "query", "SHOW MEASUREMENTS"], tmp_path, url, None)

    assert "away" in written.stderr
    assert "certificate verify failed" in asked.stderr
    assert len(asked.stderr.strip().splitlines()) == 1
    assert direct.query("SHOW MEASUREMENTS").rows == []
