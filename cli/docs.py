"""`./cityops docs`: the reference pages that follow from the code."""

from __future__ import annotations

import typer

from city.errors import CityopsError
from cli import _generated
from cli._generated import Check  # noqa: TC001 — typer reads it when it runs

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def docs() -> None:
    """Make the reference pages out of the packs, the settings and the commands."""


@app.command()
def build(check: Check = False) -> None:
    """Write every generated page and JSON Schema below docs/reference/."""
    from city import catalogue
    from cli import _reference as reference

    if not reference.FOLDER.is_dir():
        raise CityopsError(f"{reference.FOLDER} is not there: the pages belong to a checkout of the project")
    made = _generated.Generated(reference.FOLDER, reference.build(catalogue.load()), reference.is_ours)
    _generated.build(made, check=check, command="./cityops docs build", source="the code says")
