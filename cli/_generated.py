"""Files that the code makes and git keeps: written, or compared with what lies there, by a command's `build`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from city.errors import CityopsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Check = Annotated[bool, typer.Option("--check", help="Write nothing; fail where a file differs.")]


@dataclass(frozen=True)
class Generated:
    """What a folder should hold.

    Attributes:
        files: path below the folder → content.
        is_ours: whether a file there is of our making, so that it may be removed; people write others beside it.
    """

    folder: Path
    files: Mapping[str, str]
    is_ours: Callable[[Path], bool]

    def drift(self) -> list[str]:
        """The paths that differ from what lies in the folder: changed, missing, or there and no longer made."""
        found = {
            path.relative_to(self.folder).as_posix(): path for path in self.folder.rglob("*") if self.is_ours(path)
        }
        made = self.files.items()
        differs = {path for path, text in made if path not in found or found[path].read_bytes() != text.encode()}
        return sorted(differs | (found.keys() - self.files.keys()))

    def write(self) -> list[str]:
        """Make the folder hold these files and no others of ours; the paths that changed."""
        changed = self.drift()
        for path in changed:
            target = self.folder / path
            if path in self.files:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(self.files[path], encoding="utf-8", newline="\n")
            else:
                target.unlink()
        return changed


def build(made: Generated, *, check: bool, command: str, source: str) -> None:
    """Write what differs and say so, or only look whether something does.

    Args:
        made: the files, and where they belong.
        check: write nothing.
        command: what a person runs to have them written.
        source: who says what is in them, with its verb.

    Raises:
        CityopsError: `check`, and a file differs.
    """
    if not check:
        changed = made.write()
        for path in changed:
            print(f"wrote {path}" if path in made.files else f"removed {path}")
        print(f"{len(made.files)} files, {len(changed)} changed, in {made.folder}")
        return
    if stale := made.drift():
        names = "".join(f"\n  - {path}" for path in stale)
        raise CityopsError(f"not what {source}; run `{command}`:{names}")
    print(f"{len(made.files)} files as {source}")
