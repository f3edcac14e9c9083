"""What is wrong with built boards, found before anybody looks at one: a line each, board and panel first."""

from __future__ import annotations

import json
import re
import unicodedata
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from city.catalogue import SOURCES_FIELDS, SOURCES_TAGS
from city.influxql import PIPELINE, SOURCES
from city.layout import GRID_WIDTH
from city.quantile import quantile_fields
from city.rollup import HOUR_TAG, LEAST_COPIED_S, LEVEL_TAG, of_day, resolutions_of
from city.standing import PLACES, PLACES_FIELDS, PLACES_TAGS, STANDINGS, STANDINGS_FIELDS, STANDINGS_TAGS
from dashboards import field_lint
from dashboards.names import DATA_SOURCES, EXPRESSION, LIVE, MIXED, OWN, ROLLUP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from city.catalogue import Catalogue

Board = dict[str, Any]
Panel = dict[str, Any]

_UIDS: Final = {*DATA_SOURCES, MIXED, EXPRESSION, OWN}
_SILENT: Final = ("row", "text", "alertlist")
"""Panels that ask nothing of ours: there is nothing that could be missing."""

_FIGURES: Final = ("stat", "timeseries", "heatmap", "bargauge", "geomap")
_COLOURLESS: Final = {"text", "green", "transparent"}
PIPELINE_FIELDS: Final = frozenset(
    {
        *("in", "late", "duplicate", "truncated", "unusable", "clock_trouble", "damaged", "rejected"),
        *(
            "open_windows",
            "pending_points",
            "lag",
            "write_s",
            "clock_s",
            "watermark_delay_s",
            "retries",
            "worker_share",
        ),
    }
)
PIPELINE_TAGS: Final = frozenset({"domain", "partition", "reason"})


def faults(files: Mapping[str, str], catalogue: Catalogue) -> Iterator[str]:
    """All that is wrong with the boards among these provisioned files.

    Args:
        files: path below `provisioned/` → content.
        catalogue: what measurements, fields and tags there are.
    """
    known, values = measurements(catalogue), field_lint.vocabulary(catalogue)
    boards = {path: json.loads(text) for path, text in files.items() if path.startswith("boards/")}
    uids = {board["uid"] for board in boards.values()}
    for path, board in sorted(boards.items()):
        where = path.removeprefix("boards/").removesuffix(".json")
        found = (*_board_faults(board, uids), *_grid_faults(board), *_twin_faults(path, boards))
        yield from (f"{where}: {fault}" for fault in found)
        for panel in board["panels"]:
            found = (*_panel_faults(panel, known), *field_lint.faults(panel, values))
            yield from (f"{where}: {panel['title']!r}: {fault}" for fault in found)


def measurements(catalogue: Catalogue) -> dict[tuple[str, str], frozenset[str]]:
    """(data source, measurement) → the fields and tags it has."""
    known = {
        (LIVE, SOURCES): SOURCES_FIELDS | SOURCES_TAGS | {"observation"},
        (LIVE, PIPELINE): PIPELINE_FIELDS | PIPELINE_TAGS,
        (LIVE, STANDINGS): frozenset({*STANDINGS_FIELDS, *STANDINGS_TAGS}),
        (LIVE, PLACES): frozenset({*PLACES_FIELDS, *PLACES_TAGS}),
    }
    for series in catalogue.series.values():
        has = frozenset({*series.field_names, *series.tag_names})
        binned = [measure for measure in series.measures if measure.bounds]
        known[LIVE, series.name] = has
        for one in resolutions_of(series):
            known[ROLLUP, one.of(series.name)] = has - {"final"}
            if one.seconds >= LEAST_COPIED_S:
                known[ROLLUP, one.week_later(series.name)] = has - {"final"}
                told = (name for one in binned for name in (*quantile_fields(one), f"{one.name}_count"))
                known[ROLLUP, one.quantiles(series.name)] = frozenset({"area", "zone", LEVEL_TAG, *told})
        own = {tag.name for tag in series.tags}
        known[ROLLUP, of_day(series.name)] = (has - {"final", *own}) | {HOUR_TAG}
    return known


def _board_faults(board: Board, uids: set[str]) -> Iterator[str]:
    if not board["title"].strip() or not board.get("description", "").strip():
        yield "a board has a title and a description"
    ids = [panel["id"] for panel in board["panels"]]
    if len(set(ids)) < len(ids):
        yield "two panels have one id"
    titles = [(panel["type"], panel["title"]) for panel in board["panels"]]
    for kind, title in sorted({one for one in titles if titles.count(one) > 1}):
        yield f"two {kind} panels are called {title!r}"
    for reference in _values(board, "datasource"):
        if not isinstance(reference, dict) or reference.get("uid") not in _UIDS:
            yield f"a data source is named by the uid of one of ours, not {reference!r}"
    for url in _values(board, "url"):
        target = re.match(r"/d/([\w-]+)", url)
        if target is None or target[1] not in uids:
            yield f"a link leads nowhere: {url}"
    texts = [text for key in ("title", "description") for text in _values(board, key) if isinstance(text, str)]
    if any(text != unicodedata.normalize("NFC", text) for text in texts):
        yield "a text is not NFC"


