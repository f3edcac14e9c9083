"""Alerts name places by their names, whoever fills the templates in: Grafana's own engine, or ours beside it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from city import catalogue
from city.errors import DataError
from city.geography import HANOI
from city.language import Language
from city.rules.places import filled, of_dot, of_label
from city.rules.render import render
from dashboards.alerting import alerting
from dashboards.messages import MESSAGE, SUBJECT, templates
from dashboards.places import names
from tests.servers import cannot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from city.rules import Rule

PROGRAM: Final = Path(__file__).with_name("go")
RULES: Final = [rule for group in alerting(catalogue.load().domains, HANOI).groups for rule in group.rules]
AREA: Final = {"area": "00070", "zone": "hoan-kiem"}
VALUES: Final = {"B": 8.25, "C": 1.0, "M": 31.0}


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that fills templates in with Go's text/template."""
    if shutil.which("go") is None:
        cannot("Go is not on this machine: Grafana's templates are of its language")
    made = tmp_path_factory.mktemp("go") / "templates"
    command = ["go", "build", "-buildvcs=false", "-o", str(made), "."]
    subprocess.run(command, cwd=PROGRAM, check=True, capture_output=True, timeout=300)
    return made


def by_go(program: Path, tasks: Sequence[dict[str, Any]]) -> list[str]:
    ran = subprocess.run([program], input=json.dumps(tasks), capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr[:2_000]
    told: list[str] = json.loads(ran.stdout)
    return told


def annotation(text: str, labels: dict[str, str], values: dict[str, float]) -> dict[str, Any]:
    return {"text": text, "data": {"Labels": labels, "Values": {ref: {"Value": one} for ref, one in values.items()}}}


def of_place(rule: Rule) -> dict[str, str]:
    """Labels as the rule's series have them."""
    return {**AREA, "source": "traffic/00070/003", "channel": "app"} if rule.labels["scope"] != "city" else {}


def test_both_engines_say_the_same_of_every_rule(go: Path) -> None:
    wanted, tasks = [], []
    for rule in RULES:
        for text in rule.annotations.values():
            for values in (VALUES, {}):
                tasks.append(annotation(text, of_place(rule), values))
                wanted.append(render(text, of_place(rule), values))
    assert by_go(go, tasks) == wanted


@pytest.mark.parametrize("language", list(Language))
def test_both_engines_name_every_place_and_tell_a_code_that_nobody_knows_as_it_is(go: Path, language: Language) -> None:
    for tag in ("area", "zone"):
        known = names(tag, HANOI, language)
        template = of_label(tag, known)
        labels = [{tag: code} for code in (*known, "99999")] + [{}, {tag: ""}]
        wanted = [*known.values(), "99999", "?", "?"]
        assert [filled(template, one) for one in labels] == wanted
        assert by_go(go, [annotation(template, one, {}) for one in labels]) == wanted


def test_no_summary_of_a_place_holds_its_code() -> None:
    told = [render(rule.annotations[name], AREA, VALUES) for rule in RULES for name in ("summary", "summary_en")]
    assert sum("phường Hoàn Kiếm" in text for text in told) >= 10
    assert sum("khu vực Hoàn Kiếm" in text for text in told) >= 5
    assert sum("Hoan Kiem ward" in text for text in told) >= 10
    assert sum("the Hoan Kiem zone" in text for text in told) >= 5
    assert not [text for text in told if "00070" in text or "hoan-kiem" in text]


@pytest.mark.parametrize("name", ["A;B", "A=B", 'A"B', "A\\B", "{{ A }}", "A\nB"])
def test_a_name_that_the_table_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="cannot be told in an alert"):
        of_dot({"1": name})


# ------------------------------------------------------------------------------------------------------- messages


def told(status: str = "firing", **labels: str) -> dict[str, Any]:
    return {
        "Status": status,
        "Labels": {"alertname": "Giao thông chậm · Slow traffic", "severity": "warning", **labels},
        "Annotations": {
            "summary": "Chậm.",
            "summary_en": "Slow.",
            "description": "Dưới.",
            "description_en": "Below.",
        },
        "PanelURL": "https://g/d/traffic-vi?orgId=1&viewPanel=7",
        "SilenceURL": "https://g/silence",
    }


def message(go: Path, call: str, *alerts: dict[str, Any], zone: str = "hoan-kiem") -> str:
    data = {
        "Alerts": alerts,
        "GroupLabels": {"alertname": "Giao thông chậm · Slow traffic", **({"zone": zone} if zone else {})},
        "CommonAnnotations": {"runbook_url": "/d/traffic-vi?viewPanel=9"},
        "ExternalURL": "https://g/",
    }
    (text,) = by_go(go, [{"text": templates(HANOI), "call": call, "data": data}])
    return text


def test_a_message_names_the_place_in_each_language_and_leads_to_the_board_of_each(go: Path) -> None:
    assert message(go, MESSAGE, told(**AREA)) == (
        "✖ ĐANG BÁO [warning] phường Hoàn Kiếm, khu vực Hoàn Kiếm\n"
        "Chậm.\n"
        "Dưới.\n"
        "Biểu đồ: https://g/d/traffic-vi?orgId=1&viewPanel=7\n"
        "Tắt tạm: https://g/silence\n"
        "\n"
        "Cách xử lý: https://g/d/traffic-vi?viewPanel=9\n"
        "\n"
        "————\n"
        "✖ FIRING [warning] Hoan Kiem ward, the Hoan Kiem zone\n"
        "Slow.\n"
        "Below.\n"
        "Panel: https://g/d/traffic-en?orgId=1&viewPanel=7\n"
        "Silence: https://g/silence\n"
        "\n"
        "What to do: https://g/d/traffic-en?viewPanel=9\n"
    )


@pytest.mark.parametrize(
    ("labels", "place"),
    [
        ({}, ""),
        ({"zone": "ba-vi"}, " khu vực Ba Vì"),
        ({"area": "01", "zone": "city"}, " toàn thành phố"),
        ({"area": "09700", "zone": "ba-vi"}, " xã Ba Vì, khu vực Ba Vì"),
    ],
)
def test_the_heading_says_which_place(go: Path, labels: dict[str, str], place: str) -> None:
    assert message(go, MESSAGE, told("resolved", **labels)).startswith(f"✔ ĐÃ HẾT [warning]{place}\n")


@pytest.mark.parametrize(
    ("alerts", "zone", "subject"),
    [
        ((told(), told("resolved")), "hoan-kiem", "✖ 1 cảnh báo / firing: {} · khu vực Hoàn Kiếm"),
        ((told("resolved"),), "", "✔ Đã hết / resolved: {}"),
    ],
)
def test_the_subject_says_how_many_and_where(
    go: Path, alerts: tuple[dict[str, Any], ...], zone: str, subject: str
) -> None:
    assert message(go, SUBJECT, *alerts, zone=zone) == subject.format("Giao thông chậm · Slow traffic")


def test_an_alert_about_the_rule_itself_says_that_it_cannot_see(go: Path) -> None:
    blind = told(alertname="DatasourceNoData", rulename="Giao thông chậm · Slow traffic")
    text = message(go, MESSAGE, blind, zone="")
    assert "Không có dữ liệu để đánh giá: Giao thông chậm · Slow traffic\n" in text
    assert "No data to judge by: Giao thông chậm · Slow traffic\n" in text
