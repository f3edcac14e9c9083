"""What stands around every page: header, navigation, language, theme, and the way past them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from nicegui import html, ui

from console.cycle import go_round, seconds
from console.view import address

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from console.page import Page
    from console.view import View

THEMES: Final = {"light": False, "dark": True}
"""What a person may choose; without a choice their machine's own counts."""

CONTENT: Final = "content"


@contextmanager
def frame(view: View, page: Page, pages: Sequence[Page]) -> Iterator[None]:
    """The page's surroundings; what is built inside is its content."""
    ui.dark_mode(value=THEMES.get(view.theme))
    go_round(view)
    bare = page.bare or seconds(view) > 0
    if not bare:
        ui.add_body_html('<script src="/static/choices.js" defer></script>')
        with ui.header(fixed=False).classes(replace="top"):
            html.a(view.say("frame.skip"), href=f"#{CONTENT}").classes("skip")
            html.a(view.say("frame.name"), href=view.link("/")).classes("name")
            _navigation(view, page, pages)
            _choices(view)
    with html.div(id=CONTENT, tabindex="-1").classes("bare" if page.bare else "framed"):
        if page.named and not bare:
            html.h1(view.say(page.title))
        yield


def _navigation(view: View, page: Page, pages: Sequence[Page]) -> None:
    with html.nav(**{"aria-label": view.say("frame.navigation")}), html.ul():
        for other in pages:
            if other.in_navigation:
                current = {"aria-current": "page"} if other is page else {}
                with html.li():
                    html.a(view.say(other.title), href=view.link(other.path), **current)


def _choices(view: View) -> None:
    """The other language, and the other theme: plain links, so that they work before any script does."""
    other = view.language.other
    with html.div().classes("choices"):
        html.a(view.say("frame.other_language"), href=view.here(other), lang=other, hreflang=other)
        for theme in THEMES:
            html.a(
                view.say(f"frame.{theme}"), href=address(view.language, f"/theme/{theme}", {"to": view.here()})
            ).classes(f"to-{theme}")
