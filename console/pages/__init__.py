"""What can be opened: the only list of pages, in the order of the navigation."""

from __future__ import annotations

from typing import Final

from console.page import Page
from console.pages.help import help_page
from console.pages.wall import wall_page

PAGES: Final = (
    Page("/wall", "wall.title", wall_page, bare=True),
    Page("/help", "help.title", help_page, in_navigation=True),
)
