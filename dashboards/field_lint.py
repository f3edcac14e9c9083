"""Names of fields in a panel that none of its questions answers: an override or an order that nobody would ever see.

Grafana says nothing of such a name. What a field is called follows from its question: in a table its columns and the
tags it is grouped by, over time its alias.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from city.domain import NOT_STATED
from city.influxql import DOMAIN
from dashboards.names import EXPRESSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from city.catalogue import Catalogue

Panel = dict[str, Any]
Values = dict[str, frozenset[str]]
"""Tag → its values, where they are a closed vocabulary."""

TIME: Final = "Time"
_COLUMN: Final = re.compile(r'(?:.* AS )?"([^"]+)"|(\w+)\(.*\)', re.DOTALL)
_PART: Final = re.compile(r"\$(?:tag_(\w+)|(col))|[^$]+")


def vocabulary(catalogue: Catalogue) -> Values:
    """The values of every tag that has a closed vocabulary; series that share a tag's name share the set here."""
    known: dict[str, set[str]] = {DOMAIN: set(catalogue.by_name)}
    for series in catalogue.series.values():
        for tag in series.tags:
            if tag.values:
                known.setdefault(tag.name, {NOT_STATED}).update(tag.values)
    return {name: frozenset(values) for name, values in known.items()}


def faults(panel: Panel, known: Values) -> Iterator[str]:
    """Each name that the panel's questions do not answer."""
    shown = [target for target in panel.get("targets", ()) if not target.get("hide")]
    answered = [_named(target, known) for target in shown]
    for name, where in _wanted(panel):
        if where == "byFrameRefID":
            if name not in {target["refId"] for target in shown}:
                yield f"an override is of the step {name}, which is not there or not shown"
        elif not any(names.fullmatch(name) for names in answered):
            yield f"{where} is of the field {name!r}, which no question of it answers"
    told = {one["value"] for one in _properties(panel) if one["id"] == "displayName"}
    for by in panel.get("options", {}).get("sortBy", ()):
        if by["displayName"] not in told:
            yield f"it is sorted by {by['displayName']!r}, which no column of it is called"


def _properties(panel: Panel) -> Iterator[dict[str, Any]]:
    for override in panel.get("fieldConfig", {}).get("overrides", ()):
        yield from override["properties"]


def _wanted(panel: Panel) -> Iterator[tuple[str, str]]:
    for override in panel.get("fieldConfig", {}).get("overrides", ()):
        kind = override["matcher"]["id"]
        yield override["matcher"]["options"], "an override" if kind == "byName" else kind
    for step in panel.get("transformations", ()):
        options: Mapping[str, Any] = step["options"]
        for key in ("excludeByName", "indexByName", "renameByName"):
            yield from ((name, f"the step {step['id']}") for name in options.get(key, {}))
        yield from ((name, f"the step {step['id']}") for name in options.get("exclude", {}).get("names", ()))
    for layer in panel.get("options", {}).get("layers", ()):
        place = layer.get("location", {})
        yield from ((place[axis], "a layer of the map") for axis in ("latitude", "longitude") if axis in place)


def _named(target: dict[str, Any], known: Values) -> re.Pattern[str]:
    """What its fields are called, as a pattern."""
    if target["datasource"]["uid"] == EXPRESSION:
        return re.compile(re.escape(target["refId"]))
    columns, tags = answered_columns(target["query"])
    if target["resultFormat"] == "table":
        return re.compile("|".join(map(re.escape, (TIME, *columns, *tags))))
    return re.compile("".join(_part(found, columns, tags, known) for found in _PART.finditer(target["alias"])))


def _part(found: re.Match[str], columns: tuple[str, ...], tags: tuple[str, ...], known: Values) -> str:
    tag, column = found.groups()
    if column:
        return f"(?:{'|'.join(map(re.escape, columns))})"
    if not tag:
        return re.escape(found[0])
    if tag not in tags:  # Grafana leaves such a part of an alias as it stands
        return re.escape(found[0])
    return f"(?:{'|'.join(map(re.escape, sorted(known[tag])))})" if tag in known else ".*"


def answered_columns(query: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of a question's answer, and the tags that tell its series apart."""
    outside = _outermost(query)
    chosen = outside.removeprefix("SELECT ").partition(" FROM ")[0]
    found = [_COLUMN.fullmatch(column.strip()) for column in _apart(chosen)]
    assert all(found), query
    grouped = outside.partition(" GROUP BY ")[2].partition(" fill(")[0]
    tags = tuple(tag for part in _apart(grouped) for tag in re.findall(r'^\s*"(\w+)"', part))
    return tuple(one[1] or one[2] for one in found if one), tags


def _outermost(query: str) -> str:
    """The question without the one in brackets that it reads from."""
    head, bracket, rest = query.partition(" FROM (")
    if not bracket:
        return query
    depth, place = 1, 0
    while depth:
        depth += {"(": 1, ")": -1}.get(rest[place], 0)
        place += 1
    return f"{head} FROM inner{rest[place:]}"


def _apart(text: str) -> Iterator[str]:
    """Its parts between the commas that stand in no bracket."""
    depth, start = 0, 0
    for place, char in enumerate(text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and not depth:
            yield text[start:place]
            start = place + 1
    if text[start:].strip():
        yield text[start:]
