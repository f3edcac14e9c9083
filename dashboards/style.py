"""What values look like: thresholds, words for ranges, names for codes. Never colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import (
    DashboardRangeMapOptions,
    DynamicConfigValue,
    FieldColorModeId,
    RangeMap,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

from city.geography import CITY_AREA, CITY_ZONE
from dashboards.words import BRIEF_STANDINGS, CITY_STATES, COLOURS, PLACE_STATES, STANDINGS, STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from city.bands import Band
    from city.domain import Text
    from city.geography import City
    from city.language import Language

PLAIN = "text"
"""The colour of text that says nothing by its colour."""


def steps(bands: Sequence[Band]) -> ThresholdsConfig:
    """A KPI's bands as Grafana's thresholds; plain where it has none."""
    steps = [Threshold(band.start, COLOURS[band.standing]) for band in bands] or [Threshold(None, PLAIN)]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def standings(bands: Sequence[Band], language: Language, *, brief: bool = False) -> list[ValueMapping]:
    """A KPI's bands in sign and words, from the top down: the first that holds is shown."""
    words = BRIEF_STANDINGS if brief else STANDINGS
    ends = [band.start for band in bands[1:]]
    ranges = zip(bands, [*ends, None], strict=True)
    return [
        RangeMap(
            DashboardRangeMapOptions(
                from_val=band.start,
                to=end,
                result=ValueMappingResult(language.say(words[band.standing]), COLOURS[band.standing], index=index),
            )
        )
        for index, (band, end) in enumerate(reversed(list(ranges)))
    ]


def source_states(language: Language) -> list[ValueMapping]:
    """What the numbers of a source's state mean."""
    return [
        ValueMap(
            {
                str(number): ValueMappingResult(language.say(words), COLOURS[standing], index=number)
                for number, (words, standing) in STATES.items()
            }
        )
    ]


def place_states(language: Language) -> list[ValueMapping]:
    """What the numbers of a place's state mean."""
    return [
        ValueMap(
            {
                str(state.value): ValueMappingResult(language.say(said), colour, index=state.value)
                for state, (said, colour) in PLACE_STATES.items()
            }
        )
    ]


def city_states(language: Language) -> list[ValueMapping]:
    """What the state of the worst place says of the whole city."""
    return [
        ValueMap(
            {
                str(state.value): ValueMappingResult(language.say(said), PLACE_STATES[state][1], index=state.value)
                for state, said in CITY_STATES.items()
            }
        )
    ]


def area_names(city: City, language: Language) -> list[ValueMapping]:
    """Area codes → the names of wards and communes."""
    vietnamese = language == "vi"
    names = {code: unit.name if vietnamese else unit.name_en for code, unit in city.units.items()}
    return named({CITY_AREA: city.name} | names)


def zone_names(city: City) -> list[ValueMapping]:
    """Zone slugs → the names people use."""
    return named({CITY_ZONE: city.name} | {zone.slug: zone.name for zone in city.zones})


def words_for(names: Mapping[str, Text], language: Language) -> list[ValueMapping]:
    """A tag's values → what operators call them."""
    return named({value: language.say(words) for value, words in names.items()})


def named(names: Mapping[str, str]) -> list[ValueMapping]:
    """Values → what is shown for them."""
    return [ValueMap({value: ValueMappingResult(text=name) for value, name in sorted(names.items())})]


def fixed(colour: str) -> dict[str, str]:
    """One colour whatever the value, as a property."""
    return {"mode": "fixed", "fixedColor": colour}


def one_colour(colour: str) -> FieldColor:
    """One colour whatever the value, for a whole panel."""
    return FieldColor().mode(FieldColorModeId.FIXED).fixed_color(colour)


def properties(**named: Any) -> list[DynamicConfigValue]:
    """The properties of an override; `custom__align` stands for `custom.align`."""
    return [DynamicConfigValue(name.replace("__", "."), value) for name, value in named.items()]
