"""What people are told of an alert: its labels, and the webhook payload that Grafana posts.

https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from city.instant import rfc3339
from city.rules.evaluation import labels_of
from city.rules.render import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from city.rules.evaluation import Labels
    from city.rules.file import Rule

GROUP_BY: Final = ("alertname", "domain", "zone")
"""Alerts that are told together: of one rule, in one zone."""

FIRING_FILE: Final = "firing.json"
"""What fires after each round, in the data folder, as `standing` says it."""

NOT_YET: Final = "0001-01-01T00:00:00Z"
"""The end of what has not ended."""

_BASIS, _PRIME, _WORD = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True, slots=True)
class Notice:
    """One alert as it is told.

    Attributes:
        labels: all of them, the rule's and the folder among them.
        values: by refId; empty where nothing was evaluated.
        ended_ns: None while it fires.
    """

    rule: Rule
    labels: Labels
    values: Mapping[str, float | None] = field(hash=False)
    started_ns: int = 0
    ended_ns: int | None = None

    @property
    def group(self) -> Labels:
        """The labels it shares with those it is told with."""
        return tuple(pair for pair in self.labels if pair[0] in GROUP_BY)

    def text(self, annotation: str) -> str:
        """One of the rule's annotations, filled in; empty where the rule has none of that name."""
        return render(self.rule.annotations.get(annotation, ""), dict(self.labels), self.values)


def labels_told(rule: Rule, folder: str, series: Labels) -> Labels:
    """The labels of an alert: its rule's win over its series', as in Grafana.

    An alert about the rule itself (DatasourceNoData, DatasourceError) names the rule beside it.
    """
    of_series = dict(series)
    name = {"rulename": rule.title} if "alertname" in of_series else {"alertname": rule.title}
    return labels_of({"grafana_folder": folder, **of_series, **name, **rule.labels})


def fingerprint(labels: Labels) -> str:
    """A number for these labels, the same in every program that computes it: FNV-1a, as Prometheus writes it."""
    number = _BASIS
    for byte in b"".join(part.encode() + b"\xff" for pair in labels for part in pair):
        number = (number ^ byte) * _PRIME & _WORD
    return f"{number:016x}"


def payload(notices: Sequence[Notice], receiver: str, external_url: str = "") -> dict[str, Any]:
    """What is posted for one group.

    Args:
        notices: of the same group, at least one.
        receiver: the contact point.
        external_url: where Grafana is; empty where there is none.
    """
    firing = [notice for notice in notices if notice.ended_ns is None]
    group = dict(notices[0].group)
    alerts = [_alert(notice, external_url) for notice in notices]
    heading = f"[FIRING:{len(firing)}]" if firing else f"[RESOLVED:{len(notices)}]"
    return {
        "receiver": receiver,
        "status": "firing" if firing else "resolved",
        "orgId": 1,
        "alerts": alerts,
        "groupLabels": group,
        "commonLabels": _common([alert["labels"] for alert in alerts]),
        "commonAnnotations": _common([alert["annotations"] for alert in alerts]),
        "externalURL": external_url,
        "version": "1",
        "groupKey": "{}:{" + ", ".join(f'{name}="{value}"' for name, value in group.items()) + "}",
        "truncatedAlerts": 0,
        "title": f"{heading} {' '.join(group.values())}",
        "state": "alerting" if firing else "ok",
        "message": "\n".join(notice.text("summary") for notice in notices),
    }


def standing(notices: Iterable[Notice], at_ns: int) -> dict[str, Any]:
    """All that fires at an instant: `{"at": RFC 3339, "alerts": […]}`, each as a webhook payload holds it."""
    return {"at": rfc3339(at_ns), "alerts": [_alert(notice, "") for notice in notices]}


def _alert(notice: Notice, external_url: str) -> dict[str, Any]:
    rule = notice.rule
    board = f"{external_url}/d/{rule.dashboardUid}" if rule.dashboardUid else ""
    numbers = {ref: value for ref, value in notice.values.items() if value is not None and math.isfinite(value)}
    return {
        "status": "firing" if notice.ended_ns is None else "resolved",
        "labels": dict(notice.labels),
        # Those that begin with two underscores are Grafana's own, and stay there.
        "annotations": {name: notice.text(name) for name in rule.annotations if not name.startswith("__")},
        "startsAt": rfc3339(notice.started_ns),
        "endsAt": NOT_YET if notice.ended_ns is None else rfc3339(notice.ended_ns),
        "values": numbers or None,
        "generatorURL": f"{external_url}/alerting/grafana/{rule.uid}/view",
        "fingerprint": fingerprint(notice.labels),
        "silenceURL": f"{external_url}/alerting/silence/new",
        "dashboardURL": board,
        "panelURL": f"{board}?viewPanel={rule.panelId}" if board else "",
    }


def _common(mappings: Sequence[Mapping[str, str]]) -> dict[str, str]:
    first, *others = mappings
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}
