"""`./cityops dashboards`: the files that Grafana is provisioned with."""

from __future__ import annotations

from typing import Annotated

import typer

from city.errors import CityopsError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def dashboards() -> None:
    """Build the Grafana boards, data sources and alert rules out of the packs."""


@app.command()
def build(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail where a file differs.")] = False,
) -> None:
    """Write every provisioned file, in both languages."""
    from city import catalogue
    from dashboards import provisioned

    files = provisioned.build(catalogue.load())
    if not check:
        changed = provisioned.write(files)
        print(*(f"wrote {path}" if path in files else f"removed {path}" for path in changed), sep="\n", end="")
        print(f"{chr(10) if changed else ''}{len(files)} files, {len(changed)} changed, in {provisioned.FOLDER}")
        return
    if stale := provisioned.drift(files):
        names = "".join(f"\n  - {path}" for path in stale)
        raise CityopsError(f"not what the packs say; run `./cityops dashboards build`:{names}")
    print(f"{len(files)} files as the packs say")


@app.command()
def check() -> None:
    """Look for faults in the boards: units, words, languages, data sources, names in questions, the grid."""
    from city import catalogue
    from dashboards import board_lint, provisioned

    known = catalogue.load()
    files = provisioned.build(known)
    if found := list(board_lint.faults(files, known)):
        raise CityopsError(f"{len(found)} faults in the boards:" + "".join(f"\n  - {fault}" for fault in found))
    print(f"{sum(path.endswith('.json') for path in files)} boards, no fault")
