"""What all pages share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from city.catalogue import Catalogue
    from runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """The city that this console shows."""

    settings: Settings
    catalogue: Catalogue
