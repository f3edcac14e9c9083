"""Our worker as a city runs it: a process of its own beside an embedded store, reading a Kafka."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import psutil

from bench.store import store

if TYPE_CHECKING:
    from collections.abc import Iterator


class Running(NamedTuple):
    """The worker's process, the port of its figures, and the store it writes to."""

    process: psutil.Process
    metrics_port: int
    store_url: str
    token: str


@contextmanager
def running_worker(broker: str) -> Iterator[Running]:
    """A worker with a group of its own; both processes end with the block."""
    with store() as (url, token, _, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        environment = {
            **os.environ,
            "CITYOPS_DATA_DIR": str(folder),
            "CITYOPS_STORE_TOKEN_FILE": str(folder / "token"),
            "CITYOPS_STORE_URL": url,
            "CITYOPS_BROKER": broker,
            "CITYOPS_METRICS_PORT": str(port),
            "CITYOPS_GROUP": f"bench-{secrets.token_hex(4)}",
            "CITYOPS_LOG_LEVEL": "WARNING",
        }
        process = subprocess.Popen([sys.executable, "-m", "stream_app"], env=environment)
        try:
            yield Running(psutil.Process(process.pid), port, url, token)
        finally:
            process.terminate()
            process.wait()
