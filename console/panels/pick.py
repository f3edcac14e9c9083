"""A list to choose from, as an element of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui.element import Element

from console.boards.interpolate import ALL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from console.view import View


class Pick(Element, component="pick.js"):
    """One choice, or several.

    Args:
        view: of the page.
        label: what is chosen.
        options: value → what it is called, in the order in which they are offered.
        chosen: the values that are chosen now.
        tell: is called with the values that somebody chose instead.
        multi: several may be chosen.
        by_name: by the alphabet, what stands for all first.
    """

    def __init__(
        self,
        view: View,
        label: str,
        options: Mapping[str, str],
        chosen: Sequence[str],
        tell: Callable[[list[str]], None],
        *,
        multi: bool = False,
        by_name: bool = False,
    ) -> None:
        super().__init__()
        self.props.update(
            {
                "label": label,
                "options": [list(option) for option in options.items()],
                "chosen": list(chosen),
                "all": ALL,
                "multi": multi,
                "byName": by_name,
                "lang": str(view.language),
                "words": {name: view.say(f"boards.{name}") for name in ("find", "none", "apply")},
            }
        )
        self.on("pick", lambda event: tell([str(value) for value in event.args]))
