"""`/help`: what each page is for, what signs mean, which keys do what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

if TYPE_CHECKING:
    from console.view import View


def help_page(view: View) -> None:
    """The page."""
    ui.label(view.say("help.about"))
