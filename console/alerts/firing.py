"""An alert as pages show it, out of Grafana's webhook format. Nothing in it is trusted: it is text, clipped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from city.domain import Text
from city.instant import nanoseconds

if TYPE_CHECKING:
    from city.geography import City

SEVERITIES: Final = ("critical", "warning", "info")
"""The worst first. An alert that states another is a warning: nobody may hide one by a word."""

MOST_CHARACTERS: Final = 500
MOST_LABELS: Final = 50


class Posted(msgspec.Struct, frozen=True):
    """One alert of a webhook payload. https://grafana.com/docs/grafana/latest/alerting/ (webhook notifier)."""

    status: str
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    startsAt: str = ""  # noqa: N815 - Grafana's names
    endsAt: str = ""  # noqa: N815
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Firing:
    """One alert that fires.

    Attributes:
        rule: the rule's name.
        title: in both languages.
        summary: with the places by their names.
        area, zone: codes; empty where the alert has none.
        since_ns: when it began.
        value: the number as text; may be empty.
        unit, target: in Vietnamese; may be empty.
        runbook: what the rule's annotation says of where to read on; empty without.
        fault: the rule cannot see (no data, or the store's error), which is not the same as what it watches for.
    """

    fingerprint: str
    rule: str
    title: Text
    summary: Text
    severity: str
    domain: str
    area: str
    zone: str
    since_ns: int
    value: str
    unit: str
    target: str
    runbook: str
    fault: bool


def firing_of(posted: Posted, city: City) -> Firing:
    """The alert that was posted."""
    labels = {clip(name): clip(value) for name, value in [*posted.labels.items()][:MOST_LABELS]}
    notes = {clip(name): clip(value) for name, value in [*posted.annotations.items()][:MOST_LABELS]}
    name = labels.get("rulename") or labels.get("alertname", "")
    vi, _, en = name.partition(" · ")
    severity = labels.get("severity", "")
    area = labels.get("area", "")
    return Firing(
        fingerprint=clip(posted.fingerprint) or repr(sorted(labels.items())),
        rule=labels.get("rule", name),
        title=Text(vi, en or vi),
        summary=Text(
            _named(notes.get("summary", ""), area, city),
            _named(notes.get("summary_en") or notes.get("summary", ""), area, city, english=True),
        ),
        severity=severity if severity in SEVERITIES else "warning",
        domain=labels.get("domain", ""),
        area=area if area in city.units else "",
        zone=labels.get("zone", "") if labels.get("zone") in {zone.slug for zone in city.zones} else "",
        since_ns=instant(posted.startsAt),
        value=notes.get("value", ""),
        unit=notes.get("unit", ""),
        target=notes.get("target", ""),
        runbook=notes.get("runbook_url", ""),
        fault=labels.get("alertname", "") in {"DatasourceNoData", "DatasourceError"},
    )


def clip(text: str) -> str:
    """No longer than anybody would read, and without what is no character to see."""
    return "".join(char for char in text[:MOST_CHARACTERS] if char.isprintable())


def _named(text: str, area: str, city: City, *, english: bool = False) -> str:
    """The summary with the place's name for its code: our own rules say it, other people's in that Grafana do not."""
    unit = city.units.get(area)
    if unit is None:
        return text
    # Not within the name of a source, which holds the code as well.
    return re.sub(rf"(?<![\w/]){area}(?![\w/])", unit.name_en if english else unit.name, text)


def instant(text: str) -> int:
    """An instant (ns since 1970) as Grafana writes it; 0 where it states none."""
    try:
        return nanoseconds(text)
    except ValueError:
        return 0
