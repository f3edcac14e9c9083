"""What a page is: an address, a title, and a function that builds it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from console.view import View

Build = Callable[[View], None] | Callable[[View], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page, in every language.

    Attributes:
        path: as in `/areas/{code}`; the English page lies below `/en`.
        title: the key of its title's text.
        build: makes its elements.
        in_navigation: it stands in the header of every page.
        named: its title stands on it; otherwise it says a heading of its own.
        bare: without header and navigation, for a screen that nobody sits at.
    """

    path: str
    title: str
    build: Build
    in_navigation: bool = False
    bare: bool = False
    named: bool = True
