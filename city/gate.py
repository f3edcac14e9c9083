"""The gate: which records count at all, decided from the record alone, so that every reader decides alike.

This is `unusable(r)` of the checkpoint protocol. The worker, the truth and `check` all go through here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Protocol

from city.event import AHEAD_NS, Decoder, Event, Reason, Tick, UnusableError
from city.instant import nanoseconds
from city.partition import partition_of
from city.remembered import Remembered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from city.event import Headers

_PLAIN_BYTES: Final = 1_024  # a body this short nests too little to need the careful way
_SOURCES_REMEMBERED: Final = 65_536
_BINARY_HEADERS: Final = 4  # binary mode carries at least specversion, type, source and id
_SOURCE = re.compile(r"[\w.~:/?#@!$&'()*+;%\[\]-]+", re.ASCII)


class Admit(Protocol):
    """Decodes one record and holds it against every rule that needs nothing but the record."""

    def __call__(
        self, value: bytes | None, key: bytes | None, headers: Headers, stamped: int | None
    ) -> tuple[Any, int, int]:
        """Judge one record.

        Args:
            value: the record's value.
            key: its key; must be its event's area in a log.
            headers: its headers; `ce_…` in binary mode.
            stamped: the record's own timestamp (ns), None where there is none.

        Returns:
            The event (a subclass of `Event`, or a `Tick`), its `time` and when it was heard (both ns).

        Raises:
            UnusableError: with the reason from the closed list.
        """
        ...


class Gate:
    """Admits the records of one topic, and of one partition of it where the caller reads a real log.

    Args:
        types: the event types of the topic.
        areas: every area code an event may name.
        place: `(partition, partition count)`; None for a file of events, which has no keys and partitions yet.
    """

    def __init__(
        self, types: tuple[type[Event], ...], areas: Iterable[str], place: tuple[int, int] | None = None
    ) -> None:
        self._areas = frozenset(areas)
        self.admit = self._admitter(Decoder(types), place)

    def _admitter(self, decoder: Decoder, place: tuple[int, int] | None) -> Admit:  # noqa: C901 - one rule a branch
        """`admit`, with all it needs at hand: an attribute for each would cost the hot path a twentieth."""
        placed, areas, misplaced = place is not None, self._areas, self._misplaced
        here = {
            area.encode(): area for area in areas if place is None or partition_of(area.encode(), place[1]) == place[0]
        }.get
        parse, decode = decoder.parse, decoder.decode
        sources = Remembered(well_formed, _SOURCES_REMEMBERED)

        def admit(
            value: bytes | None, key: bytes | None, headers: Headers, stamped: int | None
        ) -> tuple[Any, int, int]:
            event: Any
            if value is None or len(value) > _PLAIN_BYTES or len(headers) >= _BINARY_HEADERS:
                event = decode(value, headers)
            else:
                try:
                    event = parse(value)
                except Exception:  # noqa: BLE001 - whatever it was, the careful way names it
                    event = decode(value, headers)
            recorded = event.recordedtime
            try:
                time = nanoseconds(event.time)
                heard = stamped if recorded is None else nanoseconds(recorded)
            except ValueError as error:
                raise UnusableError(Reason.WRONG_FIELD, str(error)) from None
            if heard is None:
                heard = time
            elif stamped is not None and heard > stamped + AHEAD_NS:
                raise UnusableError(Reason.RECORDED_AHEAD, f"recordedtime {recorded} is later than its record")
            if type(event) is Tick:
                return event, time, heard
            if time > heard + AHEAD_NS:
                raise UnusableError(Reason.CLOCK_AHEAD, f"time {event.time} is later than it was recorded")
            if (key is None or here(key) != event.area) and (placed or event.area not in areas):
                raise misplaced(event.area, key)
            if not sources[event.source]:
                raise UnusableError(Reason.WRONG_FIELD, f"source is not a URI reference: {event.source!r}")
            return event, time, heard

        return admit

    def _misplaced(self, area: str, key: bytes | None) -> UnusableError:
        if area not in self._areas:
            return UnusableError(Reason.UNKNOWN_AREA, f"area {area!r} is not in the city")
        if key != area.encode():
            return UnusableError(Reason.WRONG_KEY, f"key {key!r} is not the area {area!r}")
        return UnusableError(Reason.WRONG_PARTITION, f"area {area!r} does not live in this partition")


def well_formed(source: str) -> bool:
    """Whether `source` is made of the characters of a URI reference: it becomes a tag, so nothing may hide in it."""
    return _SOURCE.fullmatch(source) is not None
