"""What a page knows while it is built: its language, what was asked for, and the console behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from console.texts import prefix_of, say

_BOARD: Final = re.compile(r"/d/(?P<name>[a-z0-9-]+)-(?:vi|en)(?:\?viewPanel=(?P<panel>\d+))?", re.ASCII)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from city.domain import Text
    from city.language import Language
    from console.desk import Desk


@dataclass(frozen=True, slots=True)
class View:
    """One page as one person looks at it.

    Attributes:
        desk: what all pages share: the city, the store, what fires.
        path: the page's address without the language.
        places: the parts of the address that name something (`uid`, `code`).
        query: what stands behind `?`, the last of equal names.
        asked: all of that as it was written, for a board may be asked for several values of a name.
        theme: `light`, `dark`, or empty: as the person's machine has it.
    """

    desk: Desk
    language: Language
    path: str
    places: Mapping[str, str]
    query: Mapping[str, str]
    theme: str = ""
    asked: str = ""

    def say(self, key: str, **values: object) -> str:
        """One of the console's own texts."""
        return say(self.language, key, **values)

    def of(self, text: Text) -> str:
        """A pack's words."""
        return self.language.say(text)

    def link(self, path: str, **query: str) -> str:
        """The address of another page in the same language; empty values are left out."""
        return address(self.language, path, query)

    def kept(self) -> dict[str, str]:
        """What is chosen beside the place, as the address says: it goes along from city to zone, area and site."""
        return {name: value for name in ("domain", "kpi") if (value := self.query.get(name, ""))}

    def board(self, address: str) -> str:
        """Our page of a board that Grafana's address names (`/d/traffic-vi?viewPanel=7`); empty where it is none."""
        found = _BOARD.fullmatch(address)
        if not found:
            return ""
        return self.link(f"/boards/{found['name']}-{self.language}", viewPanel=found["panel"] or "")

    def here(self, language: Language | None = None) -> str:
        """The address of this page, in this or another language."""
        return address(language or self.language, self.path, {}) + (f"?{self.asked}" if self.asked else "")


def address(language: Language, path: str, query: Mapping[str, str]) -> str:
    """A page's address, quoted."""
    asked = urlencode({name: value for name, value in query.items() if value})
    return quote(f"{prefix_of(language)}{path}") + (f"?{asked}" if asked else "")
