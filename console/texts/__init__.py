"""What pages say. A language is a folder of TOML files; `[wall]` of one file holds the texts `wall.…`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from city.language import Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


FOLDER: Final = Path(__file__).parent


def prefix_of(language: Language) -> str:
    """What the addresses of a language's pages begin with."""
    return "" if language is Language.VI else f"/{language}"


@cache
def texts(language: Language) -> Mapping[str, str]:
    """Key → text, of all files of a language."""
    found: dict[str, str] = {}
    for file in sorted((FOLDER / language).glob("*.toml")):
        for key, text in _flat(tomllib.loads(file.read_text(encoding="utf-8")), ""):
            assert key not in found, f"{key} is said twice in {language}"
            found[key] = text
    return MappingProxyType(found)


def say(language: Language, key: str, **values: object) -> str:
    """A text with its places filled in."""
    return texts(language)[key].format(**values)


def _flat(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)
