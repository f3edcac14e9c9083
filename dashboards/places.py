"""What alerts call places: a ward, a commune, a zone. Many of them share a name, so each is told with its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.domain import Text
from city.geography import CITY_AREA, CITY_ZONE, without_diacritics

if TYPE_CHECKING:
    from city.geography import City
    from city.language import Language

_WHOLE: Final = Text("toàn thành phố", "the whole city")
_KINDS: Final = {
    "ward": Text("phường {name}", "{name} ward"),
    "commune": Text("xã {name}", "{name} commune"),
    "zone": Text("khu vực {name}", "the {name} zone"),
}


def names(tag: str, city: City, language: Language) -> dict[str, str]:
    """Value of the tag `area` or `zone` → name, in the words of a sentence."""
    if tag == "area":
        units = {code: _named(unit.kind, unit.name, language) for code, unit in city.units.items()}
        return {CITY_AREA: language.say(_WHOLE), **units}
    zones = {zone.slug: _named("zone", zone.name, language) for zone in city.zones}
    return {CITY_ZONE: language.say(_WHOLE), **zones}


def _named(kind: str, name: str, language: Language) -> str:
    plain = {"vi": name, "en": without_diacritics(name)}[language]
    return language.say(_KINDS[kind]).format(name=plain)