def _grid_faults(board: Board) -> Iterator[str]:
    places = [(panel["title"], panel["gridPos"]) for panel in board["panels"]]
    for title, at in places:
        if not (0 <= at["x"] < at["x"] + at["w"] <= GRID_WIDTH and at["h"] >= 1 and at["y"] >= 0):
            yield f"{title!r} leaves the grid"
    for (title, one), (other, two) in combinations(places, 2):
        beside = one["x"] + one["w"] <= two["x"] or two["x"] + two["w"] <= one["x"]
        above = one["y"] + one["h"] <= two["y"] or two["y"] + two["h"] <= one["y"]
        if not beside and not above:
            yield f"{title!r} lies on {other!r}"


def _twin_faults(path: str, boards: Mapping[str, Board]) -> Iterator[str]:
    """A board exists in both languages, and asks the same in both."""
    other = path.replace("/vi/", "/en/") if "/vi/" in path else path.replace("/en/", "/vi/")
    if other not in boards:
        yield "it is missing in the other language"
    elif "/vi/" in path:
        mine, twin = boards[path], boards[other]
        if mine["title"] == twin["title"]:
            yield f"its title is {mine['title']!r} in both languages"
        if [panel["id"] for panel in mine["panels"]] != [panel["id"] for panel in twin["panels"]]:
            yield "the other language has other panels"
        for panel, same in zip(mine["panels"], twin["panels"], strict=False):
            if "description" in panel and panel["description"] == same.get("description"):
                yield f"{panel['title']!r} is described in one language only"


def _panel_faults(panel: Panel, known: Mapping[tuple[str, str], frozenset[str]]) -> Iterator[str]:
    kind = panel["type"]
    if not panel["title"].strip():
        yield "a panel has a title"
    if kind == "row":
        return
    if not panel.get("description", "").strip():
        yield "a panel has a description"
    if kind not in _SILENT:
        defaults = panel["fieldConfig"]["defaults"]
        if not defaults.get("noValue", "").strip():
            yield "without data it says nothing"
        if kind in _FIGURES and not defaults.get("unit"):
            yield "its figures have no unit"
        yield from _colour_faults(panel)
    for target in panel.get("targets", ()):
        yield from _query_faults(target, panel, known)


def _colour_faults(panel: Panel) -> Iterator[str]:
    """Whatever thresholds colour is said in words too, or drawn as lines."""
    defaults = panel["fieldConfig"]["defaults"]
    coloured = {step["color"] for step in defaults.get("thresholds", {}).get("steps", ())} - _COLOURLESS
    if not coloured or defaults.get("custom", {}).get("thresholdsStyle", {}).get("mode") in {"dashed", "line"}:
        return
    if not any(
        one["id"] == "mappings" for override in panel["fieldConfig"]["overrides"] for one in override["properties"]
    ):
        yield "its thresholds are told by colour alone"


def _query_faults(
    target: dict[str, Any], panel: Panel, known: Mapping[tuple[str, str], frozenset[str]]
) -> Iterator[str]:
    uid = target["datasource"]["uid"]
    if uid == EXPRESSION:
        refs = {one["refId"] for one in panel["targets"]}
        for ref in set(re.findall(r"\$(\w+)", target["expression"])) - refs:
            yield f"the expression {target['refId']} needs {ref}, which is not asked"
        return
    query = target["query"]
    if re.search(r'"\w+"\s*\.', query):
        yield f"{target['refId']} names a bucket: that is the data source's matter"
    measurement = re.findall(r'FROM "(\w+)"', query)[-1:]
    has = known.get((uid, measurement[0])) if measurement else None
    if has is None:
        yield f"{target['refId']} asks {uid} of {measurement or 'nothing'}, which it does not hold"
        return
    aliases = set(re.findall(r'AS "([^"]+)"', query))
    for name in sorted(set(re.findall(r'"([^"]+)"', query)) - has - aliases - {*measurement}):
        yield f"{target['refId']} asks for {name!r}, which {measurement[0]} does not have"


def _values(node: Any, key: str) -> Iterator[Any]:
    """Every value below `node` that stands under `key`."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from _values(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from _values(value, key)
