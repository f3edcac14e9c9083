"""A store behind its HTTP door: in a thread of this process (`serve`), or as the process itself (`run_forever`)."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import threading
import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from aiohttp import web

from city.errors import CityopsError
from embedded.store.routes import application
from embedded.store.service import QUERY_SECONDS, Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

LOOPBACK = "127.0.0.1"
GOODBYE_SECONDS = 1.0
"""How long a request under way may take once the store is told to stop."""


@contextmanager
def serve(
    path: Path,
    token: str,
    port: int = 0,
    *,
    clock_ns: Callable[[], int] = time.time_ns,
    query_seconds: float = QUERY_SECONDS,
) -> Iterator[str]:
    """Serve the store at `path` from a thread, for as long as the block lasts; port 0: a free one. Gives the URL.

    Raises:
        CityopsError: the port is taken, the file is in use or damaged.
    """
    listener = listen(port)
    try:
        store = Store(path, clock_ns=clock_ns, query_seconds=query_seconds)
    except BaseException:
        listener.close()
        raise
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    ready = threading.Event()

    async def main() -> None:
        async with _site(store, token, listener):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),), name="store-http")
    thread.start()
    try:
        ready.wait()
        yield url_of(listener)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
        store.close()


def run_forever(path: Path, token: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the store at `path` until SIGTERM or SIGINT; `ready` is told the URL.

    Raises:
        CityopsError: the port is taken, the file is in use or damaged, or a write failed beyond repair.
    """
    listener = listen(port)
    try:
        asyncio.run(_until_told(path, token, listener, ready))
    finally:
        listener.close()


def listen(port: int) -> socket.socket:
    """A listening socket on loopback; port 0: a free one.

    Raises:
        CityopsError: the port is taken, or may not be used.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise CityopsError(
                f"port {port} on {LOOPBACK} is taken: stop what uses it, or choose another (store_port)"
            ) from error
        raise CityopsError(f"port {port} on {LOOPBACK}: {error.strerror}") from error
    listener.setblocking(False)  # noqa: FBT003 - the socket's own signature
    return listener


def url_of(listener: socket.socket) -> str:
    """The URL of the store behind a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"


async def _until_told(path: Path, token: str, listener: socket.socket, ready: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    faults: list[str] = []

    def fatal(message: str) -> None:
        faults.append(message)
        loop.call_soon_threadsafe(stop.set)

    store = Store(path, fatal=fatal)
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with _site(store, token, listener):
            ready(url_of(listener))
            await stop.wait()
    finally:
        store.close()
    if faults:
        raise CityopsError(f"the store stopped: {faults[0]}; what was acknowledged is on disk, start it again")


@asynccontextmanager
async def _site(store: Store, token: str, listener: socket.socket) -> AsyncIterator[None]:
    # The body is unpacked by `routes`, within its bound.
    runner = web.AppRunner(
        application(store, token), access_log=None, auto_decompress=False, shutdown_timeout=GOODBYE_SECONDS
    )
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield
    finally:
        await runner.cleanup()
