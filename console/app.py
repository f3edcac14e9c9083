"""The server: pages, static files, health, behind the guard. NiceGUI's app is one for a process, and so is this."""

from __future__ import annotations

import logging
import re
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from nicegui import ui
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request  # noqa: TC002 - NiceGUI reads the annotation when it runs

from city import catalogue
from city.language import Language
from console.alerts.book import PostedBook
from console.alerts.door import door
from console.desk import desk_of
from console.frame import THEMES, frame
from console.guard import Guard, refuse_open_doors
from console.pages import PAGES
from console.texts import prefix_of, say
from console.view import View
from runtime.part import announce, start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from starlette.types import ASGIApp

    from console.desk import Desk
    from console.page import Page
    from runtime.settings import Settings

STATIC: Final = Path(__file__).parent / "static"
THEME_COOKIE: Final = "theme"
_A_YEAR_S: Final = 365 * 24 * 3600
_LOCAL: Final = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*", re.ASCII)
"""An address on this server: `//host` and `/\\host` lead elsewhere."""

_log = logging.getLogger("console")


def build(desk: Desk, on_ready: Callable[[], None] = lambda: None, pages: Sequence[Page] = PAGES) -> ASGIApp:
    """The whole application."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        on_ready()
        yield

    app = FastAPI(lifespan=life, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/health", lambda: PlainTextResponse("ok\n"))
    app.add_api_route("/theme/{theme}", _choose_theme)
    app.add_api_route("/en/theme/{theme}", _choose_theme)
    if isinstance(desk.book, PostedBook):
        take = door(desk.book, desk.settings.alerts_token())
        app.add_api_route("/api/alerts", take, methods=["POST"], response_model=None)
    app.mount("/static", StaticFiles(directory=STATIC))
    for language in Language:
        app.add_api_route(f"{prefix_of(language)}/", _home(language, pages))
        for page in pages:
            _register(page, language, desk, pages)
    ui.add_head_html(_head(), shared=True)
    ui.run_with(
        app,
        title=say(Language.VI, "frame.name"),
        favicon=STATIC / "favicon.svg",
        tailwind=False,
        binding_refresh_interval=None,
        reconnect_timeout=10.0,
        show_welcome_message=False,
        gzip_middleware_factory=None,
    )
    return GZipMiddleware(Guard(app, (desk.settings.console_host, *desk.settings.console_names)), compresslevel=5)


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = start()
    refuse_open_doors(settings)
    serve(settings, lambda: announce(settings, "console", url=url_of(settings)))


def url_of(settings: Settings) -> str:
    """Where it listens."""
    return f"http://{settings.console_host}:{settings.console_port}"


def serve(settings: Settings, on_ready: Callable[[], None] = lambda: None) -> None:
    """Serve the console of these settings until SIGTERM or SIGINT.

    Raises:
        CatalogueError: the packs are wrong.
        SystemExit: the port is taken; uvicorn has said so.
    """
    desk = desk_of(settings, catalogue.load())
    desk.prepare()
    guarded = build(desk, on_ready)
    uvicorn.Server(
        uvicorn.Config(
            guarded,
            host=settings.console_host,
            port=settings.console_port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=0,
        )
    ).run()


def _register(page: Page, language: Language, desk: Desk, pages: Sequence[Page]) -> None:
    async def show(request: Request) -> None:
        view = _view(request, desk, language)
        with frame(view, page, pages):
            made = page.build(view)
            if made is not None:
                await made

    title = f"{say(language, page.title)} · {say(language, 'frame.name')}"
    lang: Literal["vi", "en-US"] = "vi" if language is Language.VI else "en-US"
    ui.page(f"{prefix_of(language)}{page.path}", title=title, language=lang)(show)


def _view(request: Request, desk: Desk, language: Language) -> View:
    path = request.url.path.removeprefix(prefix_of(language))
    theme = request.cookies.get(THEME_COOKIE, "")
    return View(
        desk=desk,
        language=language,
        path=path,
        places=dict(request.path_params),
        query=dict(request.query_params),
        theme=theme if theme in THEMES else "",
        asked=request.url.query,
    )


def _home(language: Language, pages: Sequence[Page]) -> Callable[[], Awaitable[RedirectResponse]]:
    first = next(page for page in pages if page.in_navigation)

    async def home() -> RedirectResponse:
        return RedirectResponse(f"{prefix_of(language)}{first.path}")

    return home


async def _choose_theme(theme: str, to: str = "/") -> RedirectResponse:
    answer = RedirectResponse(to if _LOCAL.fullmatch(to) else "/")
    if theme in THEMES:
        answer.set_cookie(THEME_COOKIE, theme, max_age=_A_YEAR_S, httponly=True, samesite="strict")
    return answer


def _head() -> str:
    """Our styles, after NiceGUI's own."""
    return "".join(f'<link rel="stylesheet" href="/static/{file.name}">' for file in sorted(STATIC.glob("*.css")))
