"""The reference pages that follow from the code: built, written, and compared with what lies in `docs/reference/`."""

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


def drift(files: dict[str, str], folder: Path = FOLDER) -> list[str]:
    """The files that differ from what lies in the folder: changed, missing, or there and no longer made."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if _is_made(path)}
    differs = {name for name, text in files.items() if name not in found or found[name].read_bytes() != text.encode()}
    return sorted(differs | (found.keys() - files.keys()))


def write(files: dict[str, str], folder: Path = FOLDER) -> list[str]:
    """Make the folder hold these files, and no others of ours; the ones that changed."""
    changed = drift(files, folder)
    for name in changed:
        target = folder / name
        if name in files:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(files[name], encoding="utf-8", newline="\n")
        else:
            target.unlink()
    return changed


def _is_made(path: Path) -> bool:
    """Whether a file says that the code made it; others in the folder are written by people."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8").startswith(HEAD)
    return path.parent.name == SCHEMAS and path.suffix == ".json"
