"""The order of the documentation's parts, for mkdocs: whoever is new comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.structure.nav import Navigation

PARTS = ("tutorials", "how-to", "reference", "explanation", "decisions")


def on_nav(nav: Navigation, **_: object) -> Navigation:
    """The first page, then the parts."""
    nav.items.sort(key=lambda item: PARTS.index(_folder(item)) if _folder(item) in PARTS else -1)
    return nav


def _folder(item: object) -> str:
    """The folder of a part: mkdocs makes `How to` of `how-to`."""
    return str(getattr(item, "title", "") or "").lower().replace(" ", "-")
