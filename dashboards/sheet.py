"""What every panel of a board is drawn with: the layout, the city, the language, and what is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city import operations
from city.bands import bands
from city.boards.parts import OVERVIEW
from city.domain import Census, Domain
from city.influxql import DOMAIN, OPERATIONAL, PIPELINE, ROUND_S, Chosen, scope
from city.rollup import QUARTER, day_shift, finest
from city.units import written
from dashboards import style, words
from dashboards.names import board_uid

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

    from city.bands import Band
    from city.domain import AlertRule, Kpi, RuleBook, Series, Text
    from city.geography import City
    from city.influxql import Filter
    from city.language import Language
    from city.layout import Layout
    from city.rollup import Resolution

PLACES: Final = (Chosen("zone", "zone"), Chosen("area", "area"))
"""What the choices of place leave."""


def least_interval(round_s: int) -> str:
    """The least interval of a course whose points come so often (s).

    Grafana takes 10, 15, 20, 30 s … for the width of a panel. Groups of 15 s would hold one round of 10 s and two in
    turn; from 20 s on all it takes are whole rounds.
    """
    return f"{max(round_s, 20)}s"


@dataclass(frozen=True)
class Sheet:
    """One board in one language."""

    layout: Layout
    city: City
    language: Language
    runbook: str

    def say(self, said: Text) -> str:
        """The words in the board's language."""
        return self.language.say(said)

    def unit(self, kpi: Kpi) -> str:
        """Grafana's code for a KPI's unit."""
        return words.grafana_unit(kpi.unit, self.language, kpi.unit_vi)

    def book(self, kpi: Kpi) -> RuleBook:
        """Whose KPI it is."""
        return self.layout.book_of(kpi)

    def bands(self, kpi: Kpi) -> tuple[Band, ...]:
        """What its values mean."""
        return bands(kpi, self.rules(kpi))

    def rules(self, kpi: Kpi) -> tuple[AlertRule, ...]:
        """The rules about it: those of its book; of sources and stream also those that every domain is watched by."""
        own = self.book(kpi).rules
        domains = [book for book in self.layout.books if isinstance(book, Domain)] if self.operational(kpi) else []
        watched = [rule for domain in domains for rule in operations.watch(domain).rules]
        return tuple(rule for rule in (*own, *watched) if rule.kpi == kpi.name)

    def series(self, kpi: Kpi) -> Series | None:
        """What it is computed from; None for an operational measurement."""
        return next((one for one in self.book(kpi).series if one.name == kpi.measurement), None)

    def interval(self, kpi: Kpi) -> str:
        """The least interval of a course."""
        series = self.series(kpi)
        if isinstance(kpi.formula, Census):
            return least_interval(kpi.formula.every_s)
        return least_interval(ROUND_S if series is None else series.window_s)

    def week(self, kpi: Kpi, of: Resolution | None = None) -> Resolution | None:
        """The roll-up that tells of last week beside what is read; None where there is none."""
        series = self.series(kpi)
        if series is None:
            return None
        return finest(series, QUARTER) if of is None or of.seconds < QUARTER.seconds else of

    @property
    def shift(self) -> str:
        """Where time groups of roll-ups begin."""
        return day_shift(self.city)

    @property
    def places(self) -> tuple[Filter, ...]:
        """The places that are chosen."""
        return {"places": PLACES, "one_area": PLACES[1:], "none": ()}[self.layout.choices]

    def filters(self, kpi: Kpi) -> tuple[Filter, ...]:
        """Which points count: the domain's own, of the places and tag values that are chosen."""
        if kpi.measurement == PIPELINE:
            return (*scope(self.book(kpi), kpi), *self.domains)
        return (*scope(self.book(kpi), kpi), *self.places_of(kpi), *self.own_filters(kpi), *self.domains)

    def places_of(self, kpi: Kpi) -> tuple[Filter, ...]:
        """The chosen places; what concerns the whole city is shown whatever is chosen."""
        series = self.series(kpi)
        return () if series is not None and series.citywide else self.places

    @property
    def domains(self) -> tuple[Filter, ...]:
        """The domains that are chosen, where a board lets people choose."""
        return tuple(Chosen(tag.name, tag.name) for tag in self.layout.filters if tag.name == DOMAIN)

    def own_filters(self, kpi: Kpi) -> tuple[Filter, ...]:
        """What is chosen of the series' own tags."""
        series = self.series(kpi)
        tags = () if series is None else tuple(tag.name for tag in series.tags)
        return tuple(Chosen(tag.name, tag.name) for tag in self.layout.filters if tag.name in tags)

    def named(self, kpi: Kpi) -> str:
        """A KPI's title with its target."""
        if kpi.target is None:
            return self.say(kpi.title)
        sign = "≥" if kpi.target.good == "above" else "≤"
        target = f"{sign} {kpi.target.value:g} {written(kpi.unit, self.language, kpi.unit_vi)}"
        return f"{self.say(kpi.title)} ({self.say(words.TARGET).lower()} {target})"

    def standing(self, kpi: Kpi, title: str) -> list[DynamicConfigValue]:
        """A column that says in words what the value means."""
        mappings = style.standings(self.bands(kpi), self.language, brief=self.wall)
        return style.properties(displayName=title, mappings=mappings)

    @property
    def wall(self) -> bool:
        """Whether the board is read from afar."""
        return self.layout.name == OVERVIEW

    def fresh(self) -> list[DynamicConfigValue]:
        """A column of the share of sources that speak: a figure for itself, in no colour."""
        return style.properties(
            displayName=self.say(words.FRESH), unit="percentunit", decimals=0, color=style.fixed(style.PLAIN)
        )

    def place(self, tag: str) -> list[DynamicConfigValue]:
        """A column of places by name, with links that keep the range and what else is chosen."""
        title = words.AREA if tag == "area" else words.ZONE
        names = style.area_names(self.city, self.language) if tag == "area" else style.zone_names(self.city)
        kept = "".join(f"&${{{one.name}:queryparam}}" for one in self.layout.filters)
        links = []
        if self.layout.choices == "places":
            keep = "" if tag == "area" else "&var-area=$__all"
            here = f"/d/{board_uid(self.layout.name, self.language)}?var-{tag}=${{__value.raw}}{keep}{kept}"
            links.append({"title": self.say(words.SHOW_ALONE), "url": f"{here}&${{__url_time_range}}"})
        if tag == "area":
            there = f"/d/{board_uid('area', self.language)}?var-area=${{__value.raw}}"
            links.append({"title": self.say(words.SHOW_AREA), "url": there})
        return style.properties(displayName=self.say(title), mappings=names, links=links, custom__filterable=True)

    def operational(self, kpi: Kpi) -> bool:
        """Whether it tells of sources or stream: it has no last week and is its own freshness."""
        return kpi.measurement in OPERATIONAL
