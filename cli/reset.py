"""`./cityops reset`: empty the log, the offsets and the store, so that the city begins anew."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from city.errors import CityopsError, UsageError
from cli._options import DataDir  # noqa: TC001 — typer reads the annotation when it runs
from runtime.part import running
from runtime.settings import load

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S = 120.0


def reset(
    data_dir: DataDir = None,
    broker: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Kafka to empty, when no city runs here.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Empty the log, the offsets and the store. A running city stops for it and starts again."""
    settings = load(data_dir=data_dir, broker=broker)
    if not yes:
        _ask(settings.data_dir)
    city = _running_city(settings.data_dir)
    if city is not None:
        _have_it_reset(settings.data_dir, city)
        print(f"emptied; the city on {settings.data_dir} runs anew")
        return

    from cli._emptying import empty_city
    from embedded.premises import refuse_foreign, sole_use

    if settings.data_dir.exists():
        refuse_foreign(settings.data_dir)
        with sole_use(settings.data_dir):
            empty_city(settings)
    elif settings.broker or settings.store_url:
        empty_city(settings)
    else:
        print(f"nothing to empty: there is no {settings.data_dir}")
        return
    print("emptied")


def _ask(data_dir: Path) -> None:
    if not sys.stdin.isatty():
        raise UsageError("this deletes every event and point: say --yes when nobody can be asked")
    answer = input(f"Delete every event and point of the city on {data_dir}? [y/N] ")
    if answer.strip().lower() not in {"y", "yes"}:
        raise CityopsError("nothing was deleted")


def _running_city(data_dir: Path) -> dict[str, Any] | None:
    try:
        return running(data_dir)
    except CityopsError:
        return None


def _have_it_reset(data_dir: Path, city: dict[str, Any]) -> None:
    """Ask the supervisor, and wait until every part is ready again."""
    os.kill(int(city["pid"]), signal.SIGUSR1)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        now = running(data_dir)
        if now["resets"] > city["resets"]:
            if now["reset_error"]:
                raise CityopsError(str(now["reset_error"]))
            if now["ready"]:
                return
        time.sleep(0.1)
    raise CityopsError(f"the city on {data_dir} is not ready again after {PATIENCE_S:.0f} s: see {data_dir}/logs")
