"""What stands on each board, as data: it follows from the packs. `layouts(catalogue)` gives all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from city.boards.area import area_board
from city.boards.domain import default_layout, layout_of
from city.boards.history import RANGES, history_board
from city.boards.overview import overview_board
from city.boards.pipeline import pipeline_board

if TYPE_CHECKING:
    from city.catalogue import Catalogue
    from city.layout import Layout

__all__ = ["default_layout", "layout_of", "layouts"]


def layouts(catalogue: Catalogue) -> tuple[Layout, ...]:
    """Every board: the city, each domain now and over longer ranges, one area, the pipeline."""
    domains = catalogue.domains
    boards = [overview_board(domains)]
    for domain in domains:
        now = layout_of(domain)
        boards += [now, *(history_board(now, domain, past) for past in RANGES)]
    return (*boards, area_board(domains), pipeline_board(domains))
