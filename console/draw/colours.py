"""Grafana's names of colours on a light and on a dark ground: text in them has a contrast of 4.5:1 or more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one ground.

    Attributes:
        named: by Grafana's names.
        series: of lines in their order, told apart also without red and green.
        line: of axes and grids.
        quiet: of labels.
    """

    named: Mapping[str, str]
    series: tuple[str, ...]
    ground: str
    text: str
    quiet: str
    line: str

    def colour(self, name: str) -> str:
        """The colour of that name; of text where there is none."""
        return self.named.get(name, self.text)


LIGHT: Final = Palette(
    named={"green": "#17692f", "orange": "#8a4b00", "red": "#b3141f", "purple": "#6b2fa0", "blue": "#0b4fa8"},
    series=("#0b4fa8", "#b35900", "#17692f", "#6b2fa0", "#00707a", "#b3141f", "#7a5c00", "#4a5768"),
    ground="#ffffff",
    text="#14202e",
    quiet="#4a5768",
    line="#dde3ea",
)
DARK: Final = Palette(
    named={"green": "#7fdc9a", "orange": "#ffc46b", "red": "#ff9aa0", "purple": "#d3b1f5", "blue": "#8ec1ff"},
    series=("#8ec1ff", "#ffb454", "#7fdc9a", "#d3b1f5", "#63d4de", "#ff9aa0", "#e3cf6a", "#b3c0cf"),
    ground="#172230",
    text="#eef3f9",
    quiet="#b3c0cf",
    line="#2c3a4a",
)

CIVIDIS: Final = ("#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838")
"""The course of colours that everybody sees, from low to high."""


def palette(*, dark: bool) -> Palette:
    """The colours of a ground."""
    return DARK if dark else LIGHT
