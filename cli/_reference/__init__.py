"""The reference pages of `docs/reference/` that follow from the code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli._reference import alerting, areas, boards, commands, domains, operations, records, settings
from cli._reference.markdown import HEAD
from cli._reference.schemas import FOLDER as SCHEMAS
from cli._reference.schemas import schemas

if TYPE_CHECKING:
    from city.catalogue import Catalogue

FOLDER: Final = Path(__file__).parents[2] / "docs" / "reference"
"""Where the pages lie in a checkout; a wheel has none."""


def build(catalogue: Catalogue) -> dict[str, str]:
    """File below `docs/reference/` → content."""
    from cli.main import COMMANDS, load_app

    return {
        **alerting.pages(catalogue),
        **areas.pages(catalogue),
        **boards.pages(catalogue),
        **commands.pages(COMMANDS, load_app),
        **domains.pages(catalogue),
        **operations.pages(catalogue),
        **records.pages(catalogue),
        **schemas(catalogue),
        **settings.pages(),
    }


def is_ours(path: Path) -> bool:
    """Whether a file says that the code made it; others in the folder are written by people."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8").startswith(HEAD)
    return path.parent.name == SCHEMAS and path.suffix == ".json"
