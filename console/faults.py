"""What went wrong, in words of the page's language; the error's own words are for the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from city.errors import CityopsError, UnreachableError

if TYPE_CHECKING:
    from console.view import View

Fault = Literal["", "away", "refused", "failed"]
"""Nothing; the store does not answer; it refuses the question; the console itself is wrong."""


def fault_of(error: Exception) -> Fault:
    """What kind of fault an error is."""
    if isinstance(error, UnreachableError):
        return "away"
    return "refused" if isinstance(error, CityopsError) else "failed"


def fault_words(view: View, fault: Fault) -> str:
    """What people read."""
    return view.say(f"fault.{fault}")
