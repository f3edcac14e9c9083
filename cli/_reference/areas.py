"""The page of the city's units and zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from city.geography import CITY_AREA, CITY_ZONE
from cli._reference.markdown import code, page, table

if TYPE_CHECKING:
    from city.catalogue import Catalogue


def pages(catalogue: Catalogue) -> dict[str, str]:
    """File → page."""
    city = catalogue.city
    rows = [
        (code(unit.code), unit.name, unit.name_en, unit.kind, f"{unit.area_km2:g}", zone.name, code(zone.slug))
        for zone in city.zones
        for unit in zone.units
    ]
    text = page(
        "Areas and zones",
        f"{city.name}: {len(city.units)} units in {len(city.zones)} zones. `area` is the code, `zone` the last column. "
        f"Events about the whole city have area `{CITY_AREA}` and zone `{CITY_ZONE}`. "
        "`./cityops catalogue --areas NAME` finds a unit by name, with diacritics or without.",
        table(("area", "name", "without diacritics", "kind", "km²", "zone", "tag"), rows),
    )
    return {"areas.md": text}
