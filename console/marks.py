"""Signs that stand beside every colour, so that nothing is told by colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.standing import State

if TYPE_CHECKING:
    from console.view import View

SIGNS: Final = {State.GOOD: "✔", State.ATTENTION: "▲", State.BLIND: "■", State.ALARM: "✖"}
SEVERITY_SIGNS: Final = {"critical": "✖", "warning": "▲", "info": "●"}
SOURCE_STATES: Final = {0: "good", 1: "attention", 2: "attention", 3: "alarm"}
"""The colour of a source's state: ok, slow, frozen, silent."""


def css(state: State | None) -> str:
    """The name of a state's colour and pattern."""
    return "none" if state is None else state.name.lower()


def state_words(view: View, state: State | None) -> str:
    """`✔ Đạt mục tiêu`."""
    return f"{SIGNS[state]} {view.say(f'state.{css(state)}')}" if state is not None else view.say("state.none")
