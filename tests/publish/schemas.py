"""What Grafana's documented API takes in a request's body: required and known fields, and what they must be."""

from __future__ import annotations

import re
from typing import Any

DURATION = re.compile(r"(\d+(ms|[smhdwy]))+")

# Name → (type, required).
Schema = dict[str, tuple[type | tuple[type, ...], bool]]

SOURCE: Schema = {
    "name": (str, True),
    "type": (str, True),
    "access": (str, True),
    "uid": (str, True),
    "url": (str, False),
    "jsonData": (dict, False),
    "secureJsonData": (dict, False),
    "version": (int, False),
}
FOLDER: Schema = {"uid": (str, True), "title": (str, True), "parentUid": (str, False)}
FOLDER_CHANGE: Schema = {"title": (str, True), "version": (int, False), "overwrite": (bool, False)}
BOARD: Schema = {
    "dashboard": (dict, True),
    "folderUid": (str, True),
    "message": (str, False),
    "overwrite": (bool, True),
}
MUTE: Schema = {"name": (str, True), "time_intervals": (list, True), "version": (str, False)}
TEMPLATE: Schema = {"template": (str, True), "version": (str, False)}
POINT: Schema = {
    "uid": (str, True),
    "name": (str, True),
    "type": (str, True),
    "settings": (dict, True),
    "disableResolveMessage": (bool, False),
}
SETTINGS = {
    "webhook": {"url"},
    "email": {"addresses"},
    "telegram": {"bottoken", "chatid"},
}
SECRETS = {"authorization_credentials", "password", "bottoken"}
ROUTE: Schema = {
    "receiver": (str, False),
    "group_by": (list, False),
    "object_matchers": (list, False),
    "mute_time_intervals": (list, False),
    "group_wait": (str, False),
    "group_interval": (str, False),
    "repeat_interval": (str, False),
    "continue": (bool, False),
    "routes": (list, False),
}
GROUP: Schema = {"title": (str, True), "folderUid": (str, True), "interval": (int, True), "rules": (list, True)}
RULE: Schema = {
    "uid": (str, False),
    "orgID": (int, True),
    "folderUID": (str, True),
    "ruleGroup": (str, True),
    "title": (str, True),
    "condition": (str, True),
    "data": (list, True),
    "noDataState": (str, True),
    "execErrState": (str, True),
    "for": (str, True),
    "keep_firing_for": (str, False),
    "missingSeriesEvalsToResolve": (int, False),
    "labels": (dict, False),
    "annotations": (dict, False),
    "isPaused": (bool, False),
}
QUERY: Schema = {
    "refId": (str, True),
    "queryType": (str, False),
    "relativeTimeRange": (dict, True),
    "datasourceUid": (str, True),
    "model": (dict, True),
}


def check(schema: Schema, body: Any, where: str = "body") -> None:
    from tests.publish.grafana_double import need  # noqa: PLC0415 - each needs the other

    need(isinstance(body, dict), 400, f"bad request data: {where}")
    for name, (kind, required) in schema.items():
        need(name in body or not required, 400, f"bad request data: {where}.{name} is required")
        need(name not in body or isinstance(body[name], kind), 400, f"bad request data: {where}.{name}")
        need(not required or body[name] not in ("", None), 400, f"bad request data: {where}.{name} is empty")
    unknown = sorted(set(body) - set(schema))
    need(not unknown, 400, f"bad request data: {where} has no {unknown}")


def check_point(body: dict[str, Any]) -> None:
    from tests.publish.grafana_double import need  # noqa: PLC0415 - as above

    check(POINT, body)
    need(re.fullmatch(r"[A-Za-z0-9_-]{1,40}", body["uid"]), 400, "invalid uid")
    need(body["type"] in SETTINGS, 400, f"unknown receiver type {body['type']!r}")
    for name in SETTINGS[body["type"]]:
        value = body["settings"].get(name)
        need(isinstance(value, str) and value, 400, f"could not find {name} in settings")
    need("$" not in str(body["settings"]), 400, "a variable that nobody fills in")


def redacted(point: dict[str, Any]) -> dict[str, Any]:
    settings = {name: "[REDACTED]" if name in SECRETS else value for name, value in point.get("settings", {}).items()}
    return {**point, "settings": settings}


def check_route(route: dict[str, Any], points: set[str], mutes: set[str], *, root: bool = True) -> None:
    from tests.publish.grafana_double import need  # noqa: PLC0415 - as above

    check(ROUTE, {name: value for name, value in route.items() if name != "provenance"}, "route")
    need(route.get("receiver") or not root, 400, "root route must specify a default receiver")
    need(not (root and route.get("object_matchers")), 400, "root route must not have any matchers")
    if route.get("receiver"):
        need(route["receiver"] in points, 400, f"receiver {route['receiver']!r} does not exist")
    for name in route.get("mute_time_intervals", ()):
        need(name in mutes, 400, f"mute time interval {name!r} does not exist")
    for matcher in route.get("object_matchers", ()):
        need(len(matcher) == 3 and matcher[1] in {"=", "!=", "=~", "!~"}, 400, f"bad matcher {matcher}")
    for name in ("group_wait", "group_interval", "repeat_interval"):
        need(DURATION.fullmatch(route.get(name, "1s")), 400, f"bad duration {name}")
    for below in route.get("routes", ()):
        check_route(below, points, mutes, root=False)


def check_group(body: dict[str, Any], folder: str, group: str) -> None:
    from tests.publish.grafana_double import need  # noqa: PLC0415 - as above

    check(GROUP, body)
    need((body["folderUid"], body["title"]) == (folder, group), 400, "the path names another group")
    need(body["interval"] > 0 and body["interval"] % 10 == 0, 400, "interval must be a multiple of 10 s")
    titles = [rule.get("title") for rule in body["rules"]]
    need(len(titles) == len(set(titles)), 409, "a rule with this title exists in the folder")
    for rule in body["rules"]:
        check(RULE, rule, "rule")
        need((rule["folderUID"], rule["ruleGroup"]) == (folder, group), 400, "the rule names another group")
        need(re.fullmatch(r"[A-Za-z0-9_-]{1,40}", rule["uid"]), 400, "invalid uid")
        need(rule["noDataState"] in {"NoData", "Alerting", "OK", "KeepLast"}, 400, "unknown no data state")
        need(rule["execErrState"] in {"Error", "Alerting", "OK", "KeepLast"}, 400, "unknown error state")
        for name in ("for", "keep_firing_for"):
            need(DURATION.fullmatch(rule[name]), 400, f"bad duration {name}")
        for query in rule["data"]:
            check(QUERY, query, "query")
            need(set(query["relativeTimeRange"]) == {"from", "to"}, 400, "bad relative time range")
        need(rule["condition"] in {query["refId"] for query in rule["data"]}, 400, "condition names no query")
