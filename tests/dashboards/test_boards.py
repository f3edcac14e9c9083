"""The built boards hold together: ids, words in both languages, links, and figures that say how good they are."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from city import operations
from city.influxql import SOURCES
from city.language import Language
from city.layout import RUNBOOK
from dashboards import provisioned
from dashboards.names import MIXED, panel_id

if TYPE_CHECKING:
    from city.catalogue import Catalogue

Board = dict[str, Any]


@pytest.fixture(scope="module", params=list(Language))
def language(request: pytest.FixtureRequest) -> Language:
    found: Language = request.param
    return found


@pytest.fixture(scope="module")
def boards(built: dict[str, str], language: Language) -> dict[str, Board]:
    """Name → board, in one language."""
    start = f"boards/{language}/"
    return {
        path.removeprefix(start).removesuffix(".json"): json.loads(text)
        for path, text in built.items()
        if path.startswith(start)
    }


@pytest.fixture(scope="module")
def traffic_board(boards: dict[str, Board]) -> Board:
    return boards["traffic"]


def drawn(board: Board) -> list[dict[str, Any]]:
    """The panels that are no headings."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def named(board: Board, name: str) -> dict[str, Any]:
    (found,) = (panel for panel in board["panels"] if panel["id"] == panel_id(name))
    return dict(found)


def test_ids_are_the_same_in_both_languages_and_so_are_the_questions(built: dict[str, str], packs: Catalogue) -> None:
    assert {f"{domain.name}-{past}" for domain in packs.domains for past in ("day", "month", "year")} <= {
        path.removeprefix("boards/vi/").removesuffix(".json") for path in built
    }
    for path, text in built.items():
        if path.startswith("boards/vi/"):
            vi, en = json.loads(text), json.loads(built[path.replace("/vi/", "/en/")])
            assert [panel["id"] for panel in vi["panels"]] == [panel["id"] for panel in en["panels"]]
            for one, other in zip(drawn(vi), drawn(en), strict=True):
                asked = [[target.get("query") for target in panel.get("targets", ())] for panel in (one, other)]
                assert asked[0] == asked[1]


def test_an_id_comes_from_the_name_alone() -> None:
    assert panel_id("course_traffic_mean_speed") == 861_487
    assert panel_id("runbook") == 962_197


def test_no_meaning_rests_on_colour_alone(boards: dict[str, Board]) -> None:
    """Whatever has coloured bands says them in words beside, or draws them as lines."""
    for board in boards.values():
        for panel in drawn(board):
            steps = panel.get("fieldConfig", {}).get("defaults", {}).get("thresholds", {}).get("steps", [])
            colours = {step["color"] for step in steps} - {"text"}
            if panel["type"] == "timeseries" and colours:
                assert panel["fieldConfig"]["defaults"]["custom"]["thresholdsStyle"]["mode"] == "dashed"
            elif colours:
                assert len(_mapped_words(panel)) == len(colours), panel["title"]


def _mapped_words(panel: dict[str, Any]) -> set[str]:
    return {
        mapping["options"]["result"]["text"]
        for override in panel["fieldConfig"]["overrides"]
        for one in override["properties"]
        if one["id"] == "mappings"
        for mapping in one["value"]
        if mapping["type"] == "range"
    }


def test_every_value_now_comes_with_freshness_and_last_week(traffic_board: Board) -> None:
    values = [panel for panel in drawn(traffic_board) if panel["type"] == "stat"]
    assert len(values) == 5
    for panel in values:
        queries = [target.get("query", "") for target in panel["targets"]]
        assert any(f'FROM "{SOURCES}"' in query for query in queries), panel["title"]
        if panel["id"] != panel_id("now_traffic_silent_sensors"):  # which is itself about sources
            assert any("_15m_week" in query for query in queries), panel["title"]
            assert panel["datasource"]["uid"] == MIXED
            assert panel["targets"][-1]["expression"] == "$D - $E"


def test_what_only_feeds_another_step_is_hidden(traffic_board: Board) -> None:
    speed = named(traffic_board, "now_traffic_mean_speed")
    shown = {target["refId"] for target in speed["targets"] if not target.get("hide")}
    assert shown == {"A", "B", "D", "F"}  # value, freshness, standing, change


def test_a_target_stands_in_the_title(traffic_board: Board, language: Language) -> None:
    said = {"vi": "Tốc độ trung bình (mục tiêu ≥ 20 km/h)", "en": "Mean speed (target ≥ 20 km/h)"}
    assert named(traffic_board, "now_traffic_mean_speed")["title"] == said[language]


def test_a_course_has_last_week_beside_it(traffic_board: Board, language: Language) -> None:
    course = named(traffic_board, "course_traffic_mean_speed")
    now, week = course["targets"]
    assert (now["datasource"]["uid"], week["datasource"]["uid"]) == ("influx-live", "influx-rollup")
    assert '"traffic_flow_15m_week"' in week["query"]
    assert week["alias"] == {"vi": "Tuần trước", "en": "Last week"}[language]


