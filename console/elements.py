"""Elements with text that changes, under any tag."""

from __future__ import annotations

from nicegui.elements.mixins.text_element import TextElement


class Words(TextElement):
    """An HTML element that holds text and nothing else; the browser hears of a text only if it is another."""

    def __init__(self, tag: str, text: str = "", classes: str = "") -> None:
        super().__init__(tag=tag, text=text)
        self.classes(classes)

    def say(self, text: str, classes: str | None = None) -> None:
        """Say this from now on."""
        if self.text != text:
            self.text = text
        if classes is not None and classes.split() != [*self._classes]:
            self.classes(replace=classes)
