"""What may be played: the packs' scenarios, and recorded files of one folder. A browser names them, never a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city.catalogue import scenarios_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from city.catalogue import Catalogue
    from city.domain import Text

ENDINGS: Final = (".jsonl", ".jsonl.gz")
MOST_FILES: Final = 500
SPEEDS: Final = ("1", "10", "60", "600", "max")


@dataclass(frozen=True, slots=True)
class Offers:
    """What there is.

    Attributes:
        scenarios: name → what happens in it; several domains may play the same.
        files: name → where it lies.
    """

    scenarios: Mapping[str, tuple[Text, ...]]
    files: Mapping[str, Path]


def offers(catalogue: Catalogue, folder: Path | None) -> Offers:
    """What may be played now."""
    scenarios: dict[str, tuple[Text, ...]] = {}
    for domain in catalogue.domains:
        for name, text in scenarios_of(domain).items():
            scenarios[name] = (*scenarios.get(name, ()), text)
    return Offers(scenarios, _files(folder) if folder else {})


def _files(folder: Path) -> dict[str, Path]:
    """The recorded files in a folder itself; a link that leads out of it is none."""
    try:
        inside = folder.resolve(strict=True)
        named = sorted(path for path in inside.iterdir() if path.name.endswith(ENDINGS))[:MOST_FILES]
        return {path.name: path for path in named if path.is_file() and path.resolve().parent == inside}
    except OSError:
        return {}