def test_a_course_asks_no_finer_than_its_windows(boards: dict[str, Board]) -> None:
    finest = {"traffic": "20s", "traffic-day": "1m", "traffic-month": "1h", "traffic-year": "1d"}
    for name, interval in finest.items():
        course = named(boards[name], "course_traffic_mean_speed")
        assert course["interval"] == interval
        assert "time($__interval" in course["targets"][0]["query"]


def test_longer_ranges_read_roll_ups_in_days_of_the_city(boards: dict[str, Board]) -> None:
    for name, measurement in {"day": "1m", "month": "1h", "year": "1d"}.items():
        query = named(boards[f"traffic-{name}"], "course_traffic_mean_speed")["targets"][0]["query"]
        assert f'"traffic_flow_{measurement}"' in query
        assert "time($__interval, -25200s)" in query


def test_a_day_by_hour_has_a_range_of_its_own_on_the_board_of_now(boards: dict[str, Board]) -> None:
    assert named(boards["traffic"], "hours_traffic_mean_speed")["timeFrom"] == "28d"
    assert "timeFrom" not in named(boards["traffic-month"], "hours_traffic_mean_speed")


def test_places_have_names_and_lead_on_with_what_is_chosen(
    boards: dict[str, Board], packs: Catalogue, language: Language
) -> None:
    places = named(boards["traffic"], "places")
    columns = {one["matcher"]["options"]: one["properties"] for one in places["fieldConfig"]["overrides"]}
    area = {one["id"]: one["value"] for one in columns["area"]}
    names = area["mappings"][0]["options"]
    assert len(names) == len(packs.city.units) + 1
    assert names["00070"]["text"] == ("Hoàn Kiếm" if language is Language.VI else "Hoan Kiem")
    alone, area_board = (link["url"] for link in area["links"])
    assert alone.startswith(f"/d/traffic-{language}?var-area=${{__value.raw}}")
    assert "${vehicle_type:queryparam}" in alone
    assert area_board == f"/d/area-{language}?var-area=${{__value.raw}}"
    zone = {one["id"]: one["value"] for one in columns["zone"]}
    assert zone["mappings"][0]["options"]["hoan-kiem"]["text"] == "Hoàn Kiếm"


def test_a_place_that_says_nothing_keeps_its_line(traffic_board: Board) -> None:
    places = named(traffic_board, "places")
    assert any(f'FROM "{SOURCES}"' in target["query"] for target in places["targets"])
    assert {target["resultFormat"] for target in places["targets"]} == {"table"}


def test_times_are_the_citys_and_the_board_renews_itself(boards: dict[str, Board]) -> None:
    assert {board["timezone"] for board in boards.values()} == {"Asia/Ho_Chi_Minh"}
    assert boards["traffic"]["refresh"] == "10s"
    assert boards["traffic"]["timepicker"]["nowDelay"] == "30s"
    assert not boards["traffic-year"].get("refresh")


def test_links_lead_to_boards_that_exist_and_keep_what_is_chosen(boards: dict[str, Board], language: Language) -> None:
    known = {f"{name}-{one}" for name in boards for one in Language}
    for name, board in boards.items():
        assert board["links"][0]["url"] == f"/d/{name}-{language.other}"
        for link in board["links"]:
            assert link["url"].removeprefix("/d/").partition("?")[0] in known
            assert link["includeVars"]
            assert link["keepTime"] != ("from=" in link["url"])
            assert "placement" not in link


def test_every_board_can_be_reached_from_the_wall(boards: dict[str, Board]) -> None:
    reached, new = set[str](), {"city"}
    while new:
        reached |= new
        found = {link["url"].removeprefix("/d/").partition("?")[0] for name in new for link in boards[name]["links"]}
        new = {name.rpartition("-")[0] for name in found} - reached
    assert reached == set(boards)


def test_the_variables_are_chained_and_all_means_any(traffic_board: Board) -> None:
    zone, area, vehicle = traffic_board["templating"]["list"]
    assert (zone["name"], area["name"], vehicle["name"]) == ("zone", "area", "vehicle_type")
    assert "$" not in zone["query"]
    assert "/^$zone$/" in area["query"]
    assert {one["allValue"] for one in (zone, area, vehicle)} == {".*"}
    assert "motorcycle" in vehicle["query"]


def test_the_stream_is_shown_by_domain(boards: dict[str, Board], packs: Catalogue) -> None:
    (domain,) = (one for one in boards["pipeline"]["templating"]["list"] if one["name"] == "domain")
    for pack in packs.domains:
        assert f" : {pack.name}" in domain["query"]
    assert ": all" not in domain["query"]
    targets = [target for panel in drawn(boards["pipeline"]) for target in panel.get("targets", ())]
    asked = [target["query"] for target in targets if "query" in target]
    assert len(asked) > 20
    assert [query for query in asked if '"domain" =~ /^$domain$/' not in query] == []


