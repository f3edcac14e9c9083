"""What a city needs, looked at one by one: each finding says how it is, and what to do where that is not right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from city import catalogue
from city.errors import CityopsError, UsageError
from cli._doctor import machine, servers
from cli._doctor.finding import Finding, State
from runtime.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Finding", "State", "examine"]


def examine(data_dir: Path | None, grafana: str) -> Iterator[Finding]:
    """All findings, in the order in which one would mend them; nothing is started or changed.

    Args:
        data_dir: as `--data-dir` names it.
        grafana: its URL; empty: none.
    """
    yield machine.python()
    yield machine.packages()
    packs = _packs()
    yield machine.catalogue(packs)
    try:
        settings = load(data_dir=data_dir)
    except UsageError as error:
        yield Finding("settings", State.WRONG, str(error), "mend it; `./cityops settings` lists them all")
        return
    city = servers.running_city(settings)
    yield machine.settings(settings)
    yield machine.disk(settings)
    yield machine.clock("UTC" if isinstance(packs, CityopsError) else packs.city.timezone)
    yield from machine.ports(settings, running=city is not None)
    yield from servers.city(city, settings)
    yield servers.broker(settings, city)
    yield from servers.store(settings, city)
    if grafana:
        yield from servers.grafana(grafana)


def _packs() -> catalogue.Catalogue | CityopsError:
    try:
        return catalogue.load()
    except CityopsError as error:
        return error
