"""Time zones of `tz('Area/City')`: how far local time is ahead of UTC, and when that changes. All times in ns."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from embedded.store.errors import QueryError

_SECOND = 10**9
_MARGIN = 400 * 86_400 * _SECOND  # a window may begin so long before the first time asked for
_KNOWN_YEARS = (1970, 2070)
_STEP = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Zone:
    """`offsets[0]` holds before `changes[0]`, `offsets[1]` from then on, and so forth; before 1970 as in 1970."""

    name: str
    changes: tuple[int, ...]
    offsets: tuple[int, ...]

    def offset(self, time: int) -> int:
        """How far local time is ahead of UTC then."""
        return self.offsets[bisect_right(self.changes, time)]

    def within(self, start: int | None, stop: int) -> Zone:
        """The zone with only the changes that concern times from `start`, or ever, to `stop`."""
        low = 0 if start is None else bisect_right(self.changes, start - _MARGIN)
        high = bisect_right(self.changes, stop + _MARGIN)
        return Zone(self.name, self.changes[low:high], self.offsets[low : high + 1])

    def to_utc(self, local: int) -> int:
        """The moment that a clock on the wall shows as `local`."""
        guess = local - self.offset(local)
        return local - self.offset(guess)

    def window(self, time: int, interval: int, offset: int) -> int:
        """The start of the window of a time, as `IteratorOptions.Window` of InfluxDB finds it."""
        shifted = time - offset
        ahead = self.offset(shifted)
        start = time - (shifted + ahead) % interval
        moved = ahead - self.offset(start)
        return start + moved if abs(moved) < interval else start

    def after(self, window: int, interval: int, *, descending: bool) -> int:
        """The start of the window that follows, as InfluxDB's fill finds it: an hour more or less at a change."""
        following = window - interval if descending else window + interval
        moved = self.offset(window) - self.offset(following - 1)
        return following + moved if abs(moved) < interval else following


@cache
def zone_of(name: str) -> Zone:
    """The zone of that name.

    Raises:
        QueryError: there is none.
    """
    try:
        info = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise QueryError(f"unable to find time zone {name}") from error
    changes, offsets = [], [_offset(info, datetime(_KNOWN_YEARS[0], 1, 1, tzinfo=UTC))]
    moment = datetime(_KNOWN_YEARS[0], 1, 1, tzinfo=UTC)
    while moment.year < _KNOWN_YEARS[1]:
        if _offset(info, moment + _STEP) != offsets[-1]:
            changes.append(_first(info, moment, offsets[-1]))
            offsets.append(_offset(info, moment + _STEP))
        moment += _STEP
    return Zone(name, tuple(changes), tuple(offsets))


def _offset(info: ZoneInfo, moment: datetime) -> int:
    ahead = moment.astimezone(info).utcoffset()
    return 0 if ahead is None else round(ahead.total_seconds()) * _SECOND


def _first(info: ZoneInfo, moment: datetime, offset: int) -> int:
    """When, within one step after `moment`, the offset is another."""
    low, high = int(moment.timestamp()), int((moment + _STEP).timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(info, datetime.fromtimestamp(middle, UTC)) == offset:
            low = middle
        else:
            high = middle
    return high * _SECOND
