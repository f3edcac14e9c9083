"""The little Markdown that the reference pages are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HEAD: Final = "<!-- Made by `./cityops docs build` from the code: change that, not this page. -->\n\n"


def page(title: str, *parts: str) -> str:
    """A whole page: what made it, its title, its parts with a blank line between."""
    return HEAD + "\n\n".join((f"# {title}", *(part.strip("\n") for part in parts if part.strip()))) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; empty where it has no rows."""
    lines = [_row(row) for row in rows]
    return "\n".join((_row(header), "|" + "---|" * len(header), *lines)) if lines else ""


def code(text: str) -> str:
    """A name as one types it; nothing stays nothing."""
    return f"`{text}`" if text else ""


def codes(names: Iterable[str]) -> str:
    """Names, side by side."""
    return " ".join(map(code, names))


def prose(text: str) -> str:
    """Words for a terminal as Markdown: `<NAME>` is no tag of HTML."""
    return text.replace("<", "&lt;")


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"
