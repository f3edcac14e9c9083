"""What can be opened: the only list of pages, in the order of the navigation."""

from __future__ import annotations

from typing import Final

from console.page import Page
from console.pages.alerts import alerts_page
from console.pages.area import area_page
from console.pages.areas import areas_page
from console.pages.board import board_page, boards_page
from console.pages.help import help_page
from console.pages.map import map_page
from console.pages.replay import replay_page
from console.pages.sources import sources_page
from console.pages.wall import wall_page

PAGES: Final = (
    Page("/wall", "wall.title", wall_page, in_navigation=True, bare=True),
    Page("/boards", "boards.title", boards_page, in_navigation=True),
    Page("/boards/{uid}", "boards.title", board_page, named=False),
    Page("/map", "map.title", map_page, in_navigation=True),
    Page("/areas", "areas.title", areas_page, in_navigation=True),
    Page("/areas/{code}", "area.title", area_page, named=False),
    Page("/alerts", "alerts.title", alerts_page, in_navigation=True),
    Page("/sources", "sources.title", sources_page, in_navigation=True),
    Page("/replay", "replay.title", replay_page, in_navigation=True),
    Page("/help", "help.title", help_page, in_navigation=True),
)
