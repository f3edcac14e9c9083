"""What people are told: templates filled in, labels, and the webhook payload as Grafana posts it."""

from __future__ import annotations

import pytest

from city import catalogue
from city.errors import DataError
from city.geography import HANOI
from city.instant import NS
from city.rules import labels_of
from city.rules.notice import NOT_YET, Notice, fingerprint, labels_told, payload
from city.rules.render import render
from dashboards.alerting import compiled

TRAFFIC = catalogue.load().domain("traffic")
SLOW = compiled(TRAFFIC.rules[0], TRAFFIC, HANOI)
START = 1_795_334_400 * NS
AREA = labels_of({"area": "00070", "zone": "hoan-kiem"})


def notice(area: str = "00070", *, ended_ns: int | None = None) -> Notice:
    series = labels_of({"area": area, "zone": "hoan-kiem"})
    return Notice(SLOW, labels_told(SLOW, "Cảnh báo", series), {"B": 8.25, "C": 1.0}, START, ended_ns)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("in {{ .Labels.area }}", "in 00070"),
        ("{{ .Labels.source }}", "<no value>"),
        ('{{ printf "%.1f" .Values.B.Value }} km/h', "8.2 km/h"),
        ('{{ printf "%.0f" .Values.B.Value }}', "8"),
        ('{{ printf "%.1f" .Values.N.Value }}', "NaN"),
        ('{{ printf "%.1f" .Values.I.Value }}', "+Inf"),
        ('{{ printf "%.1f" .Values.other.Value }}', "0.0"),
        ('{{ if .Values }}{{ printf "%.1f" .Values.B.Value }}{{ else }}?{{ end }}', "8.2"),
    ],
)
def test_templates_are_filled_in_as_go_does(template: str, text: str) -> None:
    values = {"B": 8.25, "N": None, "I": float("inf")}
    assert render(template, {"area": "00070"}, values) == text


def test_where_nothing_was_evaluated_no_value_is_made_up() -> None:
    assert render('{{ if .Values }}{{ printf "%.1f" .Values.B.Value }}{{ else }}?{{ end }}', {}, {}) == "?"


@pytest.mark.parametrize("template", ["{{ humanize 1 }}", "{{ range .Values }}x{{ end }}", "{{ $labels.area }}"])
def test_a_template_of_another_kind_is_refused_and_not_printed(template: str) -> None:
    with pytest.raises(DataError, match="only Grafana can fill in"):
        render(template, {}, {})


def test_every_annotation_of_every_rule_can_be_filled_in() -> None:
    from dashboards.alerting import alerting  # noqa: PLC0415 - all rules, for this alone

    for group in alerting(catalogue.load().domains, HANOI).groups:
        for rule in group.rules:
            for values in ({}, {"B": 1.0}):
                told = Notice(rule, labels_told(rule, group.folder, AREA), values)
                assert all(told.text(name) for name in rule.annotations)


def test_an_alert_has_the_labels_of_its_series_its_rule_and_its_folder_the_rules_own_first() -> None:
    series = labels_of({"area": "00070", "severity": "of the series"})
    assert dict(labels_told(SLOW, "Cảnh báo", series)) == {
        "alertname": "Giao thông chậm · Slow traffic",
        "area": "00070",
        "domain": "traffic",
        "grafana_folder": "Cảnh báo",
        "rule": "traffic_area_slow",
        "scope": "area",
        "severity": "warning",
    }


def test_an_alert_about_the_rule_itself_names_the_rule() -> None:
    told = dict(labels_told(SLOW, "Cảnh báo", labels_of({"alertname": "DatasourceNoData"})))
    assert told["alertname"] == "DatasourceNoData"
    assert told["rulename"] == "Giao thông chậm · Slow traffic"


@pytest.mark.parametrize(
    ("labels", "number"),
    # The figures of Prometheus's own test, model/signature_test.go.
    [({}, 14695981039346656037), ({"name": "garland, briggs", "fear": "love is not enough"}, 5799056148416392346)],
)
def test_a_fingerprint_is_the_one_prometheus_computes(labels: dict[str, str], number: int) -> None:
    assert fingerprint(labels_of(labels)) == f"{number:016x}"


def test_the_payload_of_a_group_that_fires() -> None:
    posted = payload([notice(), notice("00082")], "console", "http://grafana:3000")
    assert (posted["status"], posted["state"], posted["version"], posted["orgId"]) == ("firing", "alerting", "1", 1)
    assert posted["receiver"] == "console"
    assert posted["groupLabels"] == {
        "alertname": "Giao thông chậm · Slow traffic",
        "domain": "traffic",
        "zone": "hoan-kiem",
    }
    assert "area" not in posted["commonLabels"]
    assert posted["commonLabels"]["severity"] == "warning"
    assert posted["title"].startswith("[FIRING:2]")
    one, other = posted["alerts"]
    assert one["fingerprint"] != other["fingerprint"]
    assert one["labels"]["area"] == "00070"
    assert one["values"] == {"B": 8.25, "C": 1.0}
    assert one["startsAt"] == "2026-11-22T08:00:00.000Z"
    assert one["endsAt"] == NOT_YET
    assert one["annotations"]["summary"] == "Tốc độ trung bình ở phường Hoàn Kiếm là 8.2 km/h (mục tiêu trên 20)."
    assert one["panelURL"] == f"http://grafana:3000/d/traffic-vi?viewPanel={SLOW.panelId}"
    assert not any(name.startswith("__") for name in one["annotations"])


def test_the_payload_of_a_group_that_has_ended() -> None:
    posted = payload([notice(ended_ns=START + 60 * NS)], "console")
    assert (posted["status"], posted["state"]) == ("resolved", "ok")
    assert posted["title"].startswith("[RESOLVED:1]")
    assert posted["alerts"][0]["endsAt"] == "2026-11-22T08:01:00.000Z"
    assert posted["externalURL"] == ""


def test_a_group_fires_as_long_as_one_of_it_does() -> None:
    posted = payload([notice(ended_ns=START), notice("00082")], "console")
    assert posted["status"] == "firing"
    assert posted["title"].startswith("[FIRING:1]")
    assert [alert["status"] for alert in posted["alerts"]] == ["resolved", "firing"]
