"""What a feed is, and what becomes of a reading that cannot be an event."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from city.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from city.event import Event
    from city.geography import City
    from producers.files import Text


class Dirt(StrEnum):
    """Why a reading is left out. It is counted under this name; nothing is guessed in its place."""

    EMPTY = "empty"
    NOT_A_NUMBER = "not-a-number"
    NOT_WHOLE = "not-a-whole-number"
    OUT_OF_BOUNDS = "out-of-bounds"
    ZERO_IS_MISSING = "zero-is-missing"
    WRONG_COLUMNS = "wrong-columns"
    TOO_LONG = "too-long-line"
    NOT_A_TIME = "not-a-time"
    CONTRADICTORY_TIME = "contradictory-time"
    NO_SUCH_TIME = "no-such-local-time"
    AMBIGUOUS_TIME = "ambiguous-local-time"
    REPEATED_TIME = "repeated-time"
    TIME_GOES_BACK = "time-goes-back"
    REPEATED_KEY = "repeated-key"
    UNKNOWN_VALUE = "unknown-value"


class Dirty(NamedTuple):
    """One or more readings left out.

    Attributes:
        reason: the name they are counted under.
        where: file and line, and the column where it matters.
        what: what stands there, cut short.
        readings: how many readings are lost with it.
    """

    reason: Dirt
    where: str
    what: str
    readings: int = 1


class DirtyError(ValueError):
    """A value that is dirt; whoever reads the row says where it stands."""

    def __init__(self, reason: Dirt) -> None:
        self.reason = reason
        super().__init__(reason)


class InFile(NamedTuple):
    """A file of the data set: what it is called, and its lines that are not blank."""

    name: str
    lines: Iterable[Text]


@dataclass(frozen=True, slots=True)
class Options:
    """What a data set does not say about itself. None: the feed's own assumption, which it states.

    Attributes:
        start: the time of the first row, where rows carry none (RFC 3339; without a zone it is local).
        zone: the zone of local times, by its IANA name.
        unit: of speeds, `mph` or `km/h`.
        length_m: of the road a travel time was measured over.
    """

    start: str | None = None
    zone: str | None = None
    unit: str | None = None
    length_m: float | None = None

    def only(self, feed: str, *known: str) -> None:
        """Refuse what a feed has no use for.

        Raises:
            UsageError: an option is set that means nothing to the feed.
        """
        for option in fields(self):
            if getattr(self, option.name) is not None and option.name not in known:
                raise UsageError(f"--{option.name.replace('_', '-')} means nothing to the feed {feed}")


class Feed(Protocol):
    """A way from one data set's files to events."""

    name: str
    about: str

    def assumptions(self, options: Options) -> tuple[str, ...]:
        """What is taken for granted because the files do not say it, a sentence each.

        Raises:
            UsageError: an option means nothing to this feed, or its value is none.
        """
        ...

    def read(self, files: Sequence[InFile], options: Options, city: City) -> Iterator[Event | Dirty]:
        """The events by non-decreasing `recordedtime`, and what was left out, where it stood.

        Raises:
            UsageError: an option means nothing to this feed, or its value is none.
            DataError: a file is not of this data set.
        """
        ...
