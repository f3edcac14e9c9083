"""`./cityops catalogue`: what the packs say, and whether it holds together."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from city import catalogue as packs
from city.errors import CatalogueError, CityopsError, UsageError
from cli._sheets import Sheet, heading, sheets

if TYPE_CHECKING:
    from city.geography import City


def catalogue(
    domain: Annotated[str | None, typer.Argument(metavar="DOMAIN", help="Only this one.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only check the packs and their files; fail with every fault found.")
    ] = False,
    areas: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Show the units with this in code, name or zone; diacritics may be missing."),
    ] = None,
) -> None:
    """Show the domains: series, KPIs, rules; check the packs; find an area's code.

    A check looks at each pack, alone and beside the others, and at its files: runbooks in both languages, rule
    tests, samples whose every line can be used, a simulator that says nothing unusable.
    """
    found = packs.load()
    if areas is not None:
        if domain is not None or check:
            raise UsageError("--areas is about the city: leave the domain and --check away")
        _show_areas(found.city, areas)
        return
    chosen = found.domains if domain is None else (found.domain(domain),)
    if check:
        from cli._pack_check import faults_of

        if faults := [fault for one in chosen for fault in faults_of(one, found.city)]:
            raise CatalogueError(faults)
        print(f"{len(chosen)} domain{'' if len(chosen) == 1 else 's'} without fault")
        return
    show = _show if sys.stdout.isatty() else _print
    for one in chosen:
        show(heading(one, found.city), list(sheets(one, found.city)))


def _show_areas(city: City, name: str) -> None:
    units = city.search(name)
    if not units:
        raise CityopsError(f"{city.name} has no unit with {name!r} in its code, name or zone")
    zones = {unit.code: zone.name for zone in city.zones for unit in zone.units}
    rows: list[tuple[str, ...]] = [
        (unit.code, unit.name, unit.name_en, unit.kind, zones[unit.code], city.zone_of[unit.code]) for unit in units
    ]
    sheet = Sheet("Areas", ("area", "name", "without diacritics", "kind", "zone", "tag"), rows)
    (_show if sys.stdout.isatty() else _print)(f"{city.name}: {len(units)} of {len(city.units)} units", [sheet])


def _print(title: str, tables: list[Sheet]) -> None:
    """Plain: a line for each, tabs between, so that other programs can read it."""
    print(f"# {title}")
    for table in tables:
        print("\t".join(table.header))
        for row in table.rows:
            print("\t".join(row))


def _show(title: str, tables: list[Sheet]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False, highlight=False)
    console.print(title, style="bold")
    for table in tables:
        shown = Table(title=table.title, title_justify="left", box=None, header_style="bold")
        for at, name in enumerate(table.header):
            # A name is what a person types next: never cut, and first in its line whole.
            shown.add_column(name, overflow="fold", no_wrap=at == 0)
        for row in table.rows:
            shown.add_row(*row)
        console.print()
        console.print(shown)
