"""The page of alerting: labels and annotations of every alert, who is told and when, and what to set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.deviation import BASELINE, BASELINE_FIELDS, BASELINE_TAGS
from cli._reference.markdown import code, codes, page, table
from dashboards.alerting import EVERY_S, FRESH_SHARE, alerting
from dashboards.contacts import BLIND, BLIND_PACE, GROUPS, ROUTINGS, SECRETS, VARIABLES
from dashboards.notifying import contact_points, mute_times
from embedded.alerting.outbox import RECEIVER

if TYPE_CHECKING:
    from city.catalogue import Catalogue

LABELS: Final = {
    "alertname": "the rule's title; `DatasourceNoData` or `DatasourceError` where the rule could not see",
    "rulename": "the rule's title, in those two cases",
    "rule": "the rule's uid",
    "domain": "whose it is; `pipeline` for the stream",
    "severity": "`critical`, `warning` or `info`",
    "scope": "what makes one alert each: `area`, `zone`, `city` …",
    "area": "the ward or commune, by code; with it goes its `zone`",
    "zone": "the former district, as in the boards' variable",
    "grafana_folder": "the folder of all our rules",
}
ANNOTATIONS: Final = {
    "summary": "one sentence with the place's name and the value, Vietnamese",
    "summary_en": "the same in English",
    "description": "threshold, dwell, recovery, target, and what the KPI means; Vietnamese",
    "description_en": "the same in English",
    "value": "the value alone",
    "unit": "its unit",
    "target": "what the city has promised itself",
    "runbook_url": "what to do: the panel on the domain's board",
    "__dashboardUid__": "Grafana's own: the board the alert links to",
    "__panelId__": "Grafana's own: the panel",
}
"""Tests hold both against the compiled rules."""


def pages(catalogue: Catalogue) -> dict[str, str]:
    """File → page."""
    groups = alerting(catalogue.domains, catalogue.city).groups
    text = page(
        "Alerting",
        f"{sum(len(group.rules) for group in groups)} rules in {len(groups)} groups, evaluated every {EVERY_S} s. They "
        "stand in the pages of the [domains](domains/index.md) and of the [stream](operations.md#rules); "
        "[change a threshold](../how-to/change-a-threshold.md), [notify somebody](../how-to/notify.md).",
        f"A value counts while at least {FRESH_SHARE:.0%} of the sources it rests on speak; otherwise its rule fires "
        "nothing and ends what fired, for the silence is an alert of its own.",
        "## Labels",
        table(("label", "what"), [(code(name), about) for name, about in LABELS.items()]),
        "A rule over other tags of a series (a site, a counter) has those as labels, too.",
        "## Annotations",
        table(("annotation", "what"), [(code(name), about) for name, about in ANNOTATIONS.items()]),
        "## Who is told",
        table(
            ("severity", "contact point", "first after", "news after", "again after", "mute"),
            [
                (one.severity, code(one.to), one.pace.wait, one.pace.interval, one.pace.repeat, codes(one.quiet))
                for one in ROUTINGS
            ]
            + [(codes(BLIND), "the console", BLIND_PACE.wait, BLIND_PACE.interval, BLIND_PACE.repeat, "")],
        ),
        f"One message holds the alerts that share {codes(GROUPS)}. `./cityops up` posts the same groups, as "
        f"`{RECEIVER}`, at the end of each round.",
        "## Contact points",
        table(
            ("contact point", "type", "needs"),
            [
                (code(point["name"]), receiver["type"], codes(_needs(str(receiver["settings"]))))
                for point in contact_points()
                for receiver in point["receivers"]
            ],
        ),
        table(("variable", "without it"), [(code(name), code(value)) for name, value in VARIABLES.items()]),
        "## Mute timings",
        table(("mute timing", "when"), [(code(one["name"]), _when(one)) for one in mute_times(catalogue.city)]),
        "## What is normal",
        f"Measurement `{BASELINE}` in `city_rollup`, a point for each hour. Tags: {codes(BASELINE_TAGS)}. Fields: "
        f"{codes(BASELINE_FIELDS)}. [How it is found](../explanation/deviation.md).",
    )
    return {"alerting.md": text}


def _needs(settings: str) -> list[str]:
    return [name for name in (*VARIABLES, *SECRETS) if name in settings]


def _when(mute: dict[str, object]) -> str:
    intervals = mute["time_intervals"]
    assert isinstance(intervals, list)
    return ", ".join(
        " ".join(
            [
                *one.get("weekdays", ()),
                *(f"{time['start_time']}–{time['end_time']}" for time in one["times"]),
                one["location"],
            ]
        )
        for one in intervals
    )
