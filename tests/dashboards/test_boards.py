"""The built boards hold together: ids, grid, words in both languages, and nothing the catalogue does not know."""

from __future__ import annotations

import json
import re
import unicodedata
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from city.influxql import SOURCES
from dashboards import provisioned
from dashboards.names import DATA_SOURCES, panel_id
from dashboards.words import NO_DATA, NONE_QUIET, Language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.catalogue import Catalogue

SOURCES_FIELDS = {"last_event_s", "age_s", "state", "silent"}
SOURCES_TAGS = {"domain", "source", "area", "zone"}


@pytest.fixture(scope="module", params=list(Language))
def language(request: pytest.FixtureRequest) -> Language:
    found: Language = request.param
    return found


@pytest.fixture(scope="module")
def board(packs: Catalogue, language: Language) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(provisioned.build(packs)[f"boards/{language}/traffic.json"])
    return found


def drawn(board: dict[str, Any]) -> list[dict[str, Any]]:
    """The panels that are no headings."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def asking(board: dict[str, Any]) -> list[dict[str, Any]]:
    """The panels that ask something."""
    return [panel for panel in drawn(board) if panel["type"] != "text"]


def test_ids_are_unique_and_the_same_in_both_languages(packs: Catalogue) -> None:
    files = provisioned.build(packs)
    vi, en = (
        [panel["id"] for panel in json.loads(files[f"boards/{language}/traffic.json"])["panels"]]
        for language in Language
    )
    assert vi == en
    assert len(set(vi)) == len(vi)


def test_an_id_comes_from_the_name_alone() -> None:
    assert panel_id("course_traffic_mean_speed") == 861_487
    assert panel_id("runbook") == 962_197


def test_no_panel_lies_on_another_or_leaves_the_grid(board: dict[str, Any]) -> None:
    places = [panel["gridPos"] for panel in board["panels"]]
    for place in places:
        assert 0 <= place["x"] < place["x"] + place["w"] <= 24
        assert place["h"] >= 1
    for one, other in combinations(places, 2):
        assert (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        ), (one, other)


def test_every_panel_says_what_it_is_and_what_it_says_without_data(board: dict[str, Any], language: Language) -> None:
    for panel in drawn(board):
        assert panel["title"].strip()
        assert panel["description"].strip()
        assert panel["title"] == unicodedata.normalize("NFC", panel["title"])
    for panel in asking(board):
        expected = NONE_QUIET if panel["id"] == panel_id("sources") else NO_DATA
        assert panel["fieldConfig"]["defaults"]["noValue"] == language.say(expected)


def test_a_panel_alone_is_told_from_the_others_by_its_title(board: dict[str, Any]) -> None:
    titles = [(panel["type"], panel["title"]) for panel in drawn(board)]
    assert len(set(titles)) == len(titles)


def test_every_figure_has_a_unit(board: dict[str, Any]) -> None:
    for panel in asking(board):
        if panel["type"] in {"stat", "timeseries"}:
            assert panel["fieldConfig"]["defaults"]["unit"]


def test_the_languages_differ_where_people_read(packs: Catalogue) -> None:
    files = provisioned.build(packs)
    vi, en = (json.loads(files[f"boards/{language}/traffic.json"]) for language in Language)
    assert vi["title"] != en["title"]
    for one, other in zip(vi["panels"], en["panels"], strict=True):
        assert one["title"] != other["title"]
        assert one.get("description") != other.get("description") or one["type"] == "row"
        assert one.get("targets", [{}])[0].get("query") == other.get("targets", [{}])[0].get("query")


def test_vietnamese_boards_use_no_english_unit_words(packs: Catalogue) -> None:
    text = provisioned.build(packs)["boards/vi/traffic.json"]
    assert "vehicles/min" not in text
    assert "xe/phút" in text


def test_no_meaning_rests_on_colour_alone(board: dict[str, Any]) -> None:
    """Whatever has coloured bands says them in words beside, or draws them as lines."""
    for panel in asking(board):
        colours = {step["color"] for step in panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])}
        if colours <= {"text"}:
            continue
        if panel["type"] == "timeseries":
            assert panel["fieldConfig"]["defaults"]["custom"]["thresholdsStyle"]["mode"] == "dashed"
        else:
            words = {
                mapping["options"]["result"]["text"]
                for override in panel["fieldConfig"]["overrides"]
                for one in override["properties"]
                if one["id"] == "mappings"
                for mapping in one["value"]
            }
            assert len(words) == len(colours), panel["title"]


def test_every_value_now_comes_with_the_freshness_of_its_sources(board: dict[str, Any]) -> None:
    values = [panel for panel in asking(board) if panel["type"] == "stat"]
    assert len(values) == 5
    for panel in values:
        queries = [target["query"] for target in panel["targets"]]
        assert any(f'FROM "{SOURCES}"' in query for query in queries), panel["title"]


def test_data_comes_from_the_known_sources_by_uid_only(board: dict[str, Any]) -> None:
    references = list(_values(board, "datasource"))
    assert references
    for reference in references:
        assert reference["type"] == "influxdb"
        assert reference["uid"] in DATA_SOURCES


def test_queries_name_only_what_the_catalogue_knows(board: dict[str, Any], packs: Catalogue) -> None:
    for query in _values(board, "query"):
        measurement = re.findall(r'FROM "(\w+)"', query)[-1]
        if measurement == SOURCES:
            known = SOURCES_FIELDS | SOURCES_TAGS
        else:
            series = packs.series[measurement]
            known = {*series.field_names, *series.tag_names}
        own = set(re.findall(r'AS "(\w+)"', query))
        assert set(re.findall(r'"(\w+)"', query)) <= known | own | {measurement}, query


def test_a_course_asks_no_finer_than_its_windows(board: dict[str, Any]) -> None:
    for panel in asking(board):
        if panel["type"] == "timeseries":
            assert panel["interval"] == "10s"
            assert "time($__interval)" in panel["targets"][0]["query"]


def test_places_have_names_and_lead_to_themselves(board: dict[str, Any], packs: Catalogue, language: Language) -> None:
    (places,) = (panel for panel in asking(board) if panel["id"] == panel_id("places"))
    columns = {one["matcher"]["options"]: one["properties"] for one in places["fieldConfig"]["overrides"]}
    area = {one["id"]: one["value"] for one in columns["area"]}
    names = area["mappings"][0]["options"]
    assert len(names) == len(packs.city.units) + 1
    assert names["00070"]["text"] == ("Hoàn Kiếm" if language is Language.VI else "Hoan Kiem")
    assert area["links"][0]["url"].startswith(f"/d/traffic-{language}?var-area=${{__value.raw}}")
    zone = {one["id"]: one["value"] for one in columns["zone"]}
    assert zone["mappings"][0]["options"]["hoan-kiem"]["text"] == "Hoàn Kiếm"


def test_a_place_that_says_nothing_keeps_its_line(board: dict[str, Any]) -> None:
    (places,) = (panel for panel in asking(board) if panel["id"] == panel_id("places"))
    assert any(f'FROM "{SOURCES}"' in target["query"] for target in places["targets"])
    assert {target["resultFormat"] for target in places["targets"]} == {"table"}


def test_times_are_the_citys_and_the_board_renews_itself(board: dict[str, Any]) -> None:
    assert board["timezone"] == "Asia/Ho_Chi_Minh"
    assert board["refresh"] == "10s"
    assert board["timepicker"]["nowDelay"] == "30s"


def test_the_other_language_is_one_visible_step_away(board: dict[str, Any], language: Language) -> None:
    (link,) = board["links"]
    assert link["url"] == f"/d/traffic-{language.other}"
    assert link["includeVars"]
    assert link["keepTime"]
    assert "placement" not in link


def test_the_variables_are_chained_and_all_means_any(board: dict[str, Any]) -> None:
    zone, area = board["templating"]["list"]
    assert (zone["name"], area["name"]) == ("zone", "area")
    assert "$" not in zone["query"]
    assert "/^$zone$/" in area["query"]
    assert zone["allValue"] == area["allValue"] == ".*"


def test_the_runbook_stands_on_the_board(board: dict[str, Any], packs: Catalogue) -> None:
    (text,) = (panel for panel in drawn(board) if panel["type"] == "text")
    for rule in packs.domain("traffic").rules:
        assert f"`{rule.name}`" in text["options"]["content"]


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
