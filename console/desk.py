"""What all pages share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from console.alerts.book import POSTED_FILE, PostedBook, RoundsBook
from console.map.cells import Ground, ground
from console.store import store_of
from console.wall.situation import Watch

if TYPE_CHECKING:
    from city.catalogue import Catalogue
    from console.alerts.book import Book
    from console.store import Store
    from runtime.settings import Settings


@dataclass(frozen=True)
class Desk:
    """The city that this console shows."""

    settings: Settings
    catalogue: Catalogue
    store: Store
    book: Book

    @cached_property
    def watch(self) -> Watch:
        """How the city is."""
        return Watch(self.store, self.catalogue, self.book)

    @cached_property
    def ground(self) -> Ground:
        """The city's areas as cells."""
        return ground(self.catalogue.city)


def desk_of(settings: Settings, catalogue: Catalogue) -> Desk:
    """The desk over the store of the settings, and over whoever says what fires."""
    posted = settings.alerts_token_file is not None
    book: Book = (
        PostedBook(settings.data_dir / POSTED_FILE, catalogue.city)
        if posted
        else RoundsBook(settings.data_dir, catalogue.city)
    )
    return Desk(settings, catalogue, store_of(settings), book)
