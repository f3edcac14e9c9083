"""What the wall knows of the city: nobody's judgement is no judgement, and is never called well."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from city import catalogue
from city.boards.questions import places_query
from city.domain import Text
from city.standing import State
from console.alerts.book import Page
from console.alerts.firing import Firing
from console.judged import LATELY
from console.store import Line
from console.wall.situation import Watch

if TYPE_CHECKING:
    from console.store import Answer

PACKS = catalogue.load()
BLIND = Firing(
    *("1", "traffic_city_slow", Text("x", "x"), Text("x", "x"), "critical", "traffic", "", "", 0, "", "", "", ""),
    fault=True,
)


class _Store:
    """Every figure is 30, every source speaks; places are good in the span in which they were judged."""

    def __init__(self, judged: str) -> None:
        self._judged = judged

    async def ask(self, _bucket: str, influxql: str, _fresh_s: float) -> Answer:
        if "places" in influxql:
            return (Line({"area": "00070"}, ({"state": 0},)),) if influxql == self._judged else ()
        return (Line({}, ({"time": 0, "value": 30.0, "fresh": 1.0},)),)


class _Book:
    def __init__(self, *firing: Firing) -> None:
        self._firing = firing

    def page(self) -> Page:
        return Page(self._firing, 0, overdue=False)


def test_places_that_nobody_judges_any_more_stand_as_they_did_and_are_old() -> None:
    for judged, old in ((places_query(), False), (places_query(LATELY), True)):
        now = asyncio.run(Watch(_Store(judged), PACKS, _Book()).now())
        assert (now.places, now.places_old) == ({"00070": State.GOOD}, old)


@pytest.mark.parametrize(
    ("firing", "state"),
    [
        ((), State.GOOD),
        ((BLIND,), State.BLIND),
        ((replace(BLIND, fault=False),), State.GOOD),
        ((replace(BLIND, area="00070"),), State.GOOD),
    ],
)
def test_a_figure_that_its_rule_cannot_see_is_not_called_well(firing: tuple[Firing, ...], state: State) -> None:
    now = asyncio.run(Watch(_Store(places_query()), PACKS, _Book(*firing)).now())
    (traffic,) = (one for one in now.domains if one.domain.name == "traffic")
    stated = {tile.kpi.name: tile.state for tile in traffic.tiles}
    assert stated["traffic_mean_speed"] is state
