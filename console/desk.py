"""What all pages share."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from city.domain import Text
from city.operations import PIPELINE
from console.alerts.book import POSTED_FILE, PostedBook, RoundsBook
from console.boards.library import library, provisioned
from console.map.boundaries import boundaries
from console.map.cells import Ground, ground
from console.panels.studio import Studio
from console.replay.player import Player
from console.store import SharedStore, asker_of
from console.wall.situation import Watch

if TYPE_CHECKING:
    from city.catalogue import Catalogue
    from city.domain import Kpi, RuleBook
    from console.alerts.book import Book
    from console.boards.asking import Asker
    from console.store import Store
    from runtime.settings import Settings


@dataclass(frozen=True)
class Desk:
    """The city that this console shows."""

    settings: Settings
    catalogue: Catalogue
    asker: Asker
    book: Book

    @cached_property
    def store(self) -> Store:
        """Answers for all pages but the boards, which watch theirs."""
        return SharedStore(self.asker)

    def prepare(self) -> None:
        """Make what takes its time, so that the first page does not wait for it."""
        _ = self.studio, self.ground

    def domain_title(self, name: str) -> Text:
        """What operators call a domain; the stream itself is watched like one."""
        books: tuple[RuleBook, ...] = (*self.catalogue.domains, PIPELINE)
        return next((book.title for book in books if book.name == name), Text(name, name))

    def kpi_of(self, domain: str, rule: str) -> Kpi | None:
        """The KPI that a rule watches; None where no pack has the rule."""
        books: tuple[RuleBook, ...] = (*self.catalogue.domains, PIPELINE)
        kpis = (
            next((kpi for kpi in book.kpis if kpi.name == one.kpi), None)
            for book in books
            if book.name == domain
            for one in book.rules
            if one.name == rule
        )
        return next(kpis, None)

    @cached_property
    def watch(self) -> Watch:
        """How the city is."""
        return Watch(self.store, self.catalogue, self.book)

    @cached_property
    def studio(self) -> Studio:
        """What boards show."""
        return Studio(library(provisioned()), self.asker, time.time)

    @cached_property
    def player(self) -> Player:
        """What says recorded things again."""
        return Player(self.settings)

    @cached_property
    def ground(self) -> Ground:
        """The city's areas as cells."""
        path, city = self.settings.map_boundaries, self.catalogue.city
        return ground(city, boundaries(path, city) if path else None)


def desk_of(settings: Settings, catalogue: Catalogue) -> Desk:
    """The desk over the store of the settings, and over whoever says what fires."""
    posted = settings.alerts_token_file is not None
    book: Book = (
        PostedBook(settings.data_dir / POSTED_FILE, catalogue.city)
        if posted
        else RoundsBook(settings.data_dir, catalogue.city)
    )
    return Desk(settings, catalogue, asker_of(settings), book)
