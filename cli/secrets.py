"""`./cityops secrets`: the secret files that `infra/docker-compose.yml` needs."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 — typer reads the annotation when it runs
from typing import Annotated

import typer


def secrets(
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="Folder to make them in (default: infra/secrets).")
    ] = None,
) -> None:
    """Make the secret files for Docker Compose; those that are there stay as they are."""
    from infra.secret_files import FOLDER, make

    for path, is_new in make(folder or FOLDER).items():
        print(f"{'made' if is_new else 'kept'}  {path}")
