"""The languages of what operators read, their own first."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from city.domain import Text


class Language(StrEnum):
    """A language of boards and pages."""

    VI = "vi"
    EN = "en"

    def say(self, words: Text) -> str:
        """A pack's words in this language."""
        return words.vi if self is Language.VI else words.en

    @property
    def other(self) -> Language:
        """The one beside it."""
        return Language.EN if self is Language.VI else Language.VI
