"""What is known of every alert, in a file: a restart neither forgets what fires nor tells it again."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

from city.rules import Alert, State, labels_of
from runtime.part import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from city.rules import Labels, Rule, RuleState

FILE: Final = "rules-state.json"
VERSION: Final = 1
_log = logging.getLogger("embedded.alerting")


class _Alert(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    labels: dict[str, str]
    state: State
    since_ns: int
    seen_ns: int
    reason: str
    values: dict[str, float | None]


class _Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    made: str
    alerts: tuple[_Alert, ...]


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An alert that people know to fire: since when, and with which numbers they were told."""

    rule: str
    labels: dict[str, str]
    started_ns: int
    values: dict[str, float | None]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    rules: dict[str, _Rule]
    told: tuple[Told, ...]


@dataclass
class Memory:
    """The alerts of every rule, and what people have been told.

    Attributes:
        states: rule's uid → its alerts.
        told: rule's uid and the labels of a series → what people know of it.
    """

    states: dict[str, RuleState] = field(default_factory=dict)
    told: dict[tuple[str, Labels], Told] = field(default_factory=dict)


def recall(path: Path, rules: dict[str, Rule]) -> Memory:
    """What `keep` wrote. A rule that has changed since begins anew; a file that cannot be read is as good as none."""
    written = read_json(path)
    if written is None:
        return Memory()
    try:
        file = msgspec.convert(written, _File)
    except msgspec.ValidationError as error:
        _log.warning("%s cannot be read, every alert begins anew: %s", path, error)
        return Memory()
    if file.version != VERSION:
        _log.warning("%s is of version %d, not %d: every alert begins anew", path, file.version, VERSION)
        return Memory()
    states: dict[str, RuleState] = {
        uid: {labels_of(alert.labels): _alert(alert) for alert in kept.alerts}
        for uid, kept in file.rules.items()
        if uid in rules and kept.made == made(rules[uid])
    }
    return Memory(states, {(one.rule, labels_of(one.labels)): one for one in file.told})


def keep(path: Path, memory: Memory, rules: dict[str, Rule]) -> None:
    """Write it, whole or not at all; what is normal is left out, for nobody needs to remember that.

    Raises:
        OSError: the disk does not take it.
    """
    kept = {
        uid: _Rule(
            made(rules[uid]),
            tuple(
                _Alert(dict(labels), one.state, one.since_ns, one.seen_ns, one.reason, dict(one.values))
                for labels, one in state.items()
                if one.state is not State.NORMAL
            ),
        )
        for uid, state in memory.states.items()
        if uid in rules
    }
    write_json(path, msgspec.to_builtins(_File(VERSION, kept, tuple(memory.told.values()))))


def made(rule: Rule) -> str:
    """What a rule is made of, as a short text: another rule of the same name has another."""
    return hashlib.sha256(msgspec.json.encode(rule)).hexdigest()[:16]


def _alert(one: _Alert) -> Alert:
    return Alert(one.state, one.since_ns, one.seen_ns, one.reason, one.values)
