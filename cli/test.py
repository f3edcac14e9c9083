"""`./cityops test`: the tests. The launcher has added the packages they need to the environment."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import typer

from city.errors import CityopsError

SIDE_BY_SIDE = ("-n", "3", "--dist", "loadfile")
"""Most of the longest tests wait for servers, so three keep two processors busy."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def test(context: typer.Context) -> None:
    """Run pytest with these arguments, in the project's folder; without any, all tests, three at a time."""
    if importlib.util.find_spec("pytest") is None:
        raise CityopsError("pytest is not installed: start the tests by `./cityops test`, which adds it")
    os.chdir(Path(__file__).parent.parent)
    sys.stdout.flush()
    # In place of this process: its signals and its exit code are pytest's.
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *(context.args or SIDE_BY_SIDE)])  # noqa: S606 — no shell wanted
