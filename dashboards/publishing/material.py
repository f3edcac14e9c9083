"""Everything that is wanted in a Grafana, out of the very files that a fresh one is provisioned with."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from city.errors import UsageError
from city.language import Language
from city.rules.file import decode, seconds
from dashboards import provisioned, words
from dashboards.contacts import VARIABLES
from dashboards.publishing.resources import (
    Board,
    ContactPoint,
    DataSource,
    Folder,
    MuteTiming,
    Policy,
    RuleGroup,
    Templates,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from city.catalogue import Catalogue
    from city.rules.file import Group, Rule
    from dashboards.publishing.resources import Json, Resource

ALERTS: Final = "cityops-alerts"
PARENT: Final = "cityops"
RULES: Final = "alerting/rules.yaml"
_FILE: Final = re.compile(r"\$__file\{/run/secrets/([\w-]+)\}")
_VARIABLE: Final = re.compile(r"\$(?:([A-Z]\w*)|\{([A-Z]\w*)\})")


@dataclass(frozen=True)
class Source:
    """What the files leave open, for provisioned Grafana fills it in by itself.

    Attributes:
        store_url: InfluxDB as Grafana reaches it.
        store_token: of InfluxDB.
        secrets: folder of the secret files; a contact point whose secret is not there is left out.
        variables: the environment that contact points and policies name.
        folder: title of a folder to put ours below; empty: at the top.
    """

    store_url: str
    store_token: str = field(repr=False)
    secrets: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""


def material(catalogue: Catalogue, source: Source) -> list[Resource]:
    """What is wanted, in the order it is made.

    Raises:
        UsageError: critical alerts would go to a contact point that is not there.
    """
    files = provisioned.build(catalogue)
    documents = {
        path: msgspec.yaml.decode(text) for path, text in files.items() if path.endswith(".yaml") and path != RULES
    }
    points = list(_contact_points(documents["alerting/contact-points.yaml"], source))
    return [
        *_data_sources(documents["datasources/influx.yaml"], source),
        *_folders(documents["providers.yaml"], source),
        *_boards(files),
        *(MuteTiming(one["name"], _less(one)) for one in documents["alerting/mute-timings.yaml"]["muteTimes"]),
        *(Templates(one["name"], _stripped(one)) for one in documents["alerting/templates.yaml"]["templates"]),
        *points,
        _policy(documents["alerting/policies.yaml"], source, {point.wanted["name"] for point in points}),
        *(_rule_group(group) for group in decode(files[RULES]).groups),
    ]


def _data_sources(document: Json, source: Source) -> Iterator[Resource]:
    for one in document["datasources"]:
        filled = {name: value for name, value in one.items() if name not in {"editable", "isDefault"}}
        filled |= {"url": source.store_url, "secureJsonData": {"httpHeaderValue1": f"Token {source.store_token}"}}
        yield DataSource(one["uid"], filled)


def _folders(providers: Json, source: Source) -> Iterator[Resource]:
    below = {"parentUid": PARENT} if source.folder else {}
    if source.folder:
        yield Folder(PARENT, {"uid": PARENT, "title": source.folder})
    for language, provider in zip(Language, providers["providers"], strict=True):
        title = f"{provider['folder']} · {language}"
        yield Folder(provider["folderUid"], {"uid": provider["folderUid"], "title": title, **below})
    yield Folder(ALERTS, {"uid": ALERTS, "title": words.ALERTS.vi, **below})


def _boards(files: Mapping[str, str]) -> Iterator[Resource]:
    for path, text in files.items():
        if path.startswith("boards/"):
            board = json.loads(text)
            yield Board(board["uid"], board, folder=f"cityops-{path.split('/')[1]}")


def _contact_points(document: Json, source: Source) -> Iterator[ContactPoint]:
    for point in document["contactPoints"]:
        for receiver in point["receivers"]:
            names = set(_FILE.findall(json.dumps(receiver)))
            if all((source.secrets / name).is_file() for name in names):
                filled = _filled({**receiver, "name": point["name"], "disableResolveMessage": False}, source)
                yield ContactPoint(receiver["uid"], filled)


def _policy(document: Json, source: Source, points: set[str]) -> Policy:
    """Our tree as a branch of the one that is there."""
    (tree,) = document["policies"]
    branch = _filled(_less(tree), source)
    for route in _routes(branch):
        if route["receiver"] not in points:
            raise UsageError(
                f"alerts would go to the contact point {route['receiver']!r}, which is none of "
                f"{', '.join(sorted(points)) or '(none)'}: set ALERT_ON_CALL, or put its secret into {source.secrets}"
            )
    return Policy(words.ALERTS.vi, branch)


def _routes(route: Json) -> Iterator[Json]:
    yield route
    for below in route.get("routes", ()):
        yield from _routes(below)


def _rule_group(group: Group) -> RuleGroup:
    rules = [_rule(rule, group.name) for rule in group.rules]
    body = {"title": group.name, "folderUid": ALERTS, "interval": seconds(group.interval), "rules": rules}
    return RuleGroup(group.name, body, folder=ALERTS)


def _rule(rule: Rule, group: str) -> Json:
    """A rule in the API's words, which differ from the file's here and there."""
    return {
        "uid": rule.uid,
        "orgID": 1,
        "folderUID": ALERTS,
        "ruleGroup": group,
        "title": rule.title,
        "condition": rule.condition,
        "data": [
            {"queryType": "", "relativeTimeRange": {"from": 0, "to": 0}, **msgspec.to_builtins(query)}
            for query in rule.data
        ],
        "noDataState": rule.noDataState,
        "execErrState": rule.execErrState,
        "for": rule.for_,
        "keep_firing_for": rule.keepFiringFor,
        "missingSeriesEvalsToResolve": rule.missing_series_evals_to_resolve,
        "labels": rule.labels,
        "annotations": rule.annotations,
        "isPaused": rule.isPaused,
    }


def _filled(value: Any, source: Source) -> Any:
    """`$NAME` and `$__file{…}` as provisioning would fill them in; the API takes values as they are."""
    match value:
        case dict():
            return {name: _filled(part, source) for name, part in value.items()}
        case list():
            return [_filled(part, source) for part in value]
        case str():
            with_files = _FILE.sub(lambda found: _secret(source.secrets / found[1]), value)
            known = VARIABLES | dict(source.variables)
            return _VARIABLE.sub(lambda found: known.get(found[1] or found[2], ""), with_files)
        case _:
            return value


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the secret {path} cannot be read") from error


def _less(one: Json) -> Json:
    return {name: value for name, value in one.items() if name != "orgId"}


def _stripped(one: Json) -> Json:
    return {"name": one["name"], "template": one["template"].strip()}
