"""Whom Grafana tells: the files against the documented format, and what a person may get wrong in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from city import catalogue
from city.boards import layouts
from city.errors import DataError
from city.language import Language
from city.rules.notice import GROUP_BY
from city.rules.routing_file import decode, routes
from dashboards.alerting import alerting, books
from dashboards.contacts import ROUTINGS, SECRETS, VARIABLES
from dashboards.notifying import notifying
from infra.secret_files import NAMES

if TYPE_CHECKING:
    from city.rules.routing_file import Route

PACKS = catalogue.load()
DOCUMENTS = notifying(books(PACKS.domains), PACKS.city)
TEXTS = {name: yaml.safe_dump(document, allow_unicode=True) for name, document in DOCUMENTS.items()}
FILE = decode(*TEXTS.values())
COMPOSE = yaml.safe_load((Path(__file__).parents[2] / "infra/docker-compose.yml").read_text(encoding="utf-8"))


def taken_by(labels: dict[str, str]) -> Route:
    """The route that takes an alert: the first that matches on each level, as Alertmanager chooses."""

    def matches(route: Route) -> bool:
        return all(
            labels.get(label, "") == wanted if sign == "=" else bool(re.fullmatch(wanted, labels.get(label, "")))
            for label, sign, wanted in route.object_matchers
        )

    (found,) = FILE.policies
    route: Route = found
    while below := next((one for one in route.routes if matches(one)), None):
        route = below
    return route


def parent_of(route: Route) -> Route:
    return next(one for policy in FILE.policies for one in routes(policy) if route in one.routes)


@pytest.mark.parametrize(
    ("severity", "wait", "muted"),
    [
        ("critical", "5s", ()),
        ("warning", "30s", ("cityops-maintenance",)),
        ("info", "2m", ("cityops-maintenance", "cityops-night")),
    ],
)
def test_an_alert_is_told_by_its_severity_and_its_domain(severity: str, wait: str, muted: tuple[str, ...]) -> None:
    for domain in (*PACKS.by_name, "pipeline"):
        route = taken_by({"severity": severity, "domain": domain, "alertname": "x", "zone": "hoan-kiem"})
        assert route.object_matchers == (("domain", "=", domain),)
        assert parent_of(route).group_wait == wait
        assert route.mute_time_intervals == muted


def test_an_alert_of_a_domain_nobody_has_thought_of_is_told_by_its_severity() -> None:
    route = taken_by({"severity": "critical", "domain": "air", "alertname": "x"})
    assert (route.receiver, route.group_wait) == ("$ALERT_ON_CALL", "5s")


@pytest.mark.parametrize("name", ["DatasourceNoData", "DatasourceError"])
def test_rules_that_cannot_see_are_told_together_whatever_they_are_about(name: str) -> None:
    route = taken_by({"severity": "critical", "domain": "traffic", "alertname": name})
    assert (route.receiver, route.group_by) == ("cityops-console", ("alertname",))


def test_every_compiled_rule_has_a_severity_that_a_route_takes_and_labels_to_group_by() -> None:
    severities = {routing.severity for routing in ROUTINGS}
    for group in alerting(PACKS.domains, PACKS.city).groups:
        for rule in group.rules:
            assert rule.labels["severity"] in severities
            assert taken_by(rule.labels).object_matchers == (("domain", "=", rule.labels["domain"]),)


def test_alerts_are_grouped_by_rule_and_zone_and_never_lose_what_the_console_groups_by() -> None:
    (policy,) = FILE.policies
    for route in routes(policy):
        assert set(route.group_by) in ({*GROUP_BY}, {"alertname"})


def test_what_comes_from_outside_has_a_value_in_compose_and_secrets_are_files() -> None:
    text = "".join(TEXTS.values())
    files = set(re.findall(r"\$__file\{/run/secrets/([\w-]+)\}", text))
    names = set(re.findall(r"\$([A-Z]\w+)", text))
    assert files == set(SECRETS)
    assert names == set(VARIABLES)
    grafana = COMPOSE["services"]["grafana"]
    assert files <= set(grafana["secrets"])
    assert files <= set(NAMES)
    assert {name: grafana["environment"][name] for name in names} == {
        name: f"${{{name}:-{value}}}" for name, value in VARIABLES.items()
    }


def test_nothing_in_templates_and_mute_timings_asks_to_be_filled_in_for_grafana_would_not() -> None:
    assert "$" not in TEXTS["templates"]
    assert "$" not in TEXTS["mute-timings"]


def test_the_messages_speak_both_languages_and_name_every_place() -> None:
    (template,) = FILE.templates
    assert "ĐANG BÁO" in template.template
    assert "FIRING" in template.template
    for unit in PACKS.city.units.values():
        for name in (unit.name, unit.name_en):
            assert re.search(f";{unit.code}=[^;]*{name}[^;]*;", template.template)


def test_each_half_of_a_message_links_to_the_board_of_its_language() -> None:
    (template,) = FILE.templates
    _, vi, en = re.split(r'define "cityops\.message\.\w\w"', template.template)
    assert "reReplaceAll" not in vi.replace('reReplaceAll "/+', "")
    changes = re.findall(r'reReplaceAll "(-vi\[\?\])" "(-en\?)" \.(PanelURL|CommonAnnotations\.runbook_url)', en)
    assert [where for _, _, where in changes] == ["PanelURL", "CommonAnnotations.runbook_url"]
    boards = {f"{layout.name}-{Language.EN}" for layout in layouts(PACKS)}
    for group in alerting(PACKS.domains, PACKS.city).groups:
        for rule in group.rules:
            links = (f"https://g/d/{rule.dashboardUid}?orgId=1", rule.annotations["runbook_url"])
            for link, (old, new, _) in zip(links, changes, strict=True):
                assert re.sub(old, new, link).partition("/d/")[2].partition("?")[0] in boards


def test_maintenance_is_by_the_citys_clock() -> None:
    assert {interval.location for mute in FILE.muteTimes for interval in mute.time_intervals} == {"Asia/Ho_Chi_Minh"}


def _without(name: str, old: str, new: str) -> list[str]:
    assert old in TEXTS[name]
    return [text.replace(old, new) if key == name else text for key, text in TEXTS.items()]


WRONG: list[tuple[str, str, str, str]] = [
    ("contact-points", "type: webhook", "type: pigeon", "pigeon"),
    ("contact-points", "chatid:", "chat:", "chat"),
    ("contact-points", "url: $ALERT_WEBHOOK", "url: ''", r"length >= 1 - at `\$\.url`|length >= 1"),
    ("contact-points", "uid: cityops-email", "uid: cityops-console", "two receivers have one uid"),
    ("contact-points", "cityops.subject", "cityops.topic", "'cityops.topic' is called and not defined"),
    ("policies", "group_wait: 5s", "group_wait: soon", "group_wait"),
    ("policies", "receiver: cityops-console", "receiver: nobody", "the contact point 'nobody', which is not there"),
    ("policies", "- cityops-night", "- nights", "the mute timing 'nights', which is not there"),
    ("policies", "group_by", "groupBy", "groupBy"),
    ("policies", "- =~", "- is", "object_matchers"),
    ("mute-timings", "02:00", "25:00", "start_time"),
    ("mute-timings", "- sunday", "- sun", "weekdays"),
    ("templates", "{{- end }}", "", "does not end what it begins"),
]


@pytest.mark.parametrize(("name", "old", "new", "fault"), WRONG, ids=[f"{one[0]}: {one[2]}" for one in WRONG])
def test_what_grafana_would_refuse_is_refused(name: str, old: str, new: str, fault: str) -> None:
    with pytest.raises(DataError, match=fault):
        decode(*_without(name, old, new))


def test_the_tree_is_replaced_whole_so_there_is_one() -> None:
    twice: dict[str, Any] = {**DOCUMENTS["policies"], "policies": DOCUMENTS["policies"]["policies"] * 2}
    with pytest.raises(DataError, match="policies"):
        decode(yaml.safe_dump(twice))
