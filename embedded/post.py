"""Where a part stands: the supervisor's notes on it, and what a person is told of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embedded.child import Child
    from embedded.parts import Part

LONGEST_REST_S = 30.0


class State(StrEnum):
    """Where a part stands."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    RESTING = "restarting"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Status:
    """One part's line for the person who watches."""

    name: str
    state: State
    detail: str
    restarts: int


@dataclass(slots=True)
class Post:
    """A part and how it does. Times are of the monotonic clock, in seconds."""

    part: Part
    child: Child | None = None
    state: State = State.WAITING
    detail: str = ""
    starts: int = 0
    failures: int = 0
    due: float = 0.0
    since: float = 0.0
    answered: float = 0.0
    asked: float = 0.0
    was_ready: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


def rest_s(failures: int) -> float:
    """How long a part rests after so many failures in a row: doubling from half a second to the cap."""
    return min(LONGEST_REST_S, 0.5 * 2.0 ** min(failures - 1, 16))
