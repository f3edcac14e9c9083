"""What boards and rules ask, and how two stores' answers are held against each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from city.rules import decode
from city.rules.file import InfluxQuery
from dashboards.names import DATA_SOURCES, LIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.store.web import Client

CLOSE = 1e-9
"""How far two stores' numbers may lie from each other, of the number itself where it is greater than 1."""


class Question(NamedTuple):
    """What a panel, a variable or a rule asks, and of which bucket; `panel` is the panel's type."""

    name: str
    query: str
    bucket: str
    panel: str = ""


def questions(built: dict[str, str]) -> list[Question]:
    """Each question of all provisioned files once: boards in the other language ask the same."""
    asked = dict[tuple[str, str], Question]()
    for one in _all(built):
        asked.setdefault((one.bucket, one.query), one)
    return list(asked.values())


def _all(built: dict[str, str]) -> Iterator[Question]:
    for path, text in built.items():
        if path.endswith(".json"):
            yield from _of_board(path, json.loads(text))
    for group in decode(built["alerting/rules.yaml"]).groups:
        for rule in group.rules:
            for query in rule.data:
                if isinstance(query.parsed, InfluxQuery):
                    yield Question(f"{rule.uid} {query.refId}", query.parsed.query, DATA_SOURCES[query.datasourceUid])


def _of_board(path: str, board: dict[str, Any]) -> Iterator[Question]:
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            if target["datasource"]["uid"] in DATA_SOURCES:
                bucket = DATA_SOURCES[target["datasource"]["uid"]]
                yield Question(f"{path} {panel['title']} {target['refId']}", target["query"], bucket, panel["type"])
    for variable in board["templating"].get("list", ()):
        if variable["type"] == "query":
            yield Question(f"{path} ${variable['name']}", variable["query"], DATA_SOURCES[LIVE])


def series(store: Client, query: str, bucket: str = "city_live") -> list[dict[str, Any]]:
    """A store's answer, times in seconds."""
    reply = store.query(query, db=bucket, epoch="s")
    assert reply.status == 200, (query, reply.body)
    (result,) = reply.json["results"]
    assert "error" not in result, (query, result)
    found: list[dict[str, Any]] = result.get("series", [])
    return found


def close(one: Any, other: Any) -> bool:
    """Whether two answers are the same."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(close(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(close, one, other))
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= CLOSE * max(1.0, abs(one), abs(other))
    return bool(one == other)
