"""What a pure function said before: for the hot path, where the same few arguments come over and over."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Argument = TypeVar("Argument")
Result = TypeVar("Result")


class Remembered(dict[Argument, Result]):
    """Argument → what the function makes of it; a look-up costs a third of one in an `lru_cache`.

    Args:
        function: pure; what it raises is raised, and not remembered.
        most: when so many are remembered, all are forgotten: memory is bounded, whatever comes.
    """

    def __init__(self, function: Callable[[Argument], Result], most: int) -> None:
        super().__init__()
        self._function = function
        self._most = most

    def __missing__(self, argument: Argument) -> Result:
        if len(self) >= self._most:
            self.clear()
        result = self[argument] = self._function(argument)
        return result
