"""Whom alerts are told, how soon and in which groups, as data. Addresses and secrets come from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from city.rules.notice import GROUP_BY

CONSOLE, EMAIL, TELEGRAM = "cityops-console", "cityops-email", "cityops-telegram"
"""Names that nobody else has in a Grafana that exists already: it joins contact points of one name."""

VARIABLES: Final = {
    "ALERT_ON_CALL": CONSOLE,
    "ALERT_WEBHOOK": "http://console:18080/api/alerts",
    "ALERT_EMAIL": "operators@localhost",
    "ALERT_TELEGRAM_CHAT": "0",
}
"""What Grafana reads from its environment, with the value where nobody says otherwise. Compose passes them on."""

SECRETS: Final = ("alert-webhook-token", "telegram-bot-token")
"""What Grafana reads from secret files: `./cityops secrets` makes them, an operator replaces the bot's."""

ON_CALL: Final = "$ALERT_ON_CALL"
"""The contact point of critical alerts: its name is a setting, so that no file changes with the rota."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How soon a group is told for the first time, how soon of news in it, how often again."""

    wait: str
    interval: str
    repeat: str


@dataclass(frozen=True, slots=True)
class Routing:
    """What happens to alerts of one severity.

    Attributes:
        to: a contact point.
        quiet: mute timings that apply.
    """

    severity: Literal["critical", "warning", "info"]
    to: str
    pace: Pace
    quiet: tuple[str, ...] = ()


MAINTENANCE, NIGHT = "cityops-maintenance", "cityops-night"

ROUTINGS: Final = (
    Routing("critical", ON_CALL, Pace("5s", "1m", "1h")),
    Routing("warning", CONSOLE, Pace("30s", "5m", "4h"), (MAINTENANCE,)),
    Routing("info", CONSOLE, Pace("2m", "15m", "12h"), (MAINTENANCE, NIGHT)),
)

BLIND: Final = ("DatasourceNoData", "DatasourceError")
"""Alerts about rules that cannot see: told together whatever they are about, for one thing blinds many."""

BLIND_PACE: Final = Pace("30s", "5m", "4h")

GROUPS: Final = GROUP_BY
