"""A store that answers as it is told to, over real HTTP: influxdb-client above it stays real."""

from __future__ import annotations

import gzip
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. `hangs_up`: the connection is cut instead; `stalls`: the body is announced and never sent."""

    status: int = 204
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs_up: bool = False
    stalls: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A write as it came."""

    bucket: str
    precision: str
    lines: tuple[str, ...]


class StoreDouble:
    """Answers every write by `script`.

    Attributes:
        requests: every write, in the order in which it came.
        written: the lines that were answered 204 or told so by the script, in order.
    """

    def __init__(self, script: Callable[[Request], Answer]) -> None:
        self.requests: list[Request] = []
        self.written: list[str] = []
        self.released = threading.Event()
        double = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                asked = parse_qs(urlsplit(self.path).query)
                request = Request(asked["bucket"][0], asked["precision"][0], tuple(body.decode().splitlines()))
                double.requests.append(request)
                answer = script(request)
                if answer.hangs_up:
                    return
                if answer.status == 204:
                    double.written += request.lines
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body) + answer.stalls))
                self.end_headers()
                self.wfile.write(answer.body)
                if answer.stalls:
                    double.released.wait(30)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def store_double(script: Callable[[Request], Answer]) -> Iterator[StoreDouble]:
    """A store that answers by `script`, for as long as the block."""
    double = StoreDouble(script)
    try:
        yield double
    finally:
        double.close()
