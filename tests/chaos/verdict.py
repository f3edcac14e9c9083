"""What a run has come to: every stored point against the truth, and what was promised beside it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from cli.truth import _stored
from producers.log import Log
from runtime.connect import Broker
from stream_app.side import TOPICS as SIDE
from stream_app.truth import compare
from tests.chaos.refused import refused
from tests.whole.city import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream_app.truth import Key, Truth, Value
    from tests.chaos.stage import Stage

    Points = Mapping[Key, Mapping[str, Value]]

SETTLES_S: Final = 180.0
_FLUSH_S: Final = 120.0
_LOOK_EVERY_S: Final = 2.0
_WORDS: Final = 500
_EXAMPLES: Final = 5


class Promise(Enum):
    """What an experiment holds the city to. No settled point ever gets a second value, whatever else."""

    EXACT = "nothing is lost, nothing counted twice"
    NONE_WRONG = "points may be missing, and none is wrong"


@dataclass
class Verdict:
    """The figures of a run.

    Attributes:
        events: what the publisher accepted, copies counted once.
        points: what the truth holds.
        lost: events that never came into the log, and events missing in points (once for each series).
        doubled: events counted too often in points, and settled points that were given a second value.
        wrong: points that differ otherwise.
        faults: what breaks a promise, in words.
        notes: what is worth telling.
    """

    events: int = 0
    points: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """The line that scripts read."""
        return (
            f"events={self.events} points={self.points} lost={self.lost} doubled={self.doubled} "
            f"wrong={self.wrong} {'FAILED' if self.faults else 'held'}"
        )


def judge(stage: Stage, promise: Promise) -> Verdict:
    """Stop the voice, close all windows, wait for the workers, and compare."""
    verdict = Verdict(faults=stage.faults, notes=stage.notes)
    if unstored := stage.voice.finish(_FLUSH_S):
        verdict.faults.append(f"{unstored} records are not known to be stored")
    stage.recorder.reach(stage.ground.ends())
    unheard = stage.voice.said - stage.recorder.identities()
    if promise is Promise.NONE_WRONG:
        unheard = set()
    if unheard:
        verdict.faults.append(f"{len(unheard)} events never came into the log, as {min(unheard)}")
    true = stage.truth()
    verdict.events, verdict.points = len(stage.voice.said), len(true.points)
    verdict.lost = len(unheard)
    _hold(verdict, true, _settled(stage, true, promise), promise)
    if aside := len(refused(stage.folder)):
        verdict.notes.append(f"{aside} points refused and set aside")
    second = stage.proxy.second_values()
    verdict.doubled += len(second)
    for point, values in list(second.items())[:_EXAMPLES]:
        verdict.faults.append(f"a settled point was given {len(values)} values: {point} {sorted(values)}"[:_WORDS])
    if promise is Promise.EXACT:
        _hold_side_topics(verdict, stage, true)
    for run in (*stage.ended, *stage.workers.values()):
        if "Traceback" in run.log:
            at = run.log.index("Traceback")
            verdict.faults.append(f"a traceback: {run.log[at : at + 200]} … {run.log[at:][-200:]}")
    return verdict


def _settled(stage: Stage, true: Truth, promise: Promise) -> Points:
    """The settled points and those refused for good, once nothing is missing, or when patience ends."""
    until = time.monotonic() + SETTLES_S
    while not _is_settled(stage, true, promise) and time.monotonic() < until:
        stage.pause(_LOOK_EVERY_S)
    # Looked at again: InfluxDB shows a point that is just being written with some of its fields.
    return _points(stage, true)


def _is_settled(stage: Stage, true: Truth, promise: Promise) -> bool:
    if promise is Promise.NONE_WRONG:
        return not stage.workers or stage.is_read()
    return not compare(true.points, _points(stage, true)).missing


def _points(stage: Stage, true: Truth) -> Points:
    return refused(stage.folder) | _stored(stage.store, CATALOGUE, true)


def _hold(verdict: Verdict, true: Truth, stored: Points, promise: Promise) -> None:
    wanted = true.points
    if promise is Promise.NONE_WRONG:
        wanted = {key: fields for key, fields in true.points.items() if key in stored}
        verdict.notes.append(f"{verdict.points - len(wanted)} of {verdict.points} points are missing, as they may")
    for key in wanted.keys() | stored.keys():
        of_truth, of_store = (int(one.get(key, {}).get("count", 0)) for one in (wanted, stored))
        verdict.lost += max(0, of_truth - of_store)
        verdict.doubled += max(0, of_store - of_truth)
        verdict.wrong += of_truth == of_store and wanted[key] != stored[key]
    difference = compare(wanted, stored)
    if not difference.none:
        verdict.faults += [str(difference), *difference.examples[:_EXAMPLES]]


def _hold_side_topics(verdict: Verdict, stage: Stage, true: Truth) -> None:
    """What no window took is in its topic: sent at least once, and by its identity exactly."""
    rejected = sum(count for name, count in true.counts.items() if name.startswith("rejected:"))
    for kind, wanted in (("late", true.counts["late"]), ("rejected", rejected)):
        until = time.monotonic() + SETTLES_S
        while (found := _set_aside(stage, SIDE[kind])) < wanted and time.monotonic() < until:
            stage.pause(_LOOK_EVERY_S)
        verdict.notes.append(f"{kind} {found}")
        if found != wanted:
            verdict.faults.append(f"{SIDE[kind]} holds {found} records, and {wanted} belong there")


def _set_aside(stage: Stage, topic: str) -> int:
    """How many records a side topic holds, each counted once."""
    log = Log(Broker(stage.ground.broker, embedded=False), [topic], group="chaos-side")
    try:
        bounds = log.bounds()
        lines = log.read({at: low for at, (low, _) in bounds.items()}, {at: high for at, (_, high) in bounds.items()})
        return len({dict(line.headers)["topic-partition-offset"] for line in lines})
    finally:
        log.close()
