"""Each kind of panel: what it asks and how it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import stat, table, text, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, GridPos
from grafana_foundation_sdk.models.text import TextMode

from city.bands import bands
from city.domain import Census, Rate
from city.influxql import AUTO, SOURCES, Chosen, fresh_query, kpi_query, quiet_query, recent, scope, speakers
from city.influxql import Panel as PanelRange
from city.layout import NOW_S, SOURCES_SPAN, citywide
from dashboards import style, words
from dashboards.influx import InfluxQL, data_source, lettered
from dashboards.names import board_uid, panel_id

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

    from city.domain import Domain, Kpi, Text
    from city.geography import City
    from city.layout import Layout, Panel, Place
    from dashboards.words import Language

Drawn = stat.Panel | timeseries.Panel | table.Panel | text.Panel

CHOSEN: Final = (Chosen("zone", "zone"), Chosen("area", "area"))
"""What the board's variables leave."""

_TIME: Final = "Time"
"""Grafana's name for the time column of an InfluxDB table."""


class Draughtsman:
    """Draws one board's panels in one language."""

    def __init__(self, layout: Layout, city: City, language: Language, runbook: str) -> None:
        self.layout = layout
        self.domain: Domain = layout.domain
        self.city = city
        self.language = language
        self.runbook = runbook

    def draw(self, panel: Panel, place: Place) -> Drawn:
        """The panel where it belongs, without data never blank."""
        drawn = self._drawn(panel)
        drawn.id(panel_id(panel.name)).title(self._say(panel.title)).description(self._say(panel.about))
        drawn.grid_pos(grid(place))
        if not isinstance(drawn, text.Panel):
            empty = words.NONE_QUIET if panel.kind == "sources" else words.NO_DATA
            drawn.datasource(data_source()).no_value(self._say(empty))
        return drawn

    def _drawn(self, panel: Panel) -> Drawn:
        match panel.kind:
            case "value":
                return self._value(panel.kpis[0])
            case "course":
                return self._course(panel.kpis[0], panel.by)
            case "places":
                return self._places(panel)
            case "sources":
                return self._sources()
            case "runbook":
                return text.Panel().mode(TextMode.MARKDOWN).content(self.runbook)
            case never:
                assert_never(never)

    def _value(self, kpi: Kpi) -> stat.Panel:
        """The value now, what it means, and how many of the sources it rests on speak."""
        known = bands(kpi, self.domain.rules)
        now = recent(self.domain, kpi, NOW_S)
        named = ("value", "standing") if known else ("value",)
        query = kpi_query(kpi, now, filters=(*scope(self.domain, kpi), *self._chosen(kpi)), named=named)
        queries = [InfluxQL(query, alias="$col")]
        drawn = stat.Panel().unit(self._unit(kpi)).decimals(kpi.decimals).thresholds(style.steps(known))
        drawn.override_by_name("value", style.properties(displayName=self._say(kpi.title)))
        if known:
            drawn.override_by_name("standing", self._standing(kpi, words.STANDING))
        if kpi.measurement != SOURCES:
            filters = (*speakers(self.domain, kpi), *self._chosen(kpi))
            queries.append(InfluxQL(fresh_query(self.domain, SOURCES_SPAN, filters=filters), alias="$col"))
            drawn.override_by_name("fresh", self._fresh())
        drawn.graph_mode(common.BigValueGraphMode.NONE).color_mode(common.BigValueColorMode.VALUE)
        drawn.text_mode(common.BigValueTextMode.VALUE_AND_NAME).orientation(common.VizOrientation.HORIZONTAL)
        drawn.reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]))
        return drawn.targets(lettered(queries))

    def _course(self, kpi: Kpi, by: tuple[str, ...]) -> timeseries.Panel:
        """The value over time, with its thresholds as lines; a gap in the data is a gap in the line."""
        filters = (*scope(self.domain, kpi), *self._chosen(kpi))
        query = kpi_query(kpi, PanelRange(), step=AUTO, by=by, filters=filters)
        alias = " · ".join(f"$tag_{tag}" for tag in by) or self._say(kpi.title)
        drawn = timeseries.Panel().unit(self._unit(kpi)).decimals(kpi.decimals).interval(f"{self._window_s(kpi)}s")
        drawn.targets(lettered([InfluxQL(query, alias=alias)]))
        for tag in by:
            for value, name in self.layout.names.get(tag, {}).items():
                drawn.override_by_name(value, style.properties(displayName=self._say(name)))
        legend = common_builders.VizLegendOptions().show_legend(bool(by)).placement(common.LegendPlacement.BOTTOM)
        drawn.legend(legend.display_mode(common.LegendDisplayMode.LIST))
        drawn.tooltip(common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI))
        drawn.line_width(2).show_points(common.VisibilityMode.NEVER).span_nulls(span_nulls=False).axis_soft_min(0)
        if by and isinstance(kpi.formula, Rate):
            # Rates add up: the top edge is the whole.
            return drawn.fill_opacity(40).stacking(
                common_builders.StackingConfig().mode(common.StackingMode.NORMAL).group("A")
            )
        dashed = common_builders.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.DASHED)
        return drawn.thresholds(style.steps(bands(kpi, self.domain.rules))).thresholds_style(dashed)

    def _places(self, panel: Panel) -> table.Panel:
        """A line for each place: its KPIs now, in words too; names lead to the place alone.

        The freshness of its sources brings in the places that say nothing: they must not just be gone.
        """
        queries, drawn = [], table.Panel()
        for kpi in panel.kpis:
            known = bands(kpi, self.domain.rules)
            standing = f"{kpi.name}_standing"
            named = (kpi.name, standing) if known else (kpi.name,)
            now = recent(self.domain, kpi, NOW_S)
            queries.append(InfluxQL(kpi_query(kpi, now, by=panel.by, filters=CHOSEN, named=named), form="table"))
            shown = style.properties(displayName=self._say(kpi.title), unit=self._unit(kpi), decimals=kpi.decimals)
            drawn.override_by_name(kpi.name, shown)
            if known:
                title = f"{self._say(kpi.title)}: {self._say(words.STANDING).lower()}"
                drawn.override_by_name(standing, [*self._standing(kpi, title), *_coloured_text()])
        fresh = fresh_query(self.domain, SOURCES_SPAN, by=panel.by, filters=CHOSEN)
        queries.append(InfluxQL(fresh, form="table"))
        drawn.override_by_name("fresh", self._fresh())
        drawn.override_by_name("zone", self._place(words.ZONE, "zone"))
        drawn.override_by_name("area", self._place(words.AREA, "area"))
        drawn.transformations([*_joined(), _ordered("zone", "area")])
        return drawn.targets(lettered(queries)).thresholds(style.steps(()))

    def _sources(self) -> table.Panel:
        """The sources that are not well, the longest silent first."""
        query = InfluxQL(quiet_query(self.domain, SOURCES_SPAN, filters=CHOSEN), form="table")
        drawn = table.Panel().targets(lettered([query])).thresholds(style.steps(()))
        drawn.override_by_name("source", style.properties(displayName=self._say(words.SOURCE)))
        drawn.override_by_name("zone", self._place(words.ZONE, "zone"))
        drawn.override_by_name("area", self._place(words.AREA, "area"))
        states = style.source_states(self.language)
        state = style.properties(displayName=self._say(words.STATE), mappings=states)
        drawn.override_by_name("state", [*state, *_coloured_text()])
        age = self._say(words.AGE)
        drawn.override_by_name("age_s", style.properties(displayName=age, unit="s", decimals=0))
        drawn.sort_by([common_builders.TableSortByFieldState().display_name(age).desc(desc=True)])
        return drawn.transformations([*_joined(), _ordered("source", "zone", "area", "state", "age_s")])

    def _standing(self, kpi: Kpi, title: Text | str) -> list[DynamicConfigValue]:
        """A column that says in words what the value means."""
        mappings = style.standings(bands(kpi, self.domain.rules), self.language)
        shown = title if isinstance(title, str) else self._say(title)
        return style.properties(displayName=shown, mappings=mappings)

    def _fresh(self) -> list[DynamicConfigValue]:
        """A column of the share of sources that speak: a figure for itself, in no colour."""
        plain = {"mode": "fixed", "fixedColor": style.PLAIN}
        return style.properties(displayName=self._say(words.FRESH), unit="percentunit", decimals=0, color=plain)

    def _place(self, title: Text, tag: str) -> list[DynamicConfigValue]:
        """A column of places by name, each a link to the place alone, in the same time range."""
        names = style.area_names(self.city, self.language) if tag == "area" else style.zone_names(self.city)
        keep = "" if tag == "area" else "&var-area=$__all"
        url = f"/d/{board_uid(self.layout.name, self.language)}?var-{tag}=${{__value.raw}}{keep}&${{__url_time_range}}"
        links = [{"title": self._say(words.SHOW_ALONE), "url": url}]
        return style.properties(displayName=self._say(title), mappings=names, links=links, custom__filterable=True)

    def _chosen(self, kpi: Kpi) -> tuple[Chosen, ...]:
        """The chosen places; what concerns the whole city is shown whatever is chosen."""
        return () if kpi.measurement in citywide(self.domain) else CHOSEN

    def _window_s(self, kpi: Kpi) -> int:
        """The least interval that can show something."""
        if isinstance(kpi.formula, Census):
            return kpi.formula.every_s
        return next(series.window_s for series in self.domain.series if series.name == kpi.measurement)

    def _unit(self, kpi: Kpi) -> str:
        return words.grafana_unit(kpi.unit, self.language)

    def _say(self, said: Text) -> str:
        return self.language.say(said)


def grid(place: Place) -> GridPos:
    """A place as Grafana writes it."""
    return GridPos(h=place.height, w=place.width, x=place.x, y=place.y)


def _coloured_text() -> list[DynamicConfigValue]:
    return style.properties(custom__cellOptions={"type": "color-text"})


def _joined() -> list[DataTransformerConfig]:
    """The answers of several questions as one table. Their times differ by moments, so they go first."""
    return [
        DataTransformerConfig(id_val="filterFieldsByName", options={"exclude": {"names": [_TIME]}}),
        DataTransformerConfig(id_val="merge", options={}),
    ]


def _ordered(*names: str) -> DataTransformerConfig:
    """These columns first, in this order."""
    order = {name: number for number, name in enumerate(names)}
    options: dict[str, object] = {"excludeByName": {}, "indexByName": order, "renameByName": {}}
    return DataTransformerConfig(id_val="organize", options=options)
