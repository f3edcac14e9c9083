"""A question in InfluxQL as Grafana stores it: the foundation SDK has no builder for InfluxDB."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef

from dashboards.names import EXPRESSION, LIVE, MIXED

if TYPE_CHECKING:
    from collections.abc import Iterable

TYPE: Final = "influxdb"
"""The data source's plugin."""


def data_source(uid: str = LIVE) -> DataSourceRef:
    """A reference by uid, never by name or number."""
    return DataSourceRef(TYPE, uid)


@dataclass(frozen=True)
class InfluxQL(Dataquery, Builder["InfluxQL"]):
    """One query of a panel.

    Attributes:
        query: the text, with Grafana's macros in it.
        form: `time_series` makes one field for each series, `table` one line for each row, tags as columns.
        alias: how fields are called: `$col`, `$tag_<name>` or plain words.
    """

    query: str
    form: Literal["time_series", "table"] = "time_series"
    alias: str = ""
    ref: str = "A"
    source: str = LIVE
    hide: bool = False

    def build(self) -> InfluxQL:
        """It is what it builds: a query has no defaults that depend on others."""
        return self

    def to_json(self) -> dict[str, object]:
        """The panel's target."""
        target: dict[str, object] = {
            "refId": self.ref,
            "datasource": data_source(self.source).to_json(),
            "query": self.query,
            "rawQuery": True,
            "resultFormat": self.form,
        }
        return target | ({"alias": self.alias} if self.alias else {}) | ({"hide": True} if self.hide else {})


@dataclass(frozen=True)
class Expression(Dataquery, Builder["Expression"]):
    """A step that Grafana's server computes from others: `reduce` to the last value, or `math`, as in alert rules."""

    kind: Literal["reduce", "math"]
    text: str
    ref: str = "A"
    hide: bool = False

    def build(self) -> Expression:
        """It is what it builds."""
        return self

    def to_json(self) -> dict[str, object]:
        """The panel's target."""
        target: dict[str, object] = {
            "refId": self.ref,
            "datasource": DataSourceRef(EXPRESSION, EXPRESSION).to_json(),
            "type": self.kind,
            "expression": self.text,
        }
        last = {"reducer": "last", "settings": {"mode": "dropNN"}} if self.kind == "reduce" else {}
        return target | last | ({"hide": True} if self.hide else {})


Target = InfluxQL | Expression


def lettered(queries: Iterable[InfluxQL]) -> list[Target]:
    """The queries of one panel, called A, B, C and so on."""
    return [replace(query, ref=chr(ord("A") + number)) for number, query in enumerate(queries)]


def source_of(targets: Iterable[Target]) -> DataSourceRef:
    """The panel's own data source: that of its questions, or `mixed` where they have several."""
    asked = list(targets)
    sources = {target.source for target in asked if isinstance(target, InfluxQL)}
    if len(sources) == 1 and all(isinstance(target, InfluxQL) for target in asked):
        return data_source(sources.pop())
    return DataSourceRef("datasource", MIXED)
