"""Stands before everything: who may ask, and what a browser may do with the answer.

A page on loopback needs no token, so that every program in every browser of this machine can reach it. What keeps
other people's pages out is the name they have to call us by (DNS rebinding), the Origin their browsers state (requests
and WebSockets across sites), and the policy below.
"""

from __future__ import annotations

import ipaddress
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from city.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from runtime.settings import Settings

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})

POLICY: Final = {
    "default-src": "'none'",
    # 'unsafe-eval': NiceGUI compiles Vue templates and evaluates the handlers that its server sends. The scripts of its
    # page carry this answer's nonce; of what names and comments bring into that page it has escaped every "<", and what
    # comes later, through the WebSocket, has no nonce.
    "script-src": "'self' 'nonce-{nonce}' 'unsafe-eval'",
    # 'unsafe-inline': NiceGUI puts <style> into its page, Quasar and ECharts position by style attributes.
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
"""The content security policy. No host but our own stands in it."""

HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

_SCRIPT: Final = b"<script"


def refuse_open_doors(settings: Settings) -> None:
    """Refuse to listen where others could connect: there are no accounts yet.

    Raises:
        UsageError: the host is not loopback, and no setting says that something else keeps it there.
    """
    if settings.console_guarded or _is_loopback(settings.console_host):
        return
    raise UsageError(
        f"console_host = {settings.console_host}: the console has no accounts, so it listens on 127.0.0.1 only; set "
        "console_guarded where something else keeps others out, as Compose does by publishing on 127.0.0.1"
    )


class Guard:
    """Wraps an application.

    Args:
        app: what is guarded.
        names: host names it answers to, beside loopback's own.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        self.app = app
        self._names = LOOPBACK_NAMES | {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        fault = self._fault(Headers(scope=scope))
        if not fault:
            await self.app(scope, receive, _Answer(send) if scope["type"] == "http" else send)
        elif scope["type"] == "http":
            await PlainTextResponse(f"{fault}\n", 421, dict(HEADERS))(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": fault})

    def _fault(self, headers: Headers) -> str:
        if len(headers.getlist("host")) != 1 or _host(f"//{headers['host']}") not in self._names:
            return "this server does not answer to that name: see the setting console_names"
        origins = headers.getlist("origin")
        if any(urlsplit(origin).netloc.lower() != headers["host"].lower() for origin in origins):
            return "asked by a page of another site"
        return ""


class _Answer:
    """Adds headers to an answer, and to a page's own scripts the nonce that lets them run."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._nonce = secrets.token_urlsafe(16)
        self._start: Message | None = None
        self._page = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            policy = "; ".join(f"{name} {value}" for name, value in POLICY.items())
            headers["content-security-policy"] = policy.format(nonce=self._nonce)
            for name, value in HEADERS.items():
                headers[name] = value
            if headers.get("content-type", "").startswith("text/html"):
                self._start = message
                return
        if self._start is None:
            await self._send(message)
            return
        self._page += message.get("body", b"")
        if not message.get("more_body", False):
            body = bytes(self._page).replace(_SCRIPT, b'%s nonce="%s"' % (_SCRIPT, self._nonce.encode()))
            MutableHeaders(scope=self._start)["content-length"] = str(len(body))
            await self._send(self._start)
            await self._send({"type": "http.response.body", "body": body})


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
