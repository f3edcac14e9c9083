"""The gate: which records count at all, decided from the record alone, so that every reader decides alike.

This is `unusable(r)` of the checkpoint protocol. The worker, the truth and `check` all go through here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

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
        decoder = Decoder(types)
        self._placed = place is not None
        self._parse = decoder.parse
        self._decode = decoder.decode
        self._areas = frozenset(areas)
        self._well_formed = Remembered(well_formed, _SOURCES_REMEMBERED)
        self._here = {
            area.encode(): area
            for area in self._areas
            if place is None or partition_of(area.encode(), place[1]) == place[0]
        }

    def admit(
        self, value: bytes | None, key: bytes | None, headers: Headers, stamped: int | None
    ) -> tuple[Any, int, int]:
        """Decode one record and hold it against every rule that needs nothing but the record.

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
        event: Any
        if value is None or len(value) > _PLAIN_BYTES or len(headers) >= _BINARY_HEADERS:
            event = self._decode(value, headers)
        else:
            try:
                event = self._parse(value)
            except Exception:  # noqa: BLE001 - whatever it was, the careful way names it
                event = self._decode(value, headers)
        try:
            time = nanoseconds(event.time)
            recorded = event.recordedtime
            heard = nanoseconds(recorded) if recorded is not None else stamped
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
        if (key is None or self._here.get(key) != event.area) and (self._placed or event.area not in self._areas):
            raise self._misplaced(event.area, key)
        if not self._well_formed[event.source]:
            raise UnusableError(Reason.WRONG_FIELD, f"source is not a URI reference: {event.source!r}")
        return event, time, heard

    def _misplaced(self, area: str, key: bytes | None) -> UnusableError:
        if area not in self._areas:
            return UnusableError(Reason.UNKNOWN_AREA, f"area {area!r} is not in the city")
        if key != area.encode():
            return UnusableError(Reason.WRONG_KEY, f"key {key!r} is not the area {area!r}")
        return UnusableError(Reason.WRONG_PARTITION, f"area {area!r} does not live in this partition")


def well_formed(source: str) -> bool:
    """Whether `source` is made of the characters of a URI reference: it becomes a tag, so nothing may hide in it."""
    return _SOURCE.fullmatch(source) is not None
