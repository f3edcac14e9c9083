"""`POST /api/alerts`: Grafana's contact point. Who posts shows the token that both were given."""

from __future__ import annotations

import hmac
import logging
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation when it runs
from starlette.responses import PlainTextResponse

from city.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from console.alerts.book import PostedBook

MOST_BYTES: Final = 2_000_000
_log = logging.getLogger("console")


def door(book: PostedBook, token: str) -> Callable[[Request], Awaitable[PlainTextResponse]]:
    """The handler that writes down what is posted."""
    expected = f"Bearer {token}".encode()

    async def take(request: Request) -> PlainTextResponse:
        said = request.headers.get("authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(said, expected):
            return PlainTextResponse("the token is wrong or missing\n", 401, {"www-authenticate": "Bearer"})
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                return PlainTextResponse(f"longer than {MOST_BYTES} bytes\n", 413)
        try:
            await run_in_threadpool(book.take, bytes(body))
        except DataError as error:
            return PlainTextResponse(f"{error}\n", 400)
        except OSError as error:
            _log.warning("what was posted could not be kept: %s", error)
            return PlainTextResponse("could not be kept: try again\n", 503)
        return PlainTextResponse("taken\n")

    return take
