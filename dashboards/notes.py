"""What is marked on a board's pictures: alerts as they come and go, and what operators note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef

from dashboards import words
from dashboards.names import OWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.language import Language

_MOST: Final = 100
_ANNOTATIONS: Final = "grafana"


@dataclass(frozen=True)
class Tagged(Dataquery, Builder["Tagged"]):
    """Annotations that have one of these tags, of any board."""

    tags: tuple[str, ...]

    def build(self) -> Tagged:
        """It is what it builds."""
        return self

    def to_json(self) -> dict[str, object]:
        """The query's target."""
        return {"refId": "notes", "limit": _MOST, "matchAny": True, "tags": list(self.tags), "type": "tags"}


def notes(board: str, language: Language) -> Iterator[AnnotationQuery]:
    """Grafana's own list, which has the alerts of the board's panels; then notes for this board or for all."""
    own = DataSourceRef(_ANNOTATIONS, OWN)
    alerts = AnnotationQuery().name("Annotations & Alerts").type("dashboard").built_in(1).datasource(own)
    yield alerts.enable(enable=True).hide(hide=True).icon_color("rgba(0, 211, 255, 1)")
    noted = AnnotationQuery().name(language.say(words.NOTES)).datasource(own).icon_color("yellow")
    yield noted.enable(enable=True).target(Tagged(("cityops", board)))
