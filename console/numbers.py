"""Numbers, times and places as people of each language write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from city.geography.model import without_diacritics
from city.instant import NS
from city.language import Language
from city.units import written
from console.boards.units import written_number
from console.texts import say

if TYPE_CHECKING:
    from city.domain import Kpi
    from city.geography import City

NOTHING: Final = "–"


def number(value: float | None, language: Language, decimals: int = 0, *, sign: bool = False) -> str:
    """`1.234,5` in Vietnamese, `1,234.5` in English; a dash where there is none."""
    if value is None:
        return NOTHING
    return ("+" if sign and value >= 0 else "") + written_number(value, language, decimals)


def told(text: str, language: Language) -> str:
    """Numbers as somebody wrote them (`116.0 %`), with the decimal sign of the language."""
    return re.sub(r"(?<![\w./])([+-]?\d+)\.(\d+)(?![\w./])", r"\1,\2", text) if language is Language.VI else text


def unit(kpi: Kpi, language: Language) -> str:
    """The KPI's unit."""
    return written(kpi.unit, language, kpi.unit_vi)


def figure(kpi: Kpi, value: float | None, language: Language) -> str:
    """A KPI's value with its unit."""
    return f"{number(value, language, kpi.decimals)} {unit(kpi, language)}" if value is not None else NOTHING


def target(kpi: Kpi, language: Language) -> str:
    """What the KPI ought to be: `≥ 20 km/h`; empty where nothing is promised."""
    if kpi.target is None:
        return ""
    sign = "≥" if kpi.target.good == "above" else "≤"
    return f"{sign} {number(kpi.target.value, language, _needed(kpi.target.value))} {unit(kpi, language)}"


def local(at_ns: int, city: City) -> datetime:
    """An instant on the city's clock."""
    return datetime.fromtimestamp(at_ns / NS, tz=UTC).astimezone(ZoneInfo(city.timezone))


def clock(at_ns: int, city: City, now_ns: int) -> str:
    """`14:05`, with the day where that is not today."""
    at, now = local(at_ns, city), local(now_ns, city)
    return at.strftime("%H:%M" if at.date() == now.date() else "%d/%m %H:%M")


def ago(seconds: float, language: Language) -> str:
    """How long something has lasted: `3 phút`."""
    for name, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return say(language, f"time.{name}", n=int(seconds // length))
    return say(language, "time.second", n=max(0, int(seconds)))


def place(city: City, language: Language, area: str = "", zone: str = "") -> str:
    """The name of a ward, a commune or a zone; of the whole city where neither is named."""
    if area in city.units:
        found = city.units[area]
        return found.name if language is Language.VI else found.name_en
    name = next((one.name for one in city.zones if one.slug == zone), "")
    if not name:
        return say(language, "place.city")
    return name if language is Language.VI else without_diacritics(name)


def _needed(value: float) -> int:
    return 0 if value == int(value) else 1
