from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


def cityops(
    *arguments: str, cwd: Path, stdin: str = "", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, as the launcher does."""
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=cwd,
        input=stdin,
        env={"PATH": os.environ["PATH"], **own_environment(), **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def own_environment() -> dict[str, str]:
    return {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYTHONSAFEPATH": "1"}


def fails(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Assert that it failed as a command must: the exit code, one line, no traceback, nothing printed."""
    assert result.returncode == code, result.stderr
    assert result.stderr.startswith("cityops: ")
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr


@dataclass
class StoreDouble:
    """An HTTP server that answers `/query` with what a test scripts, and remembers what it was asked."""

    url: str = ""
    token: str = "s3cret"
    status: int = 200
    body: bytes = json.dumps({"results": [{"statement_id": 0}]}).encode()
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreDouble]:
    double = StoreDouble()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.headers["Authorization"] != f"Token {double.token}":
                self._answer(401, b'{"code":"unauthorized","message":"unauthorized access"}')
            elif self.path.startswith("/api/v2/delete"):
                double.deleted.append(self.path)
                self._answer(double.status if double.status != 200 else 204, b"")
            else:
                double.asked.append(parse_qs(body))
                self._answer(double.status, double.body)

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    double.url = f"http://127.0.0.1:{server.server_port}"
    (tmp_path / "token").write_text(double.token + "\n")
    (tmp_path / "cityops.toml").write_text(f'store_url = "{double.url}"\nstore_token_file = "token"\n')
    yield double
    server.shutdown()
    thread.join()
    server.server_close()
