"""A proxy between worker and store: audits every write, and fails on script.

It keeps InfluxDB's real contract: what it answers itself (503 with Retry-After, a cut connection, silence) is what
a real server or network would do.
"""

from __future__ import annotations

import gzip
import http.client
import sys
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    Script = Callable[[BaseHTTPRequestHandler, bytes], bool]
    """What to do with a write; whether it has been dealt with."""


class Proxy:
    """Forwards requests to the store at `target`.

    Attributes:
        settled: every value that each settled point was ever given: one, if the worker keeps its promise.
    """

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._lock = threading.Lock()
        self._script: Script | None = None
        self.settled: dict[str, set[str]] = defaultdict(set)
        self.writes = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._serve(self)

            def do_GET(self) -> None:
                outer._serve(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def do(self, script: Script | None) -> None:
        """From now on give every write to `script` first; it returns whether it has dealt with it."""
        self._script = script

    def second_values(self) -> dict[str, set[str]]:
        """The settled points that were given more than one value."""
        with self._lock:
            return {point: values for point, values in self.settled.items() if len(values) > 1}

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        if request.path.startswith("/api/v2/write"):
            self._audit(request, body)
            script = self._script
            if script and script(request, body):
                return
        try:
            status, headers, answer = self.forward(request, body)
        except (OSError, http.client.HTTPException):
            cut(request)
            return
        request.send_response(status)
        for name in ("Content-Type", "Retry-After"):
            if name in headers:
                request.send_header(name, headers[name])
        request.send_header("Content-Length", str(len(answer)))
        try:
            request.end_headers()
            request.wfile.write(answer)
        except (BrokenPipeError, ConnectionResetError):  # a worker that was killed does not wait for its answer
            request.close_connection = True

    def forward(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Ask the store."""
        connection = http.client.HTTPConnection(self._target.hostname or "", self._target.port, timeout=30)
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        try:
            connection.request(request.command, request.path, body, headers)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def _audit(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        bucket = parse_qs(urlsplit(request.path).query)["bucket"][0]
        text = gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body
        with self._lock:
            self.writes += 1
            if bucket == "city":
                for line in text.decode().splitlines():
                    point, fields, stamp = line.rsplit(" ", 2)
                    self.settled[f"{point} {stamp}"].add(fields)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no news; anything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # typed as a raw socket


def cut(request: BaseHTTPRequestHandler) -> bool:
    """Cut the connection without an answer."""
    request.close_connection = True
    request.connection.close()
    return True


def away(request: BaseHTTPRequestHandler, _: bytes) -> bool:
    """The store is away: nobody answers."""
    return cut(request)


def busy(request: BaseHTTPRequestHandler, _: bytes) -> bool:
    """503 with Retry-After."""
    request.send_response(503)
    request.send_header("Retry-After", "1")
    request.send_header("Content-Length", "0")
    request.end_headers()
    return True


class HoldOne:
    """Holds the next write, lets the client time out, and lets the write through when told to."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._taken = threading.Lock()
        self.held = threading.Event()
        self.release = threading.Event()
        self.landed = threading.Event()

    def __call__(self, request: BaseHTTPRequestHandler, body: bytes) -> bool:
        """The script: only the first write with something in it is held."""
        if "bucket=city_live" not in request.path or not self._taken.acquire(blocking=False):
            return False
        self.held.set()
        threading.Thread(target=self._later, args=(request, body), daemon=True).start()
        self.landed.wait()  # the client has long given up; its thread ends with the write
        return cut(request)

    def _later(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        self.release.wait()
        self._proxy.forward(request, body)
        self.landed.set()


def wait_until(true: Callable[[], object], limit_s: float, what: str) -> None:
    """Poll until it is true.

    Raises:
        AssertionError: it did not become true in time.
    """
    until = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < until, f"not in {limit_s} s: {what}"
        time.sleep(0.1)
