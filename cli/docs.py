"""`./cityops docs`: the reference pages that follow from the code."""

from __future__ import annotations

from typing import Annotated

import typer

from city.errors import CityopsError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def docs() -> None:
    """Make the reference pages out of the packs, the settings and the commands."""


@app.command()
def build(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail where a page differs.")] = False,
) -> None:
    """Write every generated page and JSON Schema below docs/reference/."""
    from city import catalogue
    from cli import _reference as reference

    if not reference.FOLDER.is_dir():
        raise CityopsError(f"{reference.FOLDER} is not there: the pages belong to a checkout of the project")
    pages = reference.build(catalogue.load())
    if not check:
        changed = reference.write(pages)
        print(*(f"wrote {name}" if name in pages else f"removed {name}" for name in changed), sep="\n", end="")
        print(f"{chr(10) if changed else ''}{len(pages)} files, {len(changed)} changed, in {reference.FOLDER}")
        return
    if stale := reference.drift(pages):
        names = "".join(f"\n  - {name}" for name in stale)
        raise CityopsError(f"not what the code says; run `./cityops docs build`:{names}")
    print(f"{len(pages)} files as the code says")