def test_figures_of_the_stream_are_judged_by_the_rules_that_watch_every_domain(
    boards: dict[str, Board], packs: Catalogue
) -> None:
    watched = {rule.kpi: rule for domain in packs.domains for rule in operations.watch(domain).rules}
    shown = {panel["id"]: panel for panel in drawn(boards["pipeline"])}
    judged = [shown[panel_id(f"now_{kpi}")] for kpi in watched if kpi.startswith("pipeline_")]
    assert len(judged) >= 4
    for panel in judged:
        assert [step["color"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]][-1] == "red"
        assert any(one["id"] == "mappings" for each in panel["fieldConfig"]["overrides"] for one in each["properties"])
        assert [link["url"] for link in panel["links"]] == [
            f"/d/{boards['pipeline']['uid']}?viewPanel={panel_id(RUNBOOK)}"
        ]
    lag = shown[panel_id("now_pipeline_lag")]["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert [step["value"] for step in lag] == [None, watched["pipeline_lag"].threshold]


def test_one_area_brings_its_zone(boards: dict[str, Board]) -> None:
    area, zone = boards["area"]["templating"]["list"]
    assert not area.get("multi")
    assert zone["hide"] == 2
    assert "/^$area$/" in zone["query"]
    levels = named(boards["area"], "now_traffic_mean_speed")
    filters = [re.findall(r"\$(area|zone)", target["query"]) for target in levels["targets"] if "query" in target]
    assert filters == [["area"], ["zone"], [], ["area"]]


def test_the_wall_is_one_screen_and_shows_every_domain(boards: dict[str, Board], packs: Catalogue) -> None:
    wall = boards["city"]
    assert max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in wall["panels"]) <= 26
    titles = " ".join(panel["title"] for panel in wall["panels"])
    for domain in packs.domains:
        assert domain.title.vi in titles or domain.title.en in titles
    kinds = {panel["type"] for panel in wall["panels"]}
    assert {"stat", "geomap", "alertlist", "table"} <= kinds


def test_a_state_on_the_map_has_its_own_shape_and_colour(boards: dict[str, Board]) -> None:
    layers = named(boards["city"], "map")["options"]["layers"]
    assert len({layer["config"]["style"]["symbol"]["fixed"] for layer in layers}) == len(layers) == 4
    assert len({layer["config"]["style"]["color"]["fixed"] for layer in layers}) == 4
    assert [layer["filterData"]["options"] for layer in layers] == ["A", "B", "C", "D"]


def test_the_runbook_stands_on_the_board(boards: dict[str, Board], packs: Catalogue) -> None:
    for domain in packs.domains:
        text = named(boards[domain.name], "runbook")
        for rule in domain.rules:
            assert f"`{rule.name}`" in text["options"]["content"]


def test_quantiles_are_shown_as_each_window_has_them(boards: dict[str, Board]) -> None:
    for name, window in {"traffic": "15m", "traffic-day": "15m", "traffic-month": "1h", "traffic-year": "1d"}.items():
        (target,) = named(boards[name], "quantiles_traffic_flow_speed")["targets"]
        assert f'"traffic_flow_{window}_quantiles"' in target["query"]
        assert "GROUP BY" not in target["query"], "a mean of quantiles is none"
        assert target["datasource"]["uid"] == "influx-rollup"


def test_every_indicator_of_an_index_is_told_with_its_parts_or_as_not_measured(
    boards: dict[str, Board], packs: Catalogue, language: Language
) -> None:
    domain = packs.domain("services")
    for board in (boards["services"], boards["services-month"]):
        untold = named(board, "unmeasured")["options"]["content"]
        for one in domain.scorecard:
            if one.kpi:
                panel = named(board, f"criterion_{one.kpi}")
                columns = {each["matcher"]["options"]: each["properties"] for each in panel["fieldConfig"]["overrides"]}
                assert language.say(one.group) in panel["title"]
                assert columns["part"][0]["value"] == language.say(one.numerator)
                assert columns["whole"][0]["value"] == language.say(one.denominator)
            else:
                assert one.why_not is not None
                (line,) = (line for line in untold.splitlines() if f"| {language.say(one.title)} |" in line)
                assert {"vi": "chưa đo được", "en": "not measured"}[language] in line
                assert language.say(one.why_not) in line


def test_every_rule_links_to_a_panel_that_is_there(packs: Catalogue) -> None:
    from city.rules import decode  # noqa: PLC0415 - only here

    built = provisioned.build(packs)
    panels = {
        board["uid"]: {panel["id"] for panel in board["panels"]}
        for path, text in built.items()
        if path.endswith(".json")
        for board in [json.loads(text)]
    }
    for group in decode(built["alerting/rules.yaml"]).groups:
        for rule in group.rules:
            assert rule.panelId in panels[rule.dashboardUid], rule.uid
