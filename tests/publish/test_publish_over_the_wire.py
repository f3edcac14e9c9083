"""A certificate nobody trusts, a server that never answers: what the command says and how it ends, in its process."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import cityops, fails
from tests.infra.certificate import certificate
from tests.publish.grafana_double import TOKEN, State, grafana_double

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path


def publish(where: str, tmp_path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "token").write_text(TOKEN)
    arguments = ("--grafana", where, "--token-file", "token", "--secrets", "secrets", "--dry-run", *options)
    store = {"CITYOPS_STORE_URL": "http://influxdb:8086", "CITYOPS_STORE_TOKEN_FILE": str(tmp_path / "token")}
    return cityops("dashboards", "publish", *arguments, cwd=tmp_path, environment=store)


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A Grafana behind TLS with a certificate that vouches for itself: its address, and the certificate."""
    crt, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(crt, key)
    with grafana_double(State(), context) as url:
        yield url.replace("http://127.0.0.1", "https://localhost"), crt


def test_a_certificate_that_nobody_vouches_for_is_one_line_with_the_way_out(
    secured: tuple[str, Path], tmp_path: Path
) -> None:
    url, _ = secured
    words = (f"TLS with {url} fails", "not trusted (self-signed certificate)", "name its authority by --ca-file")
    fails(publish(url, tmp_path), 1, *words)


def test_the_way_out_leads_out(secured: tuple[str, Path], tmp_path: Path) -> None:
    url, crt = secured
    result = publish(url, tmp_path, "--ca-file", str(crt))
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("Grafana ")
    assert "nothing was written" in result.stdout


def test_a_certificate_of_another_host_is_said_to_be_one(secured: tuple[str, Path], tmp_path: Path) -> None:
    url, crt = secured
    result = publish(url.replace("localhost", "127.0.0.1"), tmp_path, "--ca-file", str(crt))
    fails(result, 1, "not valid for '127.0.0.1'", "the host as the certificate does")


@contextmanager
def mute(start: bytes) -> Iterator[str]:
    """A server that takes every request, says `start` and no more."""
    open_: list[socket.socket] = []

    def take() -> None:
        while True:
            try:
                taken, _ = server.accept()
            except OSError:
                return
            open_.append(taken)
            taken.recv(65_536)
            taken.sendall(start)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join()
    for one in open_:
        one.close()


BEGUN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"


@pytest.mark.parametrize("start", [b"", BEGUN], ids=["nothing", "half an answer"])
def test_a_server_that_never_answers_is_one_line_with_the_way_out(start: bytes, tmp_path: Path) -> None:
    with mute(start) as url:
        result = publish(url, tmp_path, "--timeout", "0.5")
    fails(result, 1, f"the Grafana at {url} did not answer within 0.5 s", "give it longer by --timeout")


def test_no_time_at_all_is_no_patience(tmp_path: Path) -> None:
    result = publish("http://127.0.0.1:1", tmp_path, "--timeout", "0")
    assert result.returncode == 2
