"""Many walls on one console: `.venv/bin/python -m bench.walls [WALLS] [SECONDS] [URL]`.

Opens walls as browsers do (a page, then its WebSocket), keeps them open, and measures what the console's process
takes meanwhile: cores, memory at the beginning and at the end, and what was sent to each wall.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import psutil
import socketio

URL: Final = "http://127.0.0.1:18080"
ACK_EVERY_S: Final = 3.0
WARM_UP_S: Final = 15.0


@dataclass
class Wall:
    """One open wall."""

    url: str
    session: aiohttp.ClientSession
    messages: int = 0
    page_ms: float = 0.0
    _client: str = ""
    _next: int = 0
    _socket: socketio.AsyncClient = field(default_factory=lambda: socketio.AsyncClient(reconnection=False))

    async def open(self) -> None:
        """Load the page and connect its socket."""
        began = time.perf_counter()
        async with self.session.get(f"{self.url}/wall") as answer:
            page = await answer.text()
        self.page_ms = (time.perf_counter() - began) * 1000
        found = re.search(r"'client_id': '([^']+)'", page)
        assert found, "the page names no client"
        client = self._client = found[1]
        told = {
            "client_id": client,
            "next_message_id": 0,
            "implicit_handshake": "true",
            "document_id": uuid.uuid4(),
            "tab_id": uuid.uuid4(),
        }
        self._socket.on("*", self._heard)
        await self._socket.connect(
            f"{self.url}?{urlencode(told)}", socketio_path="/_nicegui_ws/socket.io", transports=["websocket"]
        )

    async def close(self) -> None:
        """Leave."""
        await self._socket.disconnect()

    async def acknowledge(self) -> None:
        """What a browser says every three seconds, so that the server keeps no history for it."""
        if self._socket.connected:
            await self._socket.emit("ack", {"client_id": self._client, "next_message_id": self._next})

    @property
    def is_open(self) -> bool:
        """Whether it still is."""
        return bool(self._socket.connected)

    async def _heard(self, _event: str, *data: Any) -> None:
        self.messages += 1
        if data and isinstance(data[0], dict):
            self._next = int(data[0].get("_id", self._next - 1)) + 1


def console_of(url: str) -> psutil.Process:
    """The process that listens there."""
    port = int(url.rsplit(":", 1)[1])
    for connection in psutil.net_connections("tcp"):
        if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
            assert connection.pid is not None
            return psutil.Process(connection.pid)
    sys.exit(f"nobody listens at {url}")


async def measure(walls: int, seconds: float, url: str) -> None:
    """Open the walls, wait, and tell."""
    process = console_of(url)
    async with aiohttp.ClientSession() as session:
        opened = [Wall(url, session) for _ in range(walls)]
        for wall in opened:
            await wall.open()
        await asyncio.sleep(WARM_UP_S)
        before, memory, began = process.cpu_times(), process.memory_info().rss, time.monotonic()
        while time.monotonic() < began + seconds:
            await asyncio.sleep(ACK_EVERY_S)
            await asyncio.gather(*(wall.acknowledge() for wall in opened))
        after, lasted = process.cpu_times(), time.monotonic() - began
        cores = (after.user + after.system - before.user - before.system) / lasted
        late = sorted(wall.page_ms for wall in opened)
        print(f"walls        {walls}")
        print(f"cores        {cores:.3f}")
        print(f"memory       {memory / 2**20:.0f} MB, after {lasted:.0f} s {process.memory_info().rss / 2**20:.0f} MB")
        print(f"page         median {late[len(late) // 2]:.0f} ms, slowest {late[-1]:.0f} ms")
        print(f"open         {sum(wall.is_open for wall in opened)} of {walls} to the end")
        print(f"messages     {sum(wall.messages for wall in opened) / walls / lasted:.2f} a second and wall")
        await asyncio.gather(*(wall.close() for wall in opened))


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(
        measure(
            int(given[0]) if given else 50,
            float(given[1]) if len(given) > 1 else 60.0,
            given[2].rstrip("/") if len(given) > 2 else URL,
        )
    )
