"""Every case beside every pack, the compiled file against Grafana's format, and the lint."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from city import catalogue, operations
from city.domain import AlertRule, Domain, RuleBook, Text
from city.errors import DataError
from city.rules import decode, encode, labels_of
from city.rules.file import EXPRESSION, InfluxQuery, Math, Reduce, Threshold
from city.rules.notice import labels_told
from cli._reference.alerting import ANNOTATIONS, LABELS
from dashboards import provisioned
from dashboards.alerting import alerting, books, compiled
from dashboards.names import DATA_SOURCES
from dashboards.rule_lint import broken_links, lint
from dashboards.rule_tests import Case, cases, run

if TYPE_CHECKING:
    from collections.abc import Callable

PACKS = catalogue.load()
TRAFFIC = PACKS.domain("traffic")
SLOW = TRAFFIC.rules[0]
BOOKS = books(PACKS.domains)
CASES = [(book, case) for book in BOOKS for case in cases(book)]


@pytest.mark.parametrize(("book", "case"), CASES, ids=[f"{case.rule}: {case.name}" for _, case in CASES])
def test_the_cases_beside_the_rules(book: RuleBook, case: Case) -> None:
    result = run(case, book)
    assert result.passed, str(result)


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.group)
def test_no_book_has_a_rule_with_a_fault(book: RuleBook) -> None:
    assert lint(book) == []


def test_every_case_that_several_books_share_is_a_case_of_a_rule() -> None:
    """A shared file gives each book the cases of its rules, so a misspelt name would test nothing."""
    text = (resources.files("city.operations") / "alerts_test.yaml").read_text(encoding="utf-8")
    named = set(re.findall(r"^  rule: \"?([\w{}]+)", text, re.MULTILINE))
    rules = {rule.name for book in BOOKS if book.package == "city.operations" for rule in book.rules}
    assert {name.replace("{domain}", domain.name) for name in named for domain in PACKS.domains} == rules


@pytest.mark.parametrize("domain", PACKS.domains, ids=lambda domain: domain.name)
def test_every_domain_has_rules_of_its_own_and_is_watched(domain: Domain) -> None:
    names = {rule.name.removeprefix(f"{domain.name}_") for rule in operations.watch(domain).rules}
    assert names == {"no_data", "silent", "frozen", "lag", "clock_stands", "rejects", "clock_trouble"}
    assert len(domain.rules) >= (5 if domain.name in ("services", "tourism", "traffic") else 1)


def test_uids_are_unique() -> None:
    uids = [rule.uid for group in alerting(PACKS.domains, PACKS.city).groups for rule in group.rules]
    assert len(uids) == len(set(uids))


def test_every_link_of_a_rule_leads_to_a_panel() -> None:
    files = provisioned.build(PACKS)
    assert broken_links(files) == []
    fewer = {path: text for path, text in files.items() if path != "boards/vi/pipeline.json"}
    assert "traffic_lag: links to panel" in "\n".join(broken_links(fewer))
    elsewhere = files | {"alerting/rules.yaml": files["alerting/rules.yaml"].replace("viewPanel=", "viewPanel=1")}
    assert "traffic_area_slow: its runbook's link leads nowhere" in broken_links(elsewhere)


Mutant = tuple[str, "Callable[[AlertRule], AlertRule]"]

MUTANTS: list[Mutant] = [
    ("another threshold", lambda rule: replace(rule, threshold=10.0)),
    ("the other side", lambda rule: replace(rule, fires="above", recovers_at=None)),
    ("no recovery threshold", lambda rule: replace(rule, recovers_at=None)),
    ("another recovery threshold", lambda rule: replace(rule, recovers_at=25.0)),
    ("no dwell", lambda rule: replace(rule, for_s=0)),
    ("no keeping on", lambda rule: replace(rule, keep_firing_s=0)),
    ("no data is alerting", lambda rule: replace(rule, no_data="alerting")),
    ("an error is for every area", lambda rule: replace(rule, on_error="alerting")),
    ("an error keeps the last", lambda rule: replace(rule, on_error="keep_last")),
    ("another severity", lambda rule: replace(rule, severity="info")),
    ("patience with missing series", lambda rule: replace(rule, missing_rounds=30)),
]


@pytest.mark.parametrize("mutant", [change for _, change in MUTANTS], ids=[name for name, _ in MUTANTS])
def test_a_rule_that_is_changed_fails_one_of_its_cases(mutant: Callable[[AlertRule], AlertRule]) -> None:
    changed = replace(TRAFFIC, rules=(mutant(SLOW),))
    assert not all(run(case, changed).passed for case in cases(TRAFFIC) if case.rule == SLOW.name)


OWN = [(book, rule) for book in BOOKS for rule in book.rules]
COMMON: list[Mutant] = [
    ("the other side", lambda rule: replace(rule, fires="above" if rule.fires == "below" else "below")),
    ("another dwell", lambda rule: replace(rule, for_s=rule.for_s + 60)),
    (
        "a threshold always crossed",
        lambda rule: replace(rule, threshold=1e6 if rule.fires == "below" else -1e6, recovers_at=None),
    ),
]


@pytest.mark.parametrize(("book", "rule"), OWN, ids=[rule.name for _, rule in OWN])
@pytest.mark.parametrize("mutant", [change for _, change in COMMON], ids=[name for name, _ in COMMON])
def test_the_cases_of_every_rule_hold_side_dwell_and_threshold(
    book: RuleBook, rule: AlertRule, mutant: Callable[[AlertRule], AlertRule]
) -> None:
    changed = mutant(rule)
    own = [case for case in cases(book) if case.rule == rule.name]
    assert not all(run(case, _with_rule(book, changed)).passed for case in own)


def _with_rule(book: RuleBook, rule: AlertRule) -> RuleBook:
    changed: RuleBook = replace(book, rules=(rule,))  # type: ignore[type-var] # every book is a dataclass
    return changed


def test_the_committed_file_is_read_back_as_it_was_compiled() -> None:
    text = (provisioned.FOLDER / "alerting/rules.yaml").read_text(encoding="utf-8")
    read = decode(text)
    assert encode(read) == encode(alerting(PACKS.domains, PACKS.city))
    assert read.groups[0].rules[0] == decode(text).groups[0].rules[0]


def test_a_rule_is_question_reduction_gate_threshold() -> None:
    rule = compiled(SLOW, TRAFFIC, PACKS.city)
    models = {query.refId: query.parsed for query in rule.data}
    assert [type(model) for model in models.values()] == [InfluxQuery, Reduce, InfluxQuery, Reduce, Math, Threshold]
    threshold = models[rule.condition]
    assert isinstance(threshold, Threshold)
    (condition,) = threshold.conditions
    assert (condition.evaluator.type, condition.evaluator.params) == ("lt", (12.0,))
    assert condition.unloadEvaluator is not None
    assert (condition.unloadEvaluator.type, condition.unloadEvaluator.params) == ("gt", (15.0,))


def test_a_step_stands_after_those_it_reads() -> None:
    for rule in (rule for group in alerting(PACKS.domains, PACKS.city).groups for rule in group.rules):
        seen: set[str] = set()
        for query in rule.data:
            model = query.parsed
            if isinstance(model, Math):
                assert set(re.findall(r"\$(\w+)", model.expression)) <= seen
            elif isinstance(model, (Reduce, Threshold)):
                assert model.expression in seen
            seen.add(query.refId)
        assert rule.condition in seen


def test_a_rule_over_the_sources_needs_no_gate() -> None:
    silent = replace(
        SLOW, name="traffic_silent", kpi="traffic_silent_sensors", fires="above", threshold=5.0, recovers_at=None, by=()
    )
    rule = compiled(silent, TRAFFIC, PACKS.city)
    models = [query.parsed for query in rule.data]
    assert [type(model) for model in models] == [InfluxQuery, Reduce, Threshold]
    assert isinstance(models[0], InfluxQuery)
    assert "\"domain\" = 'traffic'" in models[0].query
    assert rule.labels["scope"] == "city"


def test_no_data_and_errors_are_never_all_clear() -> None:
    for group in alerting(PACKS.domains, PACKS.city).groups:
        for rule in group.rules:
            assert rule.noDataState in {"Alerting", "NoData", "KeepLast"}
            assert rule.execErrState in {"Alerting", "Error", "KeepLast"}


def test_every_rule_speaks_both_languages_with_value_unit_target_and_ways_on() -> None:
    for group in alerting(PACKS.domains, PACKS.city).groups:
        for rule in group.rules:
            told = rule.annotations
            assert {"summary", "summary_en", "description", "description_en", "value", "unit", "target"} <= set(told)
            assert told["summary"] != told["summary_en"]
            assert "{{ printf" in told["value"]
            assert told["runbook_url"].startswith("/d/")
            assert (told["__dashboardUid__"], told["__panelId__"]) == (rule.dashboardUid, str(rule.panelId))
            assert {"domain", "severity", "scope", "rule"} <= set(rule.labels)
            assert not any("$" in text for text in told.values())


def test_questions_go_to_known_data_sources_by_uid() -> None:
    for rule in (rule for group in alerting(PACKS.domains, PACKS.city).groups for rule in group.rules):
        assert {query.datasourceUid for query in rule.data} <= {EXPRESSION, *DATA_SOURCES}


def test_the_range_of_a_rule_holds_as_many_windows_as_it_says_when_both_ends_count() -> None:
    """Grafana evaluates at whole multiples of 10 s and its range includes both ends."""
    (query, *_) = compiled(SLOW, TRAFFIC, PACKS.city).data
    assert query.relativeTimeRange is not None
    start, end = -query.relativeTimeRange.from_, -query.relativeTimeRange.to
    assert len([second for second in range(-600, 1, 10) if start <= second <= end]) == SLOW.over_s // 10
    assert end <= -TRAFFIC.series[0].lateness_s


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"for_s": 125}, "for_s is 125"),
    ({"recovers_at": 10.0}, "recovers at 10"),
    ({"name": "x" * 41}, "uids are 1 to 40"),
    ({"summary": Text("", "words {value}")}, "no summary in vi"),
    ({"summary": Text("ở {area}", "in {source}")}, "names {source}"),
    ({"summary": Text("ở phường {area}", "in {area}")}, "the summary in vi says what kind of place it is"),
    ({"summary": Text("ở {zone}", "in {zone} zone")}, "the summary in en says what kind of place it is"),
    ({"title": Text("Giao thông cha\u0323\u0302m", "Slow")}, "is not NFC"),
    ({"name": "traffic_other"}, "no case in alerts_test.yaml where it fires"),
    ({"name": "traffic_other"}, "no section in runbook.vi.md names `traffic_other`"),
]


@pytest.mark.parametrize(("change", "fault"), WRONG)
def test_the_lint_finds(change: dict[str, Any], fault: str) -> None:
    found = lint(replace(TRAFFIC, rules=(replace(SLOW, **change),)))
    assert any(fault in one for one in found), found


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("apiVersion: 2\ngroups: []", "apiVersion"),
        ("apiVersion: 1\ngroups: []\nmore: 1", "more"),
        ("apiVersion: 1\ngroups: [{orgId: 1, name: n, folder: f, interval: 10s, rules: [{uid: u}]}]", "rules"),
        ("apiVersion: [", "alerting file"),
    ],
)
def test_a_file_that_is_not_as_documented_is_refused(text: str, where: str) -> None:
    with pytest.raises(DataError, match=where):
        decode(text)


def test_ok_is_no_answer_to_no_data() -> None:
    text = (provisioned.FOLDER / "alerting/rules.yaml").read_text(encoding="utf-8")
    with pytest.raises(DataError, match="noDataState"):
        decode(text.replace("noDataState: NoData", "noDataState: OK"))


def test_dollars_are_doubled_outside_models_and_halved_when_read() -> None:
    rule = compiled(SLOW, TRAFFIC, PACKS.city)
    file = alerting([TRAFFIC], PACKS.city)
    group = file.groups[0]
    spent = {**rule.annotations, "cost": "5 $ or ${HOME}"}
    changed = type(file)(
        apiVersion=1,
        groups=(
            type(group)(
                orgId=1,
                name=group.name,
                folder=group.folder,
                interval=group.interval,
                rules=(_with_annotations(rule, spent),),
            ),
        ),
    )
    document = encode(changed)
    written = document["groups"][0]["rules"][0]
    assert written["annotations"]["cost"] == "5 $$ or $${HOME}"
    assert "$timeFilter" in written["data"][0]["model"]["query"]
    assert "$$" not in written["data"][0]["model"]["query"]


def _with_annotations(rule: Any, annotations: dict[str, str]) -> Any:
    import msgspec.structs  # noqa: PLC0415 - for this alone

    return msgspec.structs.replace(rule, annotations=annotations)


def test_the_reference_page_names_every_label_and_annotation_that_an_alert_has() -> None:
    rules = [rule for group in alerting(PACKS.domains, PACKS.city).groups for rule in group.rules]
    assert {name for rule in rules for name in rule.annotations} == set(ANNOTATIONS)
    told = {name for rule in rules for name, _ in labels_told(rule, "f", labels_of({"area": "1", "zone": "z"}))}
    blind = {name for name, _ in labels_told(rules[0], "f", labels_of({"alertname": "DatasourceError"}))}
    assert told | blind == set(LABELS)
