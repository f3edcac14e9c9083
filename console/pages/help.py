"""`/help`: what each page is for, what signs mean, which keys do what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nicegui import html

from city.standing import State
from console.marks import css, state_words

if TYPE_CHECKING:
    from console.view import View

PAGES: Final = ("wall", "boards", "map", "areas", "alerts", "sources", "replay", "help")
KEYS: Final = {"Tab": "tab", "← ↑ → ↓": "arrows", "Enter": "enter"}


def help_page(view: View) -> None:
    """The page."""
    html.p(view.say("help.about"))
    html.h2(view.say("help.pages"))
    with html.dl().classes("words"):
        for name in PAGES:
            with html.dt():
                html.a(view.say(f"{name}.title"), href=view.link(f"/{name}"))
            html.dd(view.say(f"help.{name}"))
    html.p(view.say("help.about_cycle"))
    html.h2(view.say("help.signs"))
    with html.dl().classes("words"):
        for state in State:
            with html.dt():
                html.span(state_words(view, state)).classes(f"mark {css(state)}")
            html.dd(view.say(f"help.{css(state)}"))
    html.h2(view.say("help.keys"))
    with html.dl().classes("words"):
        for key, meaning in KEYS.items():
            with html.dt():
                html.kbd(key)
            html.dd(view.say(f"help.{meaning}"))
