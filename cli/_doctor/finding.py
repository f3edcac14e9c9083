"""A finding: one thing that a city needs, and whether it is so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it is. `NOTE` is worth knowing and stops nobody."""

    OK = "ok"
    NOTE = "note"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor.

    Attributes:
        name: what was looked at.
        said: how it is.
        todo: what to do; never empty where something is wrong.
    """

    name: str
    state: State
    said: str
    todo: str = ""
