"""An ASGI application asked without a server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: of a WebSocket, the code it was closed with, or 101."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    app: ASGIApp,
    path: str = "/",
    *,
    method: str = "GET",
    body: bytes = b"",
    kind: str = "http",
    headers: dict[str, str] | None = None,
) -> Answer:
    """One request, or the opening of one WebSocket."""
    given = {"host": "127.0.0.1:18080"} | (headers or {})
    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http" if kind == "http" else "ws",
        "server": ("127.0.0.1", 18080),
        "client": ("127.0.0.1", 5),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in given.items()],
    }
    return asyncio.run(_ask(app, scope, body))


async def _ask(app: ASGIApp, scope: dict[str, Any], body: bytes) -> Answer:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    first = sent[0]
    told = {name.decode(): value.decode() for name, value in first.get("headers", [])}
    status = first.get("status", first.get("code", 101))
    return Answer(status, told, b"".join(message.get("body", b"") for message in sent[1:]))
