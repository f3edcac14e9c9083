"""`./cityops doctor`: what is missing, and what to do about it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli._options import DataDir  # noqa: TC001 — typer reads the annotation when it runs

if TYPE_CHECKING:
    from cli._doctor import Finding


def doctor(
    data_dir: DataDir = None,
    grafana: Annotated[str, typer.Option(metavar="URL", help="Look at this Grafana too.")] = "",
) -> int:
    """Look at this machine, the settings and the servers: a line each, and what to do; exit 1 when something is wrong.

    Nothing is started or changed. It works with a city running and without.
    """
    from cli._doctor import State, examine

    wrong = 0
    for finding in examine(data_dir, grafana):
        wrong += finding.state is State.WRONG
        _tell(finding)
    print("nothing is wrong" if not wrong else f"{wrong} thing{'' if wrong == 1 else 's'} to mend")
    return 1 if wrong else 0


def _tell(finding: Finding) -> None:
    """A line, its todo below; with colours where a person sits."""
    line = f"{finding.state:<6} {finding.name:<10} {finding.said}"
    todo = f"\n       {'':<10} → {finding.todo}" if finding.todo else ""
    if not sys.stdout.isatty():
        print(line + todo, flush=True)
        return
    from rich.console import Console

    colour = {"ok": "green", "note": "yellow", "WRONG": "bold red"}[finding.state]
    Console(markup=False, highlight=False, soft_wrap=True).print(line + todo, style=colour)
