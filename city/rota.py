"""Sources that take turns: time is cut into slots, one for each turn of each source, so that pieces of it join exactly.

The g-th slot is turn `g // n` of source `g % n`; when in its slot a source is heard is drawn, and is a whole
millisecond. Everything about a slot follows from (source, turn), so any slot can be made alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from city.draw import Draw, Uniforms

_MS: Final = 1_000_000


class Slot(NamedTuple):
    """One turn of one source: when it is heard (ns, whole milliseconds), and the chance it has; the first is spent."""

    turn: int
    number: int
    now: int
    chance: Uniforms


@dataclass(frozen=True, slots=True)
class Rota:
    """Some sources, each heard once in a period.

    Attributes:
        period: ns between two turns of one source.
        chances: a draw for each source, thrown once a turn.
    """

    period: int
    chances: tuple[Draw, ...]

    def slots(self, start: int, end: int, numbers: Collection[int] | None = None) -> Iterator[Slot]:
        """The slots heard in `[start, end)`, by the moment they are heard; of these sources alone, if they are named.

        Who is not named costs next to nothing: its chance is not thrown.
        """
        if numbers is not None and not numbers:
            return  # an end that never comes would be looked for
        count = len(self.chances)
        place = start * count // self.period - 1
        while place * self.period // count < end + _MS:  # a stamp is cut to its millisecond: it may fall back by one
            turn, number = divmod(place, count)
            place += 1
            if numbers is not None and number not in numbers:
                continue
            slot = self.slot(turn, number)
            if start <= slot.now < end:
                yield slot

    def slot(self, turn: int, number: int) -> Slot:
        """One slot."""
        count = len(self.chances)
        place = turn * count + number
        begin, after = place * self.period // count, (place + 1) * self.period // count
        chance = self.chances[number].at(turn)
        return Slot(turn, number, (begin + int(chance[0] * (after - begin))) // _MS * _MS, chance)
