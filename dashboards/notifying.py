"""Contacts → the files that tell Grafana whom to notify."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dashboards.contacts import (
    BLIND,
    BLIND_PACE,
    CONSOLE,
    EMAIL,
    GROUPS,
    MAINTENANCE,
    NIGHT,
    ROUTINGS,
    TELEGRAM,
)
from dashboards.messages import MESSAGE, SUBJECT, templates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from city.domain import RuleBook
    from city.geography import City
    from dashboards.contacts import Pace, Routing

_FROM_FILE: Final = "$__file{/run/secrets/%s}"
_CALL: Final = '{{ template "%s" . }}'


def notifying(books: Sequence[RuleBook], city: City) -> dict[str, dict[str, Any]]:
    """File name → document."""
    domains = list(dict.fromkeys(book.name for book in books))
    return {
        "contact-points": {"apiVersion": 1, "contactPoints": contact_points()},
        "policies": {"apiVersion": 1, "policies": [policy(domains)]},
        "mute-timings": {"apiVersion": 1, "muteTimes": mute_times(city)},
        "templates": {"apiVersion": 1, "templates": [{"orgId": 1, "name": "cityops", "template": templates(city)}]},
    }


def contact_points() -> list[dict[str, Any]]:
    """The console, e-mail and Telegram. Any other URL is the console's with another address."""
    webhook = {
        "url": "$ALERT_WEBHOOK",
        "httpMethod": "POST",
        "authorization_scheme": "Bearer",
        "authorization_credentials": _FROM_FILE % "alert-webhook-token",
        "title": _CALL % SUBJECT,
        "message": _CALL % MESSAGE,
    }
    email = {"addresses": "$ALERT_EMAIL", "subject": _CALL % SUBJECT, "message": _CALL % MESSAGE}
    telegram = {
        "bottoken": _FROM_FILE % "telegram-bot-token",
        "chatid": "$ALERT_TELEGRAM_CHAT",
        "message": _CALL % MESSAGE,
        "parse_mode": "None",
    }
    return [_point(CONSOLE, "webhook", webhook), _point(EMAIL, "email", email), _point(TELEGRAM, "telegram", telegram)]


def _point(name: str, kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    return {"orgId": 1, "name": name, "receivers": [{"uid": name, "type": kind, "settings": settings}]}


def policy(domains: Sequence[str]) -> dict[str, Any]:
    """The whole tree: what is blind first, then by severity, then by domain."""
    blind = {
        "receiver": CONSOLE,
        "object_matchers": [["alertname", "=~", "|".join(BLIND)]],
        "group_by": ["alertname"],
        **_pace(BLIND_PACE),
    }
    return {
        "orgId": 1,
        "receiver": CONSOLE,
        "group_by": list(GROUPS),
        "routes": [blind, *(_route(routing, domains) for routing in ROUTINGS)],
    }


def _route(routing: Routing, domains: Sequence[str]) -> dict[str, Any]:
    """A severity, and below it a route for each domain, where a domain's own people would be named."""
    return {
        "receiver": routing.to,
        "object_matchers": [["severity", "=", routing.severity]],
        "group_by": list(GROUPS),
        **({"mute_time_intervals": list(routing.quiet)} if routing.quiet else {}),
        **_pace(routing.pace),
        "routes": [
            {
                "receiver": routing.to,
                "object_matchers": [["domain", "=", domain]],
                "group_by": list(GROUPS),
                **({"mute_time_intervals": list(routing.quiet)} if routing.quiet else {}),
            }
            for domain in domains
        ],
    }


def _pace(pace: Pace) -> dict[str, str]:
    return {"group_wait": pace.wait, "group_interval": pace.interval, "repeat_interval": pace.repeat}


def mute_times(city: City) -> list[dict[str, Any]]:
    """The weekly hours of work on the machines, and the night, by the city's clock."""
    weekly = {
        "times": [{"start_time": "02:00", "end_time": "04:00"}],
        "weekdays": ["sunday"],
        "location": city.timezone,
    }
    nights = [
        {"times": [{"start_time": start, "end_time": end}], "location": city.timezone}
        for start, end in (("22:00", "24:00"), ("00:00", "06:00"))
    ]
    return [
        {"orgId": 1, "name": MAINTENANCE, "time_intervals": [weekly]},
        {"orgId": 1, "name": NIGHT, "time_intervals": nights},
    ]
