"""`./cityops settings`: every setting, its value, where the value came from, and what it means."""

from __future__ import annotations

import sys

from cli._options import DataDir  # noqa: TC001 — typer reads the annotation when it runs
from runtime.settings import explain


def settings(data_dir: DataDir = None) -> None:
    """Show every setting, its value, where the value came from, and what it means.

    A value comes from the first of: a flag, CITYOPS_<NAME>, cityops.toml, the default.
    """
    rows = explain(data_dir=data_dir)
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("setting", "value", "from", "meaning", box=None, header_style="bold")
    for row in rows:
        table.add_row(*row)
    Console(markup=False).print(table)
