"""An element that says whether it can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui.element import Element

if TYPE_CHECKING:
    from collections.abc import Callable


class Seen(Element, component="seen.js"):
    """An article of the page.

    Args:
        tell: is called with whether it can be seen, whenever that changes, and whether the page is dark.
    """

    def __init__(self, tell: Callable[[bool, bool], None]) -> None:
        super().__init__()
        self.on("seen", lambda event: tell(bool(event.args[0]), bool(event.args[1])))
