"""What a person chose by the address: only what the catalogue knows, so that no other text reaches the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from city.influxql import Is

if TYPE_CHECKING:
    from console.view import View


def chosen(view: View) -> dict[str, str]:
    """`domain`, `zone` and `area`, where the address names one that there is."""
    catalogue = view.desk.catalogue
    known = {
        "domain": catalogue.by_name.keys(),
        "zone": {zone.slug for zone in catalogue.city.zones},
        "area": catalogue.city.units.keys(),
    }
    return {name: value for name, values in known.items() if (value := view.query.get(name, "")) in values}


def filters(view: View) -> tuple[Is, ...]:
    """The same for the store."""
    return tuple(Is(tag, value) for tag, value in chosen(view).items())
