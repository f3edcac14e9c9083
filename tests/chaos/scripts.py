"""What a proxy does with writes, beyond what `tests.whole.proxy` has."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.whole.proxy import cut

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler

    from tests.whole.proxy import Proxy


def bucket_of(request: BaseHTTPRequestHandler) -> str:
    """Where a write goes."""
    return parse_qs(urlsplit(request.path).query)["bucket"][0]


class Unauthorized:
    """401 for every write; `asked` is set at the first."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def __call__(self, request: BaseHTTPRequestHandler, _: bytes) -> bool:
        """The script."""
        self.asked.set()
        request.send_response(401)
        request.send_header("Content-Length", "0")
        request.end_headers()
        return True


class Cutting:
    """Lets a share of the writes through and cuts their connections before the answer."""

    def __init__(self, proxy: Proxy, dice: random.Random, share: float) -> None:
        self._proxy = proxy
        self._dice = dice
        self._share = share
        self.times = 0

    def __call__(self, request: BaseHTTPRequestHandler, body: bytes) -> bool:
        """The script."""
        if self._dice.random() > self._share:
            return False
        self._proxy.forward(request, body)
        self.times += 1
        return cut(request)


class Slow:
    """Holds a share of the writes for some seconds, and lets each through whether its client still waits or not."""

    def __init__(self, dice: random.Random, share: float, most_s: float) -> None:
        self._dice = dice
        self._share = share
        self._most_s = most_s
        self._lock = threading.Lock()
        self.held = 0
        self.under_way = 0

    def __call__(self, _request: BaseHTTPRequestHandler, _body: bytes) -> bool:
        """The script."""
        if self._dice.random() > self._share:
            return False
        with self._counted():
            time.sleep(self._dice.uniform(self._most_s / 2, self._most_s))
        return False

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self.held += 1
            self.under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self.under_way -= 1
